// The line of steps: subscribe ▸ enrich ▸ publish. A raw batch is acknowledged only after the enriched one is.
import type { IncomingMessage, Publisher } from '@netbehave/broker'
import {
  decodeFlowBatch,
  encodeFlowBatch,
  type FlowBatch,
  FlowBatchError,
  isSubjectToken,
  SUBJECTS,
} from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import type { Enrich } from './enrich.ts'
import type { EnricherCounters } from './metrics.ts'

export interface EnricherNeighbours {
  readonly publisher: Publisher
  readonly enrich: Enrich
  readonly counters: EnricherCounters
  readonly limitedLog: LimitedLog
  /** Enriched batches on their way at most; further reading waits. */
  readonly maxInFlight: number
}

/** Returns what to do with each message of the stream of raw flows. */
export function createEnricher({ publisher, enrich, counters, limitedLog, maxInFlight }: EnricherNeighbours) {
  const inFlight = new Set<Promise<void>>()

  return async function onMessage(message: IncomingMessage): Promise<void> {
    const batch = readBatch(message)
    if (batch === undefined) return
    counters.batches++
    counters.flows += batch.length
    if (message.redelivered) counters.redelivered++
    const sending = publishEnriched(message, enrich(batch)).finally(() => inFlight.delete(sending))
    inFlight.add(sending)
    if (inFlight.size >= maxInFlight) await Promise.race(inFlight)
  }

  /** The sender is the subject's site; a batch that says otherwise is refused like one that cannot be read. */
  function readBatch(message: IncomingMessage): FlowBatch | undefined {
    try {
      const batch = decodeFlowBatch(message.bytes)
      const { site } = batch.fields
      if (!isSubjectToken(site) || message.subject !== SUBJECTS.flowsRaw(site))
        throw new FlowBatchError(`site "${site}" on subject ${message.subject}`)
      return batch
    } catch (error) {
      if (!(error instanceof FlowBatchError)) throw error
      counters.refused++
      limitedLog(
        'refused',
        { step: 'subscribe', subject: message.subject, sequence: message.sequence },
        `batch from ${message.subject} refused: ${error.message}`,
      )
      message.term(error.message)
      return undefined
    }
  }

  async function publishEnriched(message: IncomingMessage, batch: FlowBatch): Promise<void> {
    const acknowledged = await publisher.push({
      subject: SUBJECTS.flowsEnriched(batch.fields.site),
      // One enriched message for one raw message, however often it is delivered.
      id: `${message.streamCreatedMs}-${message.sequence}`,
      bytes: encodeFlowBatch(batch),
      flows: batch.length,
    })
    if (acknowledged) message.ack()
    // else it was dropped at the stop: not acknowledged, so it is delivered again
  }
}
