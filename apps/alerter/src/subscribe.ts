// Step subscribe: messages of EVENTS, gathered to batches that are taken in by one transaction each, then acknowledged. In: messages.
// Fails: never; a message that is no event is ended, a store that cannot write is tried again, and nothing is acknowledged meanwhile.
import type { IncomingMessage } from '@netbehave/broker'
import type { LimitedLog } from '@netbehave/service'
import type { AlerterCounters } from './counters.ts'
import { type AlertEvent, RefusedEvent, readEvent } from './read-event.ts'

export interface SubscriptionOptions {
  /** Takes events in, all or none. Throws when it cannot. */
  readonly takeIn: (events: readonly AlertEvent[]) => void
  readonly counters: AlerterCounters
  readonly limitedLog: LimitedLog
  readonly retryMs?: number
}

export interface Subscription extends AsyncDisposable {
  onMessage(message: IncomingMessage): Promise<void>
}

/** Events of one transaction at most, so that a flood is not one sync of the disk for each. */
const BATCH_EVENTS = 256
const LINGER_MS = 10
const RETRY_MS = 2_000

export function createSubscription(options: SubscriptionOptions): Subscription {
  const { takeIn, counters, limitedLog, retryMs = RETRY_MS } = options
  const stop = Promise.withResolvers<void>()
  let stopped = false
  let gathered: { event: AlertEvent; ack: () => void }[] = []
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  async function onMessage(message: IncomingMessage): Promise<void> {
    const event = read(message)
    if (event === undefined) return
    gathered.push({ event, ack: message.ack })
    if (gathered.length < BATCH_EVENTS) timer ??= setTimeout(begin, LINGER_MS)
    else await flush()
  }

  function read(message: IncomingMessage): AlertEvent | undefined {
    try {
      return readEvent(message.subject, message.bytes)
    } catch (error) {
      if (!(error instanceof RefusedEvent)) throw error
      counters.refusedEvents++
      limitedLog(
        'refused',
        { step: 'subscribe', subject: message.subject, sequence: message.sequence },
        `a message on ${message.subject} is no event: ${error.message}`,
      )
      message.term(error.message)
      return undefined
    }
  }

  const begin = (): void => void flush()

  /** One batch is on its way at most. */
  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (running !== undefined) await running
    running ??= takeInUntilDone().finally(() => {
      running = undefined
    })
    await running
  }

  async function takeInUntilDone(): Promise<void> {
    const batch = gathered
    gathered = []
    while (batch.length > 0) {
      try {
        takeIn(batch.map(({ event }) => event))
        for (const { ack } of batch) ack()
        return
      } catch (error) {
        counters.storeFailures++
        const why = (error as Error).message
        limitedLog('store', { err: error }, `cannot keep events, nothing is lost, trying again: ${why}`)
        if (stopped) return // not acknowledged: delivered again
        await Promise.race([stop.promise, new Promise((resolve) => setTimeout(resolve, retryMs))])
      }
    }
  }

  return {
    onMessage,
    async [Symbol.asyncDispose]() {
      stopped = true
      stop.resolve()
      await flush()
    },
  }
}
