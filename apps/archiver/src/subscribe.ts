// Reading the stream of enriched flows: bytes → batch → sink. A message is acknowledged, each by itself, only after the flush
// that holds it. (Acknowledging the newest for all before it would lose flows: what a killed archiver held is delivered again
// only after its successor got newer messages.)
import type { IncomingMessage } from '@netbehave/broker'
import { decodeFlowBatch, type FlowBatch, FlowBatchError } from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import type { ArchiverCounters } from './metrics.ts'
import type { Sink } from './sink.ts'

export interface SubscribeNeighbours {
  readonly sink: Sink
  readonly counters: ArchiverCounters
  readonly limitedLog: LimitedLog
  /** Makes everything lasting; resolves when it is, however long that takes. Rejects only when the archiver stops. */
  readonly flush: () => Promise<void>
  /** Begins a flush without waiting for it. */
  readonly beginFlush: () => void
  /** Messages that may wait for their acknowledgement before a flush begins; below the consumer's own limit. */
  readonly maxUnacknowledged: number
}

export interface Subscription {
  onMessage(message: IncomingMessage): Promise<void>
  /** What to acknowledge when a flush that begins now has succeeded. */
  takeUnacknowledged(): Unacknowledged
}

export interface Unacknowledged {
  /** Acknowledges every message of the flush. */
  ack(): void
}

export function createSubscription(neighbours: SubscribeNeighbours): Subscription {
  const { sink, counters, limitedLog, flush, beginFlush, maxUnacknowledged } = neighbours
  /** Acknowledgements alone: the messages' bytes are not kept. */
  let unacknowledged: (() => void)[] = []

  async function onMessage(message: IncomingMessage): Promise<void> {
    const { sequence, streamCreatedMs } = message
    const batch = readBatch(message)
    if (batch === undefined) return
    if (sink.mustFlushBefore(batch.length, streamCreatedMs) && !(await flushed())) return
    const outcome = sink.write(batch, sequence, streamCreatedMs)
    counters.batches++
    if (outcome === 'staged') counters.flows += batch.length
    unacknowledged.push(message.ack)
    if (unacknowledged.length >= maxUnacknowledged || sink.mustFlushBefore(1, streamCreatedMs)) beginFlush()
  }

  /** False when the archiver stops before it could write: the message stays unacknowledged and is delivered again. */
  const flushed = (): Promise<boolean> =>
    flush().then(
      () => true,
      () => false,
    )

  function readBatch(message: IncomingMessage): FlowBatch | undefined {
    try {
      return decodeFlowBatch(message.bytes)
    } catch (error) {
      if (!(error instanceof FlowBatchError)) throw error
      const { subject, sequence } = message
      counters.refused++
      limitedLog('refused', { step: 'subscribe', subject, sequence }, `batch from ${subject} refused: ${error.message}`)
      message.term(error.message)
      return undefined
    }
  }

  return {
    onMessage,
    takeUnacknowledged() {
      const acknowledgements = unacknowledged
      unacknowledged = []
      return {
        ack() {
          for (const acknowledge of acknowledgements) acknowledge()
        },
      }
    },
  }
}
