// Child processes of tests and benchmarks: killed by their own pid and never left behind.
// In: program and arguments. Fails: a child that ends early rejects what waits for it, with its last words.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'

/** Characters of output that are kept. */
const KEPT = 200_000
const STOP_MS = 20_000

export interface Child extends AsyncDisposable {
  readonly pid: number
  readonly stdout: string
  readonly stderr: string
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  readonly isRunning: boolean
  /** The first line of stdout (or stderr) that fits; rejects when the child ends before. */
  line(fits: (line: string) => boolean, from?: 'stdout' | 'stderr'): Promise<string>
  signal(signal: NodeJS.Signals): void
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>
}

/** Starts `node FILE ARGS`; disposing ends it with SIGTERM, then SIGKILL. */
export function startNode(file: string, args: readonly string[] = [], options: SpawnOptions = {}): Child {
  return startChild(process.execPath, [file, ...args], options)
}

export function startChild(program: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const text = { stdout: '', stderr: '' }
  let waiting: (() => void)[] = []
  const wake = () => {
    for (const resolve of waiting) resolve()
    waiting = []
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] = (text[name] + chunk).slice(-KEPT)
      wake()
    })
  }
  let end: number | string | undefined
  const ended = new Promise<number | string>((resolve) => {
    const finish = (how: number | string) => {
      end ??= how
      wake()
      resolve(end)
    }
    child.once('error', (error) => finish(error.message))
    child.once('close', (code, signal) => finish(signal ?? code ?? 'unknown'))
  })

  async function line(fits: (line: string) => boolean, from: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
    for (;;) {
      const found = text[from].split('\n').slice(0, -1).find(fits)
      if (found !== undefined) return found
      if (end !== undefined) throw new Error(`${args.join(' ')} ended (${end}) before that line: ${text.stderr}`)
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }

  return {
    get pid() {
      return child.pid!
    },
    get stdout() {
      return text.stdout
    },
    get stderr() {
      return text.stderr
    },
    ended,
    get isRunning() {
      return end === undefined
    },
    line,
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Pids of a process' children, those of all its threads. Linux. */
export async function childPids(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  )
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
}

/** Does a process with this pid exist (and is no zombie)? Linux. */
export async function isProcessAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
}
