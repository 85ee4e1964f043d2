// A nats-server of our own as a child process: for `netbehave up` and for tests. In: folder, configuration.
// Fails: NatsServerError with one sentence, when the program is missing or ends before it listens.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { logFileOf } from './roles/server-config.ts'

export interface NatsServerOptions {
  /** The program. */
  readonly binary: string
  /** Folder for configuration, ports file and log; must exist, and the configuration must name it (`dir`). */
  readonly dir: string
  /** The whole configuration (`hubConfig`); written to `nats.conf` in the folder. */
  readonly config: string
}

export interface NatsServer extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Resolves with a reason when the process ended, wanted or not. */
  readonly ended: Promise<string>
  /** SIGKILL, for tests of crashes. */
  kill(): void
}

export class NatsServerError extends Error {
  override readonly name = 'NatsServerError'
}

const START_MS = 20_000

export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const configFile = join(options.dir, 'nats.conf')
  const logFile = logFileOf(options.dir)
  await rm(logFile, { force: true })
  // A site's has its key in it.
  await rm(configFile, { force: true })
  await writeFile(configFile, options.config, { mode: 0o600 })
  // detached: Ctrl-C goes to the whole foreground group, and the broker must outlive what the apps still have to say.
  const child = spawn(options.binary, ['-c', configFile], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  const stderr: Buffer[] = []
  child.stderr.on('data', (bytes: Buffer) => stderr.length < 50 && stderr.push(bytes))
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`cannot run ${options.binary}: ${error.message}`))
    child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `ended with code ${code}`))
  })
  const url = await Promise.race([
    readPortsFile(options.dir, child),
    ended.then(async (reason) => {
      throw new NatsServerError(`nats-server did not start: ${await lastWords(reason, logFile, stderr)}`)
    }),
  ])
  return {
    url,
    pid: child.pid!,
    ended,
    kill: () => void child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      // SIGUSR2 would be lame duck mode; SIGTERM syncs JetStream and ends.
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 8_000)
      await ended
      clearTimeout(timer)
    },
  }
}

/** `nats-server_<pid>.ports` appears once it listens. */
async function readPortsFile(dir: string, child: ChildProcess): Promise<string> {
  const path = join(dir, `nats-server_${child.pid}.ports`)
  const giveUpAt = performance.now() + START_MS
  while (performance.now() < giveUpAt && child.exitCode === null) {
    const text = await readFile(path, 'utf8').catch(() => '')
    const url = text.endsWith('}') ? (JSON.parse(text) as { nats?: string[] }).nats?.[0] : undefined
    if (url) return url
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  if (child.exitCode !== null) return new Promise(() => {}) // the exit tells the reason
  child.kill('SIGKILL')
  throw new NatsServerError(`nats-server did not listen within ${START_MS / 1000} s`)
}

async function lastWords(reason: string, logFile: string, stderr: Buffer[]): Promise<string> {
  const log = await readFile(logFile, 'utf8').catch(() => '')
  const lines = `${Buffer.concat(stderr).toString()}\n${log}`
    .split('\n')
    .filter((line) => /\[FTL\]|\[ERR\]|nats-server:/.test(line))
  const last = lines.at(-1)?.replace(/^.*\[(FTL|ERR)\] /, '')
  return last ? `${last} (${reason})` : reason
}
