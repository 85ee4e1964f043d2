// Reading a durable pull consumer, one message at a time, for as long as the app runs. In: messages of a stream.
// Fails: never; a broker that is away, a stream that is not there yet or was made anew is waited for.

import type { ConsumerMessages, JetStreamClient, JsMsg } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { ConsumerSpec } from '@netbehave/schema'
import type { Broker, BrokerLog } from './connect.ts'
import { streamMadeMs } from './streams.ts'

export interface IncomingMessage {
  readonly bytes: Uint8Array
  readonly subject: string
  /** Sequence in the stream. */
  readonly sequence: number
  /** When the stream was made, epoch ms: sequences of another stream of the same name start over. */
  readonly streamCreatedMs: number
  readonly redelivered: boolean
  /** "Done". May be kept and called later: it does not hold the message. */
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
        // A broker that was never there must not hold up the stop.
        const js = await Promise.race([broker.jetstream(), stop.promise])
        if (js) await readUntilEnd(js)
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
    const streamCreatedMs = streamMadeMs(await stream.info())
    const consumer = await js.consumers.get(spec.stream, spec.durable)
    const connection = await broker.connected
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
        ack: acknowledgement(connection, replyOf(message)),
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

/** Made apart from the message, whose bytes would be kept with it. */
const acknowledgement = (connection: NatsConnection, reply: string) => (): void => {
  if (!connection.isClosed()) connection.publish(reply, '+ACK')
}

/** Where its acknowledgement goes; the client's interface does not name it, every message has it. */
const replyOf = (message: JsMsg): string => (message as JsMsg & { readonly reply: string }).reply
