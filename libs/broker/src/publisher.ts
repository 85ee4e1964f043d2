// Publishing that waits for the stream's acknowledgement and repeats until it has it. In: messages with an id.
// Bounded: at most `maxInFlight` on the way and `maxBytes` held; when full the oldest message goes, and is counted.
import { JetStreamApiError, type JetStreamClient } from '@nats-io/jetstream'
import type { Broker, BrokerLog } from './connect.ts'

export interface OutgoingMessage {
  readonly subject: string
  /** The stream stores one message per id within its deduplication window, so repeating is safe. */
  readonly id: string
  readonly bytes: Uint8Array
  /** Flows in it, for the counters. */
  readonly flows: number
  /** Called before `push` resolves when the stream had one of this id that did not come from here. */
  readonly onTakenBefore?: () => void
}

export interface PublisherOptions {
  /** Messages sent and not yet acknowledged, at most. */
  readonly maxInFlight?: number
  /** Bytes held, sent or not, until acknowledged. */
  readonly maxBytes?: number
  readonly ackTimeoutMs?: number
  /** How long `asyncDispose` waits for acknowledgements. */
  readonly closeMs?: number
}

export interface PublisherCounters {
  acknowledged: number
  acknowledgedFlows: number
  repeated: number
  dropped: number
  droppedFlows: number
  /** Now held. */
  heldMessages: number
  heldBytes: number
}

export interface Publisher extends AsyncDisposable {
  readonly counters: PublisherCounters
  /** Takes a message; resolves true once the stream has it, false when it had to be dropped. Never rejects. */
  push(message: OutgoingMessage): Promise<boolean>
  /** Resolves when nothing is held. */
  idle(): Promise<void>
}

interface Held {
  readonly message: OutgoingMessage
  readonly settle: (acknowledged: boolean) => void
  state: 'waiting' | 'sent' | 'gone'
}

export const PUBLISHER_DEFAULTS = {
  maxInFlight: 64,
  maxBytes: 64 * 1024 * 1024,
  ackTimeoutMs: 5_000,
  closeMs: 5_000,
} as const
const RETRY_MS = { first: 100, most: 2_000 }

export function createPublisher(broker: Broker, log: BrokerLog, options: PublisherOptions = {}): Publisher {
  const limits = { ...PUBLISHER_DEFAULTS, ...options }
  const counters: PublisherCounters = {
    acknowledged: 0,
    acknowledgedFlows: 0,
    repeated: 0,
    dropped: 0,
    droppedFlows: 0,
    heldMessages: 0,
    heldBytes: 0,
  }
  /** All held messages, oldest first. */
  const held = new Set<Held>()
  /** Those not yet sent, oldest first. */
  const waiting: Held[] = []
  let idleWaiters: (() => void)[] = []
  let inFlight = 0
  let closed = false
  let failing = false
  let js: JetStreamClient | undefined
  broker.jetstream().then(
    (client) => {
      js = client
      sendWaiting()
    },
    () => {},
  )

  function push(message: OutgoingMessage): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const entry: Held = { message, settle: resolve, state: 'waiting' }
    held.add(entry)
    counters.heldMessages++
    counters.heldBytes += message.bytes.length
    waiting.push(entry)
    while (counters.heldBytes > limits.maxBytes && held.size > 1) drop(held.values().next().value!)
    sendWaiting()
    return promise
  }

  function drop(entry: Held): void {
    counters.dropped++
    counters.droppedFlows += entry.message.flows
    release(entry, false)
  }

  function release(entry: Held, acknowledged: boolean): void {
    if (!held.delete(entry)) return
    entry.state = 'gone'
    counters.heldMessages--
    counters.heldBytes -= entry.message.bytes.length
    entry.settle(acknowledged)
    if (held.size > 0) return
    for (const resolve of idleWaiters) resolve()
    idleWaiters = []
  }

  function sendWaiting(): void {
    while (js !== undefined && inFlight < limits.maxInFlight && waiting.length > 0) {
      const entry = waiting.shift()!
      if (entry.state === 'gone') continue
      entry.state = 'sent'
      void send(js, entry)
    }
  }

  async function send(client: JetStreamClient, entry: Held): Promise<void> {
    inFlight++
    let waitMs = RETRY_MS.first
    let isRepeated = false
    while (entry.state === 'sent' && !closed) {
      try {
        const { subject, bytes, id, onTakenBefore } = entry.message
        const { duplicate } = await client.publish(subject, bytes, { msgID: id, timeout: limits.ackTimeoutMs })
        // One that is repeated may have met itself.
        if (duplicate && !isRepeated) onTakenBefore?.()
        if (failing) log.info({ subject }, 'the stream takes messages again')
        failing = false
        counters.acknowledged++
        counters.acknowledgedFlows += entry.message.flows
        release(entry, true)
        break
      } catch (error) {
        counters.repeated++
        isRepeated = true
        if (!failing && !closed)
          log.warn({ err: error, heldBytes: counters.heldBytes }, describePublishFault(error as Error))
        failing = true
        await new Promise((resolve) => setTimeout(resolve, waitMs))
        waitMs = Math.min(waitMs * 2, RETRY_MS.most)
      }
    }
    inFlight--
    sendWaiting()
  }

  return {
    counters,
    push,
    idle: () => (held.size === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve))),
    async [Symbol.asyncDispose]() {
      const idle = held.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => idleWaiters.push(resolve))
      let timer: NodeJS.Timeout | undefined
      await Promise.race([
        idle,
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, limits.closeMs)
        }),
      ])
      clearTimeout(timer)
      closed = true
      if (held.size > 0) {
        log.error(
          { messages: held.size, bytes: counters.heldBytes },
          'stopped with messages that the broker has not acknowledged',
        )
      }
      for (const entry of [...held]) drop(entry)
    },
  }
}

function describePublishFault(error: Error): string {
  if (error instanceof JetStreamApiError) return `the stream refused a message: ${error.message}; holding and repeating`
  return `a message was not acknowledged (${error.message}); holding and repeating`
}
