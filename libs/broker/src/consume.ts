// Reading a durable pull consumer, one message at a time, for as long as the app runs. In: messages of a stream.
// Fails: never; a broker that is away, a stream that is not there yet or was made anew is waited for.

import type { ConsumerMessages, JetStreamClient } from '@nats-io/jetstream'
import type { ConsumerSpec } from '@netbehave/schema'
import type { Broker, BrokerLog } from './connect.ts'

export interface IncomingMessage {
  readonly bytes: Uint8Array
  readonly subject: string
  /** Sequence in the stream. */
  readonly sequence: number
  /** When the stream was made, epoch ms: sequences of another stream of the same name start over. */
  readonly streamCreatedMs: number
  readonly redelivered: boolean
  /** "Done"; with an ack-all consumer everything before it too. */
  ack(): void
  /** "Never again": for what cannot be understood. */
  term(reason: string): void
  /** "Once more, later." */
  nak(delayMs: number): void
}

export interface ConsumeOptions {
  /** Messages asked for ahead. */
  readonly maxMessages?: number
}

const RETRY_MS = 1_000

/** Calls `onMessage` for one message after the other, awaiting each; disposing stops asking and waits for the last. */
export function consume(
  broker: Broker,
  spec: ConsumerSpec,
  log: BrokerLog,
  onMessage: (message: IncomingMessage) => void | Promise<void>,
  options: ConsumeOptions = {},
): AsyncDisposable {
  const maxMessages = options.maxMessages ?? 64
  const stop = Promise.withResolvers<void>()
  let stopped = false
  let messages: ConsumerMessages | undefined
  let complained = false

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        await readUntilEnd(await broker.jetstream())
      } catch (error) {
        if (stopped) return
        if (!complained) {
          log.warn(
            { err: error, stream: spec.stream },
            `cannot read stream ${spec.stream} (${(error as Error).message}); trying again`,
          )
        }
        complained = true
      }
      await Promise.race([stop.promise, new Promise((resolve) => setTimeout(resolve, RETRY_MS))])
    }
  }

  async function readUntilEnd(js: JetStreamClient): Promise<void> {
    const stream = await js.streams.get(spec.stream)
    const streamCreatedMs = Date.parse((await stream.info()).created)
    const consumer = await js.consumers.get(spec.stream, spec.durable)
    if (stopped) return
    messages = await consumer.consume({ max_messages: maxMessages, abort_on_missing_resource: true })
    if (stopped) return
    complained = false
    for await (const message of messages) {
      await onMessage({
        bytes: message.data,
        subject: message.subject,
        sequence: message.seq,
        streamCreatedMs,
        redelivered: message.redelivered,
        ack: () => message.ack(),
        term: (reason) => message.term(reason),
        nak: (delayMs) => message.nak(delayMs),
      })
      if (stopped) break
    }
  }

  const running = run()
  return {
    async [Symbol.asyncDispose]() {
      stopped = true
      stop.resolve()
      await messages?.close()
      await running
    },
  }
}
