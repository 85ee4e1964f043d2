// Step publish: events leave the outbox when the stream has them. In: a kick after each change. Out: `events.asset.new|changed`, each under
// its own message id, and lines in ipam.new. Killed at any moment, what is left in the outbox is sent at the next start.
import type { Publisher } from '@netbehave/broker'
import { type AssetEvent, SUBJECTS } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import type { IpamCounters } from './metrics.ts'
import type { NewLog } from './new-log.ts'
import type { Outbox, WaitingEvent } from './outbox.ts'

export interface OutboxPublisher extends AsyncDisposable {
  /** There may be events. */
  kick(): void
  /** Resolves when the outbox is empty, or the publisher is closed. */
  idle(): Promise<void>
}

export interface OutboxPublisherOptions {
  readonly db: Database
  readonly outbox: Outbox
  /** Closed with this. */
  readonly publisher: Publisher
  readonly newLog: NewLog
  readonly counters: IpamCounters
  readonly limitedLog: (key: string, fields: object, message: string) => void
}

/** Events on their way at a time. */
const EVENTS_AT_ONCE = 64
/** After the database failed. */
const RETRY_MS = 5_000

export function publishOutbox(options: OutboxPublisherOptions): OutboxPublisher {
  const { db, outbox, publisher, newLog, counters, limitedLog } = options
  const readLogged = db.prepare<[], string>("SELECT value FROM meta WHERE key = 'logged'").pluck()
  const writeLogged = db.prepare<[string]>("UPDATE meta SET value = ? WHERE key = 'logged'")
  let running: Promise<void> = Promise.resolve()
  let isRunning = false
  let isWanted = false
  let closed = false
  let retry: NodeJS.Timeout | undefined

  async function drain(): Promise<void> {
    try {
      while (isWanted && !closed) {
        isWanted = false
        await sendAll()
      }
    } catch (error) {
      limitedLog('outbox', { err: error }, `events wait and are tried again: ${(error as Error).message}`)
      retry = setTimeout(kick, RETRY_MS).unref()
    } finally {
      isRunning = false
    }
  }

  async function sendAll(): Promise<void> {
    for (let batch = outbox.take(EVENTS_AT_ONCE); batch.length > 0 && !closed; batch = outbox.take(EVENTS_AT_ONCE)) {
      await logNew(batch)
      const acknowledged = await Promise.all(batch.map(send))
      outbox.remove(batch.filter((_, i) => acknowledged[i]).map(({ sequence }) => sequence))
    }
  }

  async function logNew(batch: readonly WaitingEvent[]): Promise<void> {
    const logged = Number(readLogged.get())
    const unlogged = batch.filter(({ change, sequence }) => change === 'new' && sequence > logged)
    if (unlogged.length === 0) return
    try {
      await newLog.append(unlogged.map(({ json }) => JSON.parse(json) as AssetEvent))
      counters.logged += unlogged.length
    } catch (error) {
      counters.logFailures += unlogged.length
      limitedLog('new-log', { err: error }, `ipam.new cannot be written: ${(error as Error).message}`)
    }
    writeLogged.run(String(unlogged.at(-1)!.sequence))
  }

  function send({ id, change, json }: WaitingEvent): Promise<boolean> {
    const subject = change === 'new' ? SUBJECTS.assetNew : SUBJECTS.assetChanged
    return publisher.push({ subject, id, bytes: Buffer.from(json), flows: 0 })
  }

  function kick(): void {
    isWanted = true
    if (isRunning || closed) return
    isRunning = true
    running = drain()
  }

  return {
    kick,
    async idle() {
      while (isRunning) await running
    },
    async [Symbol.asyncDispose]() {
      closed = true
      clearTimeout(retry)
      await publisher[Symbol.asyncDispose]() // settles what is on its way, for good or not
      await running
    },
  }
}
