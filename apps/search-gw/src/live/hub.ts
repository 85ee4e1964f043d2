// Enriched batches → everybody who watches. One subscription on the broker for the whole process, and only while somebody watches;
// each batch is decoded once. When there is no time to look at everything, batches are passed over, counted and told.
import type { Broker } from '@netbehave/broker'
import { decodeFlowBatch, FlowBatchError } from '@netbehave/schema'
import { BatchRows } from './batch-rows.ts'
import type { Subscription } from './subscription.ts'

/** Who shows rows: told when there may be some, and every second. */
export interface Watcher {
  readonly subscriptions: Iterable<Subscription>
  /** Sends what is there, when the time has come. */
  flush(nowMs: number): void
  /** Once a second. */
  tick(nowMs: number): void
}

export interface LiveCounters {
  batches: number
  flows: number
  refusedBatches: number
  skippedFlows: number
  sentRows: number
  droppedFlows: number
  slowClosed: number
  badMessages: number
  refusedSockets: number
}

export const createLiveCounters = (): LiveCounters => ({
  batches: 0,
  flows: 0,
  refusedBatches: 0,
  skippedFlows: 0,
  sentRows: 0,
  droppedFlows: 0,
  slowClosed: 0,
  badMessages: 0,
  refusedSockets: 0,
})

export interface HubOptions {
  readonly broker: Broker
  readonly counters: LiveCounters
  readonly now: () => number
  readonly onFault: (error: Error) => void
  /** CPU time: `performance.now`, apart from `now` so that tests can say how long a batch took. */
  readonly clock?: () => number
}

/** Of every second, so much may go into looking at batches; the rest is for everything else that the gateway does. */
const BUSY_MS = 700
/** Every site, which is one token: the role may subscribe to this and not to `>`. */
const EVERY_SITE = 'flows.enriched.*'
const FLUSH_EVERY_MS = 20
const TICK_EVERY_MS = 1000

export interface LiveHub extends Disposable {
  watch(watcher: Watcher): Disposable
  readonly watchers: number
}

export function createLiveHub({
  broker,
  counters,
  now,
  onFault,
  clock = () => performance.now(),
}: HubOptions): LiveHub {
  const watchers = new Set<Watcher>()
  let listening: Disposable | undefined
  let flushing: NodeJS.Timeout | undefined
  let ticking: NodeJS.Timeout | undefined
  let secondEndsAt = 0
  let busyMs = 0

  function onMessage(bytes: Uint8Array): void {
    const startedAt = clock()
    if (startedAt >= secondEndsAt) {
      secondEndsAt = startedAt + 1000
      busyMs = 0
    }
    const rows = decode(bytes)
    if (rows) {
      counters.batches++
      counters.flows += rows.batch.length
      const isSkipped = busyMs >= BUSY_MS
      if (isSkipped) counters.skippedFlows += rows.batch.length
      for (const { subscriptions } of watchers)
        for (const subscription of subscriptions) {
          if (isSkipped) subscription.skip(rows.batch.length)
          else subscription.offer(rows)
        }
      flushAll()
    }
    busyMs += clock() - startedAt
  }

  function decode(bytes: Uint8Array): BatchRows | undefined {
    try {
      return new BatchRows(decodeFlowBatch(bytes), now())
    } catch (error) {
      if (!(error instanceof FlowBatchError)) throw error
      counters.refusedBatches++
      onFault(error)
      return undefined
    }
  }

  function flushAll(): void {
    const nowMs = now()
    for (const watcher of watchers) watcher.flush(nowMs)
  }

  function start(): void {
    listening = broker.subscribe(EVERY_SITE, onMessage)
    flushing = setInterval(flushAll, FLUSH_EVERY_MS)
    ticking = setInterval(() => {
      const nowMs = now()
      for (const watcher of watchers) watcher.tick(nowMs)
    }, TICK_EVERY_MS)
  }

  function stop(): void {
    listening?.[Symbol.dispose]()
    listening = undefined
    clearInterval(flushing)
    clearInterval(ticking)
  }

  return {
    get watchers() {
      return watchers.size
    },
    watch(watcher) {
      watchers.add(watcher)
      if (watchers.size === 1) start()
      return {
        [Symbol.dispose]() {
          if (watchers.delete(watcher) && watchers.size === 0) stop()
        },
      }
    },
    [Symbol.dispose]() {
      watchers.clear()
      stop()
    },
  }
}
