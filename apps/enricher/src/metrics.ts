// Every counter of the enricher.
import type { Broker, Publisher } from '@netbehave/broker'
import { countConnections, metricsOf } from '@netbehave/service'
import type { Registry } from 'prom-client'
import type { AlertTable } from './alert-table.ts'
import type { EnrichCounters } from './enrich.ts'
import type { LookUpCounters } from './look-up.ts'
import { LOOK_UP_SERVICES, type LookUps } from './look-ups.ts'
import type { Match } from './match.ts'
import type { SightingReports } from './report-sightings.ts'
import type { RuleFiles } from './rule-files.ts'
import type { SightTable } from './sight.ts'

export interface EnricherCounters extends EnrichCounters {
  batches: number
  flows: number
  redelivered: number
  /** Messages that are no valid batch. */
  refused: number
}

export const createCounters = (): EnricherCounters => ({
  batches: 0,
  flows: 0,
  redelivered: 0,
  refused: 0,
  sides: 0,
  misses: 0,
  named: 0,
})

export interface EnricherMetrics {
  readonly counters: EnricherCounters
  readonly lookUps: LookUps
  readonly sights: SightTable
  readonly sightings: SightingReports
  readonly match: Match
  readonly ruleFiles: RuleFiles
  readonly alerts: AlertTable
  readonly publisher: Publisher
  readonly brokers: readonly Broker[]
}

export function registerMetrics(registry: Registry, of: EnricherMetrics): void {
  const { counter, gauge, counterBy } = metricsOf(registry, 'enricher')
  counter('subscribe_batches_total', 'batches read', () => of.counters.batches)
  counter('subscribe_redelivered_total', 'batches that were delivered again', () => of.counters.redelivered)
  counter('subscribe_refused_total', 'messages that are no valid batch', () => of.counters.refused)
  counter('enrich_flows_total', 'flows enriched', () => of.counters.flows)
  counter('enrich_sides_total', 'sides of flows looked for in the caches', () => of.counters.sides)
  counter('enrich_misses_total', 'sides of flows for which a cache had no entry', () => of.counters.misses)
  counter('enrich_named_total', 'sides of flows that got a name', () => of.counters.named)
  const byService = <T>(read: (service: (typeof LOOK_UP_SERVICES)[number]) => T) =>
    new Map(LOOK_UP_SERVICES.map((service) => [service, read(service)]))
  const lookUp = (name: string, help: string, read: (of: LookUpCounters) => number) =>
    counterBy('service', name, help, () => byService((service) => read(of.lookUps.counters(service))))
  lookUp('enrich_look_ups_total', 'requests to other services', (counters) => counters.requests)
  lookUp('enrich_look_up_addresses_total', 'addresses asked for', (counters) => counters.asked)
  lookUp('enrich_look_up_faults_total', 'requests without an answer', (counters) => counters.faults)
  lookUp(
    'enrich_look_up_left_out_total',
    'addresses not asked for: the service is away or slow',
    (counters) => counters.leftOut,
  )
  lookUp('enrich_look_up_waits_total', 'batches that waited for a service', (counters) => counters.waits)
  lookUp(
    'enrich_look_up_waited_seconds_total',
    'time that batches waited for a service',
    (counters) => counters.waitedMs / 1000,
  )
  lookUp(
    'enrich_look_up_late_total',
    'batches that went on without waiting longer (lookUpWaitMs)',
    (counters) => counters.late,
  )
  gauge('enrich_cache_entries', 'addresses and names in memory', () => of.lookUps.size())
  counter('enrich_cache_evicted_total', 'addresses forgotten for want of room', () => of.lookUps.evicted())
  counter('enrich_name_resets_total', 'times that the names were forgotten because events were missed', () =>
    of.lookUps.resets(),
  )
  gauge('sight_addresses', 'local addresses in memory', () => of.sights.size)
  counter(
    'sight_left_out_flows_total',
    'flows of local addresses for which there was no room (sightAddresses)',
    () => of.sights.leftOut,
  )
  counter('sight_told_total', 'sightings that the asset service took', () => of.sightings.counters.told)
  counter('sight_faults_total', 'requests that the asset service did not answer', () => of.sightings.counters.faults)
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
  countConnections(registry, 'enricher', () => of.brokers)
  gauge('publish_held_bytes', 'bytes of enriched batches not yet acknowledged', () => of.publisher.counters.heldBytes)
}
