// Running other programs: captured for the steps, handed over for the command itself.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs a program to its end and returns what it wrote. Never throws: a program that is not there has code 127.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options] timeoutMs: killed after that
 * @returns {Promise<{ code: number, stdout: string, output: string }>} output: stdout and stderr in order of arrival
 */
export function capture(program, args, { cwd, env, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      killSignal: 'SIGKILL',
      ...(cwd && { cwd }),
      ...(env && { env }),
      ...(timeoutMs && { timeout: timeoutMs }),
    })
    let stdout = ''
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.on('error', (error) => resolve({ code: 127, stdout, output: output + error.message }))
    child.on('close', (code, signal) => resolve({ code: code ?? signalCode(signal), stdout, output }))
  })
}

/**
 * Runs the command that all this was for, in place of this process where Node can do that (22.15 and later): no second
 * process stays in memory, and signals and exit code need no passing on. Elsewhere as a child with the same terminal.
 * @param {string} program absolute path
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export function handOver(program, args, env) {
  if (process.execve) return process.execve(program, [program, ...args], /** @type {Record<string, string>} */ (env))
  const child = spawn(program, args, { stdio: 'inherit', env })
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGINT'])) {
    process.on(signal, () => {
      // Ctrl-C reaches the child from the terminal itself; a second SIGINT would mean "at once" to it.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    process.stderr.write(`netbehave: cannot run ${program}: ${error.message}\n`)
    process.exit(127)
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? signalCode(signal)
  })
}

/** The shell's convention for a program that a signal ended. @param {NodeJS.Signals | null} signal */
function signalCode(signal) {
  return signal ? 128 + constants.signals[signal] : 1
}
