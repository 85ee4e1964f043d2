// History as the gateway asks it: so many questions at once, with a time limit, interrupted when the asker leaves. DuckDB is loaded
// with the first question and let go when nobody asked for a while. Fails: GateFullError, and what libs/history throws.
import {
  type DuckDb,
  type History,
  openCatalogToRead,
  openDuckDb,
  openHistory,
  paths,
  type QueryContext,
} from '@netbehave/history'
import { Gate } from '../gate.ts'

export interface ArchiveOptions {
  readonly dataDir: string
  readonly timeLimitMs: number
  readonly atOnce: number
  readonly waiting: number
  readonly memoryLimitMb: number
  readonly threads: number
  /** How long after the last question the memory is given back. */
  readonly idleMs?: number
}

const IDLE_MS = 5 * 60_000
/** Whole files take longer than a question that somebody waits for. */
const FILE_LIMIT_MS = 3_600_000
/** What streams files and buckets needs little memory. */
const FILE_MEMORY_MB = 96

export interface Archive extends AsyncDisposable {
  readonly gate: Gate
  /** Runs one question. */
  ask<T>(work: (history: History) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** What needs no DuckDB: days and their sizes. */
  readonly history: History
  /** A context for queries of one's own; undefined when nothing was archived yet. Take a place of the gate first, dispose it after. */
  context(kind: 'question' | 'file', signal: AbortSignal): Promise<(QueryContext & Disposable) | undefined>
  readonly isLoaded: boolean
}

export function openArchive(options: ArchiveOptions): Archive {
  const { dataDir, timeLimitMs, memoryLimitMb, threads, idleMs = IDLE_MS } = options
  const gate = new Gate(options)
  const open = () => openHistory({ dataDir, timeLimitMs, memoryLimitMb, threads })
  let history = open()
  let duckDb: Promise<DuckDb> | undefined
  let used = 0
  let isLoaded = false
  let idle: NodeJS.Timeout | undefined

  function use(): Disposable {
    used++
    isLoaded = true
    clearTimeout(idle)
    return {
      [Symbol.dispose]() {
        if (--used > 0) return
        idle = setTimeout(() => void letGo(), idleMs)
        idle.unref()
      },
    }
  }

  async function letGo(): Promise<void> {
    const old = history
    const oldDuckDb = duckDb
    history = open()
    duckDb = undefined
    isLoaded = false
    await old[Symbol.asyncDispose]()
    ;(await oldDuckDb?.catch(() => undefined))?.[Symbol.dispose]()
  }

  return {
    gate,
    get history() {
      return history
    },
    get isLoaded() {
      return isLoaded
    },
    async ask(work, signal) {
      using _place = await gate.enter(signal)
      using _use = use()
      return await work(history)
    },
    async context(kind, signal) {
      const catalog = openCatalogToRead(dataDir)
      if (!catalog) return undefined
      const using_ = use()
      try {
        duckDb ??= openDuckDb({
          directories: [paths.flows(dataDir)],
          temporaryDirectory: `${paths.temporary(dataDir)}/gateway-${process.pid}`,
          memoryLimitMb: FILE_MEMORY_MB,
          threads,
        })
        return {
          dataDir,
          catalog,
          duckDb: await duckDb,
          timeLimitMs: kind === 'file' ? FILE_LIMIT_MS : timeLimitMs,
          signal,
          [Symbol.dispose]() {
            catalog[Symbol.dispose]()
            using_[Symbol.dispose]()
          },
        }
      } catch (error) {
        catalog[Symbol.dispose]()
        using_[Symbol.dispose]()
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(idle)
      await letGo()
      await history[Symbol.asyncDispose]()
    },
  }
}
