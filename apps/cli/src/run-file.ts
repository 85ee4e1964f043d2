// `<data>/run/netbehave.json`: where a running copy of NetBehave can be reached. `up` writes it, the other commands read it.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface RunFile {
  /** Of `netbehave up`. */
  readonly pid: number
  /** Address of the broker, `nats://…`. */
  readonly nats: string
  /** Folder with the keys of the broker's roles. */
  readonly keys?: string
  readonly natsPid: number
  /** Address of the web server, and those that take flows; absent while they start. */
  readonly http?: string
  readonly collector?: readonly string[]
  /** Epoch ms. */
  readonly startedMs: number
  /** At a site: the hub, HOST:PORT, and whether there is a line to it since then (epoch ms). */
  readonly hub?: { readonly address: string; readonly isThere?: boolean; readonly sinceMs?: number }
  /** The apps that were started. */
  readonly apps?: readonly string[]
  /** Each app once, or as often as it was started. */
  readonly instances?: readonly { readonly app: string; readonly instance: string }[]
  /** How often each app or nats-server ended unasked since the start. */
  readonly deaths: Readonly<Record<string, number>>
}

export const runFilePath = (dataDir: string): string => join(dataDir, 'run', 'netbehave.json')

/** Complete or not at all: written beside and renamed. Throws the operating system's error. */
export function writeRunFile(dataDir: string, content: RunFile): void {
  const path = runFilePath(dataDir)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}

/** What the last start wrote, of a copy that may be gone; undefined without one. */
export function readRunFile(dataDir: string): RunFile | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(runFilePath(dataDir), 'utf8'))
    return isRunFile(content) ? content : undefined
  } catch {
    return undefined // none, or half of one after a power failure: the same as none
  }
}

export function removeRunFile(dataDir: string): void {
  rmSync(runFilePath(dataDir), { force: true })
}

/** The copy that runs on this folder now; undefined when none does. */
export function findRunningCopy(dataDir: string): RunFile | undefined {
  const content = readRunFile(dataDir)
  return content && isAlive(content.pid) ? content : undefined
}

/** Is there a process of this id? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function isRunFile(content: unknown): content is RunFile {
  const { pid, nats, natsPid } = (content ?? {}) as Partial<RunFile>
  return Number.isInteger(pid) && pid! > 0 && typeof nats === 'string' && Number.isInteger(natsPid)
}
