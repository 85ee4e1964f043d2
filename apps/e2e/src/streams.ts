// Looking into the streams of a running broker, as an operator does: what is kept, what waits, and the messages themselves.
import { type ConsumerInfo, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { until } from '@netbehave/bench'
import type { Broker } from '@netbehave/broker'
import { CONSUMERS, type ConsumerSpec, decodeFlowBatch, type FlowBatch, type StreamName } from '@netbehave/schema'

const NANOS_PER_MS = 1_000_000
/** Those that flows go through. */
const { enricher, archiver } = CONSUMERS
const READERS = { enricher, archiver }

const managerOf = async (broker: Broker): Promise<JetStreamManager> =>
  jetstreamManager(await broker.connected, { checkAPI: false })

/** Messages of a stream that was not pruned yet. */
export async function messageCount(broker: Broker, stream: StreamName): Promise<number> {
  return (await (await managerOf(broker)).streams.info(stream)).state.messages
}

/**
 * After how long the broker delivers again what a dead reader had: its setting is minutes, so that a slow reader is not
 * taken for a dead one; a test that kills readers does not want to wait for that.
 */
export async function setAckWait(broker: Broker, ackWaitMs: Readonly<Record<keyof typeof READERS, number>>) {
  const manager = await managerOf(broker)
  for (const [name, spec] of Object.entries(READERS) as [keyof typeof READERS, ConsumerSpec][]) {
    await manager.consumers.update(spec.stream, spec.durable, { ack_wait: ackWaitMs[name] * NANOS_PER_MS })
  }
}

/** Waits until enricher and archiver have acknowledged everything that is in their streams. */
export async function untilAllRead(broker: Broker, timeoutMs: number): Promise<void> {
  const manager = await managerOf(broker)
  let last: ConsumerInfo[] = []
  await until(
    'enricher and archiver have read everything',
    async () => {
      last = await Promise.all(
        Object.values(READERS).map((spec) => manager.consumers.info(spec.stream, spec.durable)),
      ).catch(() => [])
      return last.length > 0 && last.every((info) => info.num_pending === 0 && info.num_ack_pending === 0)
    },
    { timeoutMs, lastSeen: () => last.map(({ num_pending, num_ack_pending }) => ({ num_pending, num_ack_pending })) },
  )
}

/** Every batch of a stream, in order. */
export async function readStream(
  broker: Broker,
  stream: StreamName,
  onBatch: (batch: FlowBatch) => void,
): Promise<void> {
  const expected = await messageCount(broker, stream)
  if (expected === 0) return
  const consumer = await (await broker.jetstream()).consumers.get(stream)
  const messages = await consumer.consume()
  let seen = 0
  for await (const message of messages) {
    onBatch(decodeFlowBatch(message.data))
    if (++seen === expected) break
  }
  await messages.close()
}
