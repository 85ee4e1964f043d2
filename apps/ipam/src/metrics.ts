// Every counter of the asset service.
import type { Broker, Publisher, Service } from '@netbehave/broker'
import { countConnections, metricsOf } from '@netbehave/service'
import type { Registry } from 'prom-client'
import type { Leases } from './ask-leases.ts'
import type { Hear } from './hear.ts'
import type { Outbox } from './outbox.ts'
import type { Room } from './room.ts'

export interface IpamCounters {
  sightings: number
  added: number
  /** Sightings that were not taken, by reason. */
  readonly refused: Map<string, number>
  /** Assets that went because their site was full. */
  evicted: number
  events: number
  portsGone: number
  macsGone: number
  macsIgnored: number
  routerMacs: number
  heard: number
  hostnames: number
  edits: number
  forgotten: number
  imported: number
  logged: number
  logFailures: number
}

export const createCounters = (): IpamCounters => ({
  sightings: 0,
  added: 0,
  refused: new Map(),
  evicted: 0,
  events: 0,
  portsGone: 0,
  macsGone: 0,
  macsIgnored: 0,
  routerMacs: 0,
  heard: 0,
  hostnames: 0,
  edits: 0,
  forgotten: 0,
  imported: 0,
  logged: 0,
  logFailures: 0,
})

export function countRefusal(counters: IpamCounters, reason: string): void {
  counters.refused.set(reason, (counters.refused.get(reason) ?? 0) + 1)
}

/** What is read when the metrics are. */
export interface IpamSources {
  readonly counters: IpamCounters
  readonly room: Room
  readonly outbox: Outbox
  readonly hear: Hear
  readonly leases: Leases
  readonly publisher: Publisher
  readonly service: Service
  readonly brokers: readonly Broker[]
}

export function registerMetrics(registry: Registry, sources: IpamSources): void {
  const metrics = metricsOf(registry, 'ipam')
  const { counters } = sources
  metrics.gauge('assets', 'assets that are kept', () => sources.room.assets)
  metrics.counter('sight_sightings_total', 'sightings of local addresses', () => counters.sightings)
  metrics.counter('sight_added_total', 'addresses that were not known before', () => counters.added)
  metrics.counterBy(
    'reason',
    'sight_refused_total',
    'sightings not taken: no address of one device, no room, or events that wait',
    () => counters.refused,
  )
  metrics.counter('sight_evicted_total', 'assets that went because their site was full', () => counters.evicted)
  metrics.counter('sight_ports_gone_total', 'ports that went because an asset had many', () => counters.portsGone)
  metrics.counter('sight_macs_gone_total', 'MACs that went because an asset had many', () => counters.macsGone)
  metrics.counter('sight_macs_ignored_total', 'MACs that are no device of their own', () => counters.macsIgnored)
  metrics.counter('sight_router_macs_total', "MACs found to be a router's", () => counters.routerMacs)
  metrics.counter(
    'hear_names_total',
    'what was told of addresses: names of leases, hosts files and own zones, leases',
    () => counters.heard,
  )
  metrics.counter('hear_leases_total', 'leases had from dns-ingest', () => sources.leases.taken)
  metrics.counter('hear_changes_total', 'host names that an asset got', () => counters.hostnames)
  metrics.counter(
    'hear_dropped_total',
    'host names dropped: too many at once, or of too many addresses',
    () => sources.hear.dropped,
  )
  metrics.counter('edit_edits_total', 'edits of people', () => counters.edits)
  metrics.counter('edit_forgotten_total', 'assets that people made us forget', () => counters.forgotten)
  metrics.counter('edit_imported_total', 'assets added or changed by an import', () => counters.imported)
  metrics.counter('outbox_events_total', 'events written', () => counters.events)
  metrics.gauge('outbox_events', 'events that the broker has not acknowledged', () => sources.outbox.waiting)
  metrics.counter('outbox_published_total', 'events acknowledged', () => sources.publisher.counters.acknowledged)
  metrics.counter('outbox_repeats_total', 'events sent again', () => sources.publisher.counters.repeated)
  metrics.counter('new_log_lines_total', 'lines in ipam.new', () => counters.logged)
  metrics.counter('new_log_failures_total', 'lines that could not be written', () => counters.logFailures)
  metrics.counter('service_requests_total', 'requests', () => sources.service.counters.requests)
  metrics.counterBy('code', 'service_faults_total', 'requests answered with a fault', () =>
    [...sources.service.counters.faults].map(([code, count]) => [String(code), count] as const),
  )
  countConnections(registry, 'ipam', () => sources.brokers)
}
