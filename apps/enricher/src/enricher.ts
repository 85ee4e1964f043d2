// The line of steps: subscribe ▸ enrich ▸ sight ▸ match ▸ publish. A raw batch is acknowledged only after the enriched one is, and the events
// that it gave rise to.
import type { IncomingMessage, Publisher } from '@netbehave/broker'
import {
  decodeFlowBatch,
  encodeFlowBatch,
  type FlowBatch,
  FlowBatchError,
  isSubjectToken,
  type RuleMatchEvent,
  SUBJECTS,
} from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import { type AlertTable, ruleMatchId } from './alert-table.ts'
import { BufferPool } from './buffer-pool.ts'
import type { Enrich } from './enrich.ts'
import type { Match, Matched } from './match.ts'
import type { EnricherCounters } from './metrics.ts'
import type { SightTable } from './sight.ts'

export interface EnricherNeighbours {
  readonly publisher: Publisher
  readonly enrich: Enrich
  readonly sights: SightTable
  readonly match: Match
  readonly alerts: AlertTable
  readonly counters: EnricherCounters
  readonly limitedLog: LimitedLog
  readonly now: () => number
  /** Batches between reading and acknowledgement at most; further reading waits. */
  readonly maxInFlight: number
}

export interface Enricher extends Disposable {
  /** What to do with each message of the stream of raw flows. */
  onMessage(message: IncomingMessage): Promise<void>
}

/** How often it is looked for matches that were not told of in their minute. */
const DUE_INTERVAL_MS = 1000

/** Disposing it hands what was not told to the publisher. */
export function createEnricher(neighbours: EnricherNeighbours): Enricher {
  const { publisher, enrich, sights, match, alerts, counters, limitedLog, now, maxInFlight } = neighbours
  const inFlight = new Set<Promise<void>>()
  const buffers = new BufferPool()
  /** Events on their way. */
  const telling = new Set<Promise<boolean>>()
  const timer = setInterval(() => tellAll(alerts.due(now())), DUE_INTERVAL_MS)
  timer.unref()

  async function onMessage(message: IncomingMessage): Promise<void> {
    const batch = readBatch(message)
    if (batch === undefined) return
    counters.batches++
    counters.flows += batch.length
    if (message.redelivered) counters.redelivered++
    const working = finish(message, enrich(batch)).finally(() => inFlight.delete(working))
    inFlight.add(working)
    if (inFlight.size >= maxInFlight) await Promise.race(inFlight)
  }

  /** A batch that waits for look-ups holds up no other. */
  async function finish(message: IncomingMessage, enriched: FlowBatch | Promise<FlowBatch>): Promise<void> {
    const batch = enriched instanceof Promise ? await enriched : enriched
    sights.note(batch)
    await publish(message, match.match(batch, message.redelivered, now()))
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

  async function publish(message: IncomingMessage, { batch, events }: Matched): Promise<void> {
    const sent = events.map((event) => tell(event, message.redelivered))
    const bytes = encodeFlowBatch(batch, buffers.take)
    // Its events may have been made when it came before, and still be on their way.
    if (message.redelivered) sent.push(...telling)
    sent.push(
      publisher.push({
        subject: SUBJECTS.flowsEnriched(batch.fields.site),
        // One enriched message for one raw message, however often it is delivered.
        id: `${message.streamCreatedMs}-${message.sequence}`,
        bytes,
        flows: batch.length,
      }),
    )
    const isSent = (await Promise.all(sent)).every(Boolean)
    buffers.give(bytes)
    if (isSent) message.ack()
    // else something was dropped at the stop: not acknowledged, so it is delivered again
  }

  function tellAll(events: readonly RuleMatchEvent[]): void {
    for (const event of events) void tell(event)
  }

  /** At most one of a rule, source and minute in all: what another enricher has told of is told in a later minute. */
  function tell(event: RuleMatchEvent, redelivered = false): Promise<boolean> {
    const bytes = new TextEncoder().encode(JSON.stringify(event))
    // Made of a batch that came before, it may be the one that an enricher told then.
    const onTakenBefore = redelivered ? () => {} : () => alerts.takeBack(event)
    const sending = publisher
      .push({ subject: SUBJECTS.ruleMatch, id: ruleMatchId(event), bytes, flows: 0, onTakenBefore })
      .finally(() => telling.delete(sending))
    telling.add(sending)
    return sending
  }

  return {
    onMessage,
    [Symbol.dispose]() {
      clearInterval(timer)
      tellAll(alerts.rest())
    },
  }
}
