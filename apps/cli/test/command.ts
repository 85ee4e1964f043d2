// Runs the real command, or `up` with the fixtures' apps. In: arguments. Out: exit code and output.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { runProgram } from '../src/program.ts'
import { type RunFile, runFilePath } from '../src/run-file.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const UP_MAIN = fileURLToPath(new URL('./fixtures/up-main.ts', import.meta.url))
/** A command that takes longer hangs, however busy the machine is. */
const LONGEST_MS = 300_000

export interface Result {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export interface Running extends AsyncDisposable {
  readonly pid: number
  readonly stdout: string
  readonly stderr: string
  readonly ended: Promise<Result>
  signal(signal: NodeJS.Signals): void
  /** The first match in what was written so far or will be. Rejects when the command ends before. */
  until(pattern: RegExp, from?: 'stdout' | 'stderr'): Promise<RegExpExecArray>
}

export function startCommand(args: readonly string[], options: RunOptions = {}): Running {
  return start([MAIN, ...args], options)
}

/** From start to end, in this process, which saves the half second that each of some hundred would take to start. */
export async function runCommand(args: readonly string[], { env, cwd }: RunOptions = {}): Promise<Result> {
  if (cwd !== undefined) return runProcess(args, { ...(env && { env }), cwd })
  const [stdout, stderr] = [new Written(), new Written()]
  const environment = { env: { ...process.env, ...env }, stdin: Readable.from([]), stdout, stderr, now: Date.now }
  const code = await runProgram(args, { ...environment, stop: AbortSignal.timeout(LONGEST_MS) })
  return { code, stdout: stdout.text, stderr: stderr.text }
}

/** The same as a process of its own. */
export async function runProcess(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  await using command = startCommand(args, options)
  return await command.ended
}

class Written extends Writable {
  text = ''

  constructor() {
    super({ decodeStrings: false })
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** A shell script in which `"$@"` is the command: for redirections and limits. */
export async function runInShell(script: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  await using command = start(['-c', script, 'sh', process.execPath, MAIN, ...args], options, '/bin/sh')
  return await command.ended
}

/** `up` with the apps of the fixtures, on free ports. */
export function startFixtureUp(dataDir: string, more: Record<string, unknown> = {}, options: RunOptions = {}): Running {
  const flags = { data: dataDir, listen: ['127.0.0.1:0'], nats: '127.0.0.1:0', http: '127.0.0.1:0', ...more }
  return start([UP_MAIN, JSON.stringify(flags)], { cwd: dataDir, ...options })
}

function start(args: readonly string[], { env, cwd }: RunOptions, program = process.execPath): Running {
  const child: ChildProcess = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd && { cwd }),
  })
  const text = { stdout: '', stderr: '' }
  let waiting: (() => void)[] = []
  let result: Result | undefined
  const wake = () => {
    for (const resolve of waiting) resolve()
    waiting = []
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
      wake()
    })
  }
  const hangs = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
  const ended = new Promise<Result>((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(hangs)
      result = { code: code ?? signal ?? 'unknown', ...text }
      resolve(result)
      wake()
    })
  })
  return {
    pid: child.pid!,
    ended,
    get stdout() {
      return text.stdout
    },
    get stderr() {
      return text.stderr
    },
    signal: (signal) => void child.kill(signal),
    async until(pattern, from = 'stdout') {
      for (;;) {
        const match = pattern.exec(text[from])
        if (match) return match
        if (result) throw new Error(`ended with ${result.code} before ${pattern}: ${text.stdout}${text.stderr}`)
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await ended
      clearTimeout(late)
    },
  }
}

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'netbehave-cli-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export interface Ready {
  ready: true
  collector: string[]
  nats: string
  http: string
}

export async function untilReady(up: Running): Promise<Ready> {
  const [line] = await up.until(/^\{"ready".*\}$/m)
  return JSON.parse(line) as Ready
}

export const runFile = async (dataDir: string): Promise<RunFile> =>
  JSON.parse(await readFile(runFilePath(dataDir), 'utf8')) as RunFile

/** Is there a process of this pid that is no zombie? */
export async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !/^\d+ \(.*\) Z/s.test(stat)
}
