// Every counter of the enricher.
import type { Broker, Publisher } from '@netbehave/broker'
import { metricsOf } from '@netbehave/service'
import type { Registry } from 'prom-client'
import type { AlertTable } from './alert-table.ts'
import type { Match } from './match.ts'
import type { RuleFiles } from './rule-files.ts'

export interface EnricherCounters {
  batches: number
  flows: number
  redelivered: number
  /** Messages that are no valid batch. */
  refused: number
}

export const createCounters = (): EnricherCounters => ({ batches: 0, flows: 0, redelivered: 0, refused: 0 })

export interface EnricherMetrics {
  readonly counters: EnricherCounters
  readonly match: Match
  readonly ruleFiles: RuleFiles
  readonly alerts: AlertTable
  readonly publisher: Publisher
  readonly broker: Broker
}

export function registerMetrics(registry: Registry, of: EnricherMetrics): void {
  const { counter, gauge, counterBy } = metricsOf(registry, 'enricher')
  counter('subscribe_batches_total', 'batches read', () => of.counters.batches)
  counter('subscribe_redelivered_total', 'batches that were delivered again', () => of.counters.redelivered)
  counter('subscribe_refused_total', 'messages that are no valid batch', () => of.counters.refused)
  counter('enrich_flows_total', 'flows enriched', () => of.counters.flows)
  counterBy('rule', 'match_rule_flows_total', 'flows that rules of this name named', () => of.match.hitsByName())
  counter('match_unmatched_flows_total', 'flows that no rule named', () => of.match.unmatched)
  gauge('match_rules', 'rules in force', () => of.match.rules.length)
  gauge('match_rules_good', '1: the files of rules as they are now are in force; 0: they have mistakes', () =>
    of.ruleFiles.errors.length === 0 ? 1 : 0,
  )
  counter('match_rules_loads_total', 'times that rules were put in force', () => of.ruleFiles.counters.loads)
  counter('match_rules_errors_total', 'readings of files of rules with mistakes', () => of.ruleFiles.counters.refused)
  counter('match_alerts_total', 'events told of rules with an alert', () => of.alerts.counters.told)
  counter(
    'match_alerts_left_out_flows_total',
    'flows that matched a rule with an alert and for whose source there was no room (alertSources)',
    () => of.alerts.counters.leftOut,
  )
  gauge('match_alert_sources', 'pairs of rule and source that are remembered', () => of.alerts.size)
  counter(
    'publish_acknowledged_flows_total',
    'flows that the stream acknowledged',
    () => of.publisher.counters.acknowledgedFlows,
  )
  counter(
    'publish_repeated_total',
    'publishes repeated for want of an acknowledgement',
    () => of.publisher.counters.repeated,
  )
  counter('broker_disconnects_total', 'times the broker was lost', () => of.broker.counters.disconnects)
  counter('broker_errors_total', 'refusals by the broker', () => of.broker.counters.errors)
  gauge('publish_held_bytes', 'bytes of enriched batches not yet acknowledged', () => of.publisher.counters.heldBytes)
}
