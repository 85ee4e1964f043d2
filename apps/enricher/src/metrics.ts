// Every counter of the enricher.
import type { Broker, Publisher } from '@netbehave/broker'
import { metricsOf } from '@netbehave/service'
import type { Registry } from 'prom-client'

export interface EnricherCounters {
  batches: number
  flows: number
  redelivered: number
  /** Messages that are no valid batch. */
  refused: number
}

export const createCounters = (): EnricherCounters => ({ batches: 0, flows: 0, redelivered: 0, refused: 0 })

export function registerMetrics(
  registry: Registry,
  counters: EnricherCounters,
  publisher: Publisher,
  broker: Broker,
): void {
  const { counter, gauge } = metricsOf(registry, 'enricher')
  counter('subscribe_batches_total', 'batches read', () => counters.batches)
  counter('subscribe_redelivered_total', 'batches that were delivered again', () => counters.redelivered)
  counter('subscribe_refused_total', 'messages that are no valid batch', () => counters.refused)
  counter('enrich_flows_total', 'flows enriched', () => counters.flows)
  counter(
    'publish_acknowledged_flows_total',
    'flows that the stream acknowledged',
    () => publisher.counters.acknowledgedFlows,
  )
  counter(
    'publish_repeated_total',
    'publishes repeated for want of an acknowledgement',
    () => publisher.counters.repeated,
  )
  counter('broker_disconnects_total', 'times the broker was lost', () => broker.counters.disconnects)
  counter('broker_errors_total', 'refusals by the broker', () => broker.counters.errors)
  gauge('publish_held_bytes', 'bytes of enriched batches not yet acknowledged', () => publisher.counters.heldBytes)
}
