// The whole of NetBehave as a newcomer runs it: the real command as a child process, on free ports, in a folder of its own.
// In: options of `netbehave up`. Out: addresses, and the other commands asked beside it. Fails: Error with its last words.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, childPids, isProcessAlive, startChild, startNode, until } from '@netbehave/bench'
import { LAUNCHER, NETBEHAVE } from './programs.ts'
import { type CommandResult, runNetbehave } from './run-netbehave.ts'

export interface SystemOptions {
  /** Kept after the test when given; else a temporary folder that goes with the system. */
  readonly dataDir?: string
  readonly env?: Readonly<Record<string, string>>
  /** More arguments of `up`; `--listen` replaces the default of one free port on 127.0.0.1. */
  readonly args?: readonly string[]
  /** A program that runs `netbehave up` in its own place (`exec`), with its arguments. */
  readonly wrap?: readonly string[]
  /** A program under which `up` and every other command run, with its arguments: `ip netns exec NAME`. */
  readonly within?: readonly string[]
}

/** What `up --json` prints once. */
export interface ReadyLine {
  readonly ready: true
  readonly collector: readonly string[]
  readonly nats: string
  readonly http: string
}

export interface FlowSums {
  readonly flows: number
  readonly bytes: number
  readonly packets: number
}

export interface System extends AsyncDisposable {
  readonly dataDir: string
  readonly ready: ReadyLine
  /** `HOST:PORT` of the first UDP address. */
  readonly collector: string
  /** For `connectBroker`: where the broker is, and the keys of its roles. */
  readonly brokerAddress: { readonly brokerUrl: string; readonly brokerKeys: string }
  readonly pid: number
  readonly stderr: string
  /** A command of `netbehave` that finds this system by its data directory. */
  run(...args: string[]): Promise<CommandResult>
  /** A command that goes on until it is disposed (`tail`). */
  start(...args: string[]): Child
  /** `search --count`. */
  count(...args: string[]): Promise<FlowSums>
  /** `search -o json`: one object a line. */
  search(...args: string[]): Promise<Record<string, unknown>[]>
  /** Waits until `search --count` says at least so many flows. */
  untilFlows(flows: number, timeoutMs?: number): Promise<FlowSums>
  natsServerPid(): Promise<number>
  /** SIGTERM; the exit code. */
  stop(): Promise<number | string>
  /** SIGKILL to everything at once: the command, its nats-server, whatever else it started. */
  kill(): Promise<void>
  /** SIGKILL to the command alone, as an out-of-memory killer does. */
  killCommand(): Promise<void>
}

/** Several systems may start at once on a small machine. */
const READY_MS = 90_000

/** Starts a system and waits for its ready line. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'netbehave-e2e-')))
  const env = { ...process.env, NO_COLOR: '1', ...options.env }
  const args = [...(options.args ?? [])]
  if (!args.includes('--listen')) args.push('--listen', '127.0.0.1:0')
  const common = ['--data', dataDir, '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0', '--json']
  const spawnOptions = { cwd: dataDir, env }
  const { within = [] } = options
  const [program, ...programArgs] = [...within, ...(options.wrap ?? []), LAUNCHER, 'up', ...common, ...args]
  const child = startChild(program!, programArgs, spawnOptions)
  const timer = setTimeout(() => child.signal('SIGKILL'), READY_MS)
  let ready: ReadyLine
  try {
    ready = JSON.parse(await child.line((line) => line.startsWith('{"ready"'))) as ReadyLine
  } catch (error) {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    throw error
  } finally {
    clearTimeout(timer)
  }

  const start = (...commandArgs: string[]) => startNode(NETBEHAVE, [...commandArgs, '--data', dataDir], spawnOptions)
  const run = (...commandArgs: string[]): Promise<CommandResult> =>
    runNetbehave([...commandArgs, '--data', dataDir], {
      cwd: dataDir,
      within,
      ...(options.env && { env: options.env }),
    })
  async function output(...commandArgs: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...commandArgs)
    if (code !== 0) throw new Error(`netbehave ${commandArgs.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }
  const count = async (...conditions: string[]) =>
    JSON.parse(await output('search', '--count', ...conditions)) as FlowSums

  async function natsServerPid(): Promise<number> {
    return (JSON.parse(await readFile(join(dataDir, 'run', 'netbehave.json'), 'utf8')) as { natsPid: number }).natsPid
  }

  return {
    dataDir,
    ready,
    collector: ready.collector[0]!,
    brokerAddress: { brokerUrl: ready.nats, brokerKeys: join(dataDir, 'nats', 'keys') },
    pid: child.pid,
    get stderr() {
      return child.stderr
    },
    run,
    start,
    count,
    async search(...conditions) {
      const lines = (await output('search', '-o', 'json', ...conditions)).split('\n').filter(Boolean)
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    },
    async untilFlows(flows, timeoutMs = 60_000) {
      let last: FlowSums | undefined
      const enough = async () => {
        last = await count()
        return last.flows >= flows && last
      }
      return until(`history holds ${flows} flows`, enough, { timeoutMs, lastSeen: () => last })
    },
    natsServerPid,
    async stop() {
      child.signal('SIGTERM')
      return child.ended
    },
    async kill() {
      const pids = [...new Set([await natsServerPid(), ...(await childPids(child.pid))])]
      for (const pid of [child.pid, ...pids]) process.kill(pid, 'SIGKILL')
      await child.ended
      const areGone = async () => !(await Promise.all(pids.map(isProcessAlive))).includes(true)
      await until('its children are gone', areGone)
    },
    killCommand: () => child.kill(),
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
