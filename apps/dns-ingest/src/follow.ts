// One log, followed: tail ▸ parse ▸ join ▸ hand over, again and again. A batch is handed over with the place behind it; only what was
// taken is read past, so a stop at any moment loses nothing and repeats nothing.
import { type Entries, type LineProblem, LineSplitter, LogReader, MAX_LINE_BYTES } from '@netbehave/dns-log'
import type { LimitedLog, Log } from '@netbehave/service'
import type { LogFileConfig } from './config.ts'
import { BEFORE_BYTES, LogFile, lastBytes } from './log-file.ts'
import type { Tail, Tails } from './tails.ts'

export interface FollowCounters {
  /** Batches that could not be handed over at once. */
  failures: number
  /** Requests that were refused for good. */
  refused: number
}

/** Takes a batch and remembers the place behind it, both or neither. Throws when it could not; it is called again with the same. */
export type TakeBatch = (source: string, entries: Entries, tail: Tail, counters: FollowCounters) => void | Promise<void>

export interface FollowOptions {
  readonly config: LogFileConfig
  readonly tails: Tails
  readonly take: TakeBatch
  /** Nothing is read before. */
  readonly begin: Promise<unknown>
  readonly now: () => number
  readonly pollMs: number
  readonly log: Log
  readonly limitedLog: LimitedLog
  /** A fault of ours: whoever supervises starts again. */
  readonly fail: (error: Error) => void
}

export interface Follower extends AsyncDisposable {
  readonly file: string
  readonly log: LogFile
  readonly reader: LogReader
  readonly counters: FollowCounters
  problems(): ReadonlyMap<LineProblem, number>
}

/** Entries after which a batch is handed over though there is more to read. */
const BATCH_ENTRIES = 2000
/** The same, bytes: lines without any entry move the place, too. */
const BATCH_BYTES = 4 * 1024 * 1024
const RETRY_MS = 1000
/** At the stop a batch is tried for so long. */
const STOP_MS = 3000

export function follow({ config, tails, take, begin, now, pollMs, log, limitedLog, fail }: FollowOptions): Follower {
  const { file, source: kind } = config
  const saved = tails.read(file)
  const reader = new LogReader({ source: kind, latestMs: now, withoutTime: 'now' })
  reader.join.restore(saved.state)
  const splitter = new LineSplitter({ position: saved.position, isSkipping: saved.skipping })
  const counters: FollowCounters = { failures: 0, refused: 0 }
  const logFile = new LogFile(file, saved.inode !== '' ? saved : undefined, now, (error) =>
    limitedLog(`tail ${file}`, { err: error, file }, `cannot read the log ${file}: ${error.message}; trying again`),
  )
  /** Position at which the file as it is now begins. */
  let base = saved.position - saved.offset
  /** The newest bytes, at least those before `splitter.position` that are remembered. */
  let recent = saved.before
  let state = saved.state
  /** When the log was last seen to hold no more. */
  let seenMs = 0
  let waitingBytes = 0
  /** Is it saved which file it is? */
  let isKnown = saved.inode !== ''
  const stopping = new AbortController()

  const running = run().catch(fail)

  async function run(): Promise<void> {
    await begin
    let isThere: boolean | undefined
    while (!stopping.signal.aborted) {
      const beforeMs = now()
      const piece = await logFile.read()
      if (isThere !== logFile.isOpen) {
        isThere = logFile.isOpen
        if (isThere) onOpened()
        else log.warn({ file }, `there is no log ${file}; waiting for it`)
      }
      if (piece.kind === 'bytes') {
        splitter.push(piece.bytes, (line, position) => reader.read(line, position, seenMs))
        recent = lastBytes(recent, piece.bytes, MAX_LINE_BYTES + 1 + BEFORE_BYTES)
        waitingBytes += piece.bytes.length
        if (piece.isAll) seenMs = beforeMs
        if (piece.isAll || reader.join.size >= BATCH_ENTRIES || waitingBytes >= BATCH_BYTES) await handOver()
      } else if (piece.kind === 'fresh') {
        if (splitter.dropRest()) reader.countProblem('half-line')
        base = splitter.position
        recent = Buffer.alloc(0)
        waitingBytes++
        await handOver()
      } else {
        seenMs = beforeMs
        if (waitingBytes > 0) await handOver()
        await wait(pollMs)
      }
    }
    if (waitingBytes > 0) await handOver()
  }

  /** Which file it is is remembered before anything of it is handed over: it may be rotated before that succeeds. */
  function onOpened(): void {
    try {
      if (!isKnown) tails.save({ ...saved, inode: logFile.inode })
      isKnown = true
    } catch (error) {
      counters.failures++
      limitedLog(
        `save ${file}`,
        { err: error, file },
        `the place in ${file} cannot be saved: ${(error as Error).message}`,
      )
    }
    log.info({ file }, `reading the log ${file}`)
  }

  async function handOver(): Promise<void> {
    waitingBytes = 0
    isKnown = true
    const entries = reader.take()
    state = reader.join.save() ?? state
    const { position, isSkipping, restBytes } = splitter
    const end = recent.length - restBytes
    const before = recent.subarray(Math.max(0, end - BEFORE_BYTES), end)
    const tail = {
      file,
      source: saved.source,
      position,
      offset: position - base,
      before,
      inode: logFile.inode || saved.inode,
      skipping: isSkipping,
      state,
    }
    const giveUpAt = () => (stopping.signal.aborted ? stoppedAt + STOP_MS : Number.POSITIVE_INFINITY)
    for (;;) {
      try {
        await take(saved.source, entries, tail, counters)
        return
      } catch (error) {
        counters.failures++
        limitedLog(
          `store ${file}`,
          { err: error, file },
          `what $filesays cannot be handed over: $(error as Error).message; trying again`,
        )
        if (now() >= giveUpAt()) return // it is in the log, and is read again at the next start
        await wait(RETRY_MS)
      }
    }
  }

  let stoppedAt = 0
  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, stopping.signal.aborted ? Math.min(ms, 100) : ms)
      function done(): void {
        clearTimeout(timer)
        stopping.signal.removeEventListener('abort', done)
        resolve()
      }
      if (!stopping.signal.aborted) stopping.signal.addEventListener('abort', done)
    })
  }

  return {
    file,
    log: logFile,
    reader,
    counters,
    problems() {
      const all = new Map(reader.problems)
      if (splitter.tooLong > 0) all.set('line-length', splitter.tooLong)
      return all
    },
    async [Symbol.asyncDispose]() {
      stoppedAt = now()
      stopping.abort()
      await running
      await logFile.close()
    },
  }
}
