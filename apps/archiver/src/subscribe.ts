// Reading the stream of enriched flows: bytes → batch → sink. A message is acknowledged only after the flush that holds it,
// and with it everything before it (the consumer's policy is ack all).
// "Terminate" would, with that policy, acknowledge all flows before it that still wait in memory: a message that is no batch
// is handed on as done, and acknowledged in its turn.
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
  takeUnacknowledged(): Unacknowledged | undefined
}

export interface Unacknowledged {
  /** Acknowledges this message and all before it. */
  ack(): void
}

export function createSubscription(neighbours: SubscribeNeighbours): Subscription {
  const { sink, counters, limitedLog, flush, beginFlush, maxUnacknowledged } = neighbours
  let newest: IncomingMessage | undefined
  let waiting = 0

  async function onMessage(message: IncomingMessage): Promise<void> {
    const { sequence, streamCreatedMs } = message
    const batch = readBatch(message)
    const flows = batch?.length ?? 0
    if (sink.mustFlushBefore(flows, streamCreatedMs) && !(await flushed())) return
    if (batch) {
      const outcome = sink.write(batch, sequence, streamCreatedMs)
      counters.batches++
      if (outcome === 'staged') counters.flows += flows
    } else sink.skip(sequence, streamCreatedMs)
    newest = message
    waiting++
    if (waiting >= maxUnacknowledged || sink.mustFlushBefore(1, streamCreatedMs)) beginFlush()
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
      return undefined
    }
  }

  return {
    onMessage,
    takeUnacknowledged() {
      const message = newest
      newest = undefined
      waiting = 0
      return message
    },
  }
}
