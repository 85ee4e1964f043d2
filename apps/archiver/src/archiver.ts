// The line of steps: subscribe ▸ write (flush) ▸ merge ▸ close. Owns the timers and the one loop that tries a flush again.
// Stop: the caller stops reading first; then a last flush, its acknowledgement, and the archive is closed.
import type { IncomingMessage } from '@netbehave/broker'
import type { LimitedLog } from '@netbehave/service'
import type { Archive, ArchiveLog } from './archive.ts'
import type { ArchiverCounters } from './metrics.ts'
import { createSubscription } from './subscribe.ts'

export interface ArchiverOptions {
  readonly archive: Archive
  readonly counters: ArchiverCounters
  readonly log: ArchiveLog
  readonly limitedLog: LimitedLog
  readonly flushIntervalMs: number
  readonly maintenanceIntervalMs: number
  readonly maxUnacknowledged: number
  /** Wait between two tries of a flush. */
  readonly retryMs?: number
}

export interface Archiver extends AsyncDisposable {
  onMessage(message: IncomingMessage): Promise<void>
  /** Flushes until it succeeds, then acknowledges. Rejects when the archiver stops before. */
  flush(): Promise<void>
  /** From now on a flush that fails is not tried again: the first thing of a stop, so that nobody waits for a full disk. */
  giveUpRetrying(): void
}

const RETRY_MS = 5_000

export function createArchiver(options: ArchiverOptions): Archiver {
  const { archive, log, limitedLog, retryMs = RETRY_MS } = options
  const stop = Promise.withResolvers<void>()
  let stopping = false
  let running: Promise<void> | undefined
  let failing = false

  const subscription = createSubscription({
    sink: archive,
    counters: options.counters,
    limitedLog,
    flush,
    beginFlush,
    maxUnacknowledged: options.maxUnacknowledged,
  })
  // The process lives for its connection to the broker, not for these.
  const flushTimer = setInterval(beginFlush, options.flushIntervalMs).unref()
  const maintenanceTimer = setInterval(() => void archive.maintain(), options.maintenanceIntervalMs).unref()

  /** One flush is on its way at most; who comes meanwhile waits for the next one, which has what came meanwhile. */
  async function flush(): Promise<void> {
    if (running !== undefined) await running
    running ??= flushUntilDone().finally(() => {
      running = undefined
    })
    await running
  }

  function beginFlush(): void {
    if (running !== undefined) return
    flush().catch((error: Error) => {
      if (!stopping) log.error({ err: error }, `flush failed: ${error.message}`)
    })
  }

  async function flushUntilDone(): Promise<void> {
    const unacknowledged = subscription.takeUnacknowledged()
    for (;;) {
      try {
        await archive.flush()
        break
      } catch (error) {
        failing = true
        const why = (error as Error).message
        limitedLog('flush', { err: error, step: 'write' }, `cannot write flows, nothing is lost, trying again: ${why}`)
        if (stopping) throw error
        await Promise.race([stop.promise, new Promise((resolve) => setTimeout(resolve, retryMs))])
      }
    }
    unacknowledged.ack()
    if (failing) log.info({ step: 'write' }, 'flows are written again')
    failing = false
  }

  function giveUpRetrying(): void {
    stopping = true
    stop.resolve()
  }

  return {
    onMessage: subscription.onMessage,
    flush,
    giveUpRetrying,
    async [Symbol.asyncDispose]() {
      clearInterval(flushTimer)
      clearInterval(maintenanceTimer)
      giveUpRetrying()
      await running?.catch(() => {}) // logged where it was begun
      await flush()
    },
  }
}
