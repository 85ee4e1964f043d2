// Every counter of dns-ingest.
import type { Broker, Service } from '@netbehave/broker'
import { countConnections, metricsOf } from '@netbehave/service'
import type { Registry } from 'prom-client'
import type { Follower } from './follow.ts'
import type { ReplyEvents } from './publish.ts'
import type { RunCache } from './run-cache.ts'
import type { Store } from './store.ts'

export interface StoreCounters {
  /** Entries that were stored. */
  entries: number
  /** Entries that were sent again. */
  known: number
  /** Runs that began. */
  runs: number
  /** Answers that were older than what was known of their address. */
  late: number
  /** Rows removed for age or number. */
  pruned: number
}
export const createStoreCounters = (): StoreCounters => ({ entries: 0, known: 0, runs: 0, late: 0, pruned: 0 })

export interface DnsIngestMetrics {
  readonly followers: readonly Follower[]
  readonly counters: StoreCounters
  readonly store?: Store | undefined
  readonly cache?: RunCache | undefined
  readonly service?: Service | undefined
  readonly events?: ReplyEvents | undefined
  readonly brokers: readonly Broker[]
}

export function registerMetrics(registry: Registry, of: DnsIngestMetrics): void {
  const { counter, gauge, counterBy, gaugeBy } = metricsOf(registry, 'dns-ingest')
  const sum = (read: (follower: Follower) => number) => () =>
    of.followers.reduce((total, each) => total + read(each), 0)
  const byFile = (read: (follower: Follower) => number) => () =>
    of.followers.map((each) => [each.file, read(each)] as const)
  counter(
    'tail_bytes_total',
    'bytes read of logs',
    sum(({ log }) => log.counters.bytes),
  )
  counter(
    'tail_rotations_total',
    'times that a log was continued in another file',
    sum(({ log }) => log.counters.rotations),
  )
  counter(
    'tail_truncations_total',
    'times that a log became shorter',
    sum(({ log }) => log.counters.truncations),
  )
  counter(
    'tail_lost_total',
    'starts that found the log neither as it was nor rotated',
    sum(({ log }) => log.counters.lost),
  )
  counter(
    'tail_errors_total',
    'reads of logs that failed',
    sum(({ log }) => log.counters.errors),
  )
  gaugeBy(
    'file',
    'tail_is_there',
    '1 while the log is there',
    byFile(({ log }) => (log.isOpen ? 1 : 0)),
  )
  counter(
    'parse_lines_total',
    'lines read',
    sum(({ reader }) => reader.lines),
  )
  counter(
    'parse_skipped_lines_total',
    'lines that say nothing of names',
    sum(({ reader }) => reader.skipped),
  )
  counterBy('reason', 'parse_problems_total', 'lines dropped, by reason', () => {
    const reasons = new Map<string, number>()
    for (const { problems } of of.followers)
      for (const [reason, count] of problems()) reasons.set(reason, (reasons.get(reason) ?? 0) + count)
    return reasons
  })
  gauge(
    'join_waiting',
    'questions that wait for their answer',
    sum(({ reader }) => reader.join.pending),
  )
  counter(
    'join_evicted_total',
    'questions given up because too many waited',
    sum(({ reader }) => reader.join.counters.evicted),
  )
  counter(
    'join_expired_total',
    'questions that nothing answered in time',
    sum(({ reader }) => reader.join.counters.expired),
  )
  counter(
    'join_unasked_total',
    'answers of which nobody is known to have asked',
    sum(({ reader }) => reader.join.counters.unasked),
  )
  counter(
    'join_other_type_total',
    'answers that do not fit the type of their question',
    sum(({ reader }) => reader.join.counters.otherType),
  )
  counter('store_entries_total', 'entries stored', () => of.counters.entries)
  counter('store_known_total', 'entries that were sent again and changed nothing', () => of.counters.known)
  counter('store_runs_total', 'runs begun', () => of.counters.runs)
  counter('store_late_total', 'answers older than what was known of their address', () => of.counters.late)
  counter('store_pruned_rows_total', 'rows removed for age or number (keepDays, keepRows)', () => of.counters.pruned)
  counter(
    'store_failures_total',
    'batches that could not be stored or sent, and were tried again',
    sum(({ counters }) => counters.failures),
  )
  counter(
    'store_refused_total',
    'requests that the names service refused',
    sum(({ counters }) => counters.refused),
  )
  gaugeBy('table', 'store_rows', 'rows kept', () => Object.entries(of.store?.rows() ?? {}))
  gauge('cache_runs', 'answers in memory', () => of.cache?.size ?? 0)
  counter('cache_hits_total', 'look-ups answered from memory', () => of.cache?.hits ?? 0)
  counter('cache_misses_total', 'look-ups that went to the database', () => of.cache?.misses ?? 0)
  counter('cache_evicted_total', 'answers that had to make room (cacheMax)', () => of.cache?.evicted ?? 0)
  counter('service_requests_total', 'requests', () => of.service?.counters.requests ?? 0)
  counterBy('code', 'service_faults_total', 'requests answered with a fault', () =>
    [...(of.service?.counters.faults ?? [])].map(([code, count]) => [String(code), count] as const),
  )
  counter('publish_events_total', 'events of answers', () => of.events?.counters.events ?? 0)
  counter('publish_unsent_total', 'events left out while the broker was away', () => of.events?.counters.unsent ?? 0)
  countConnections(registry, 'dns-ingest', () => of.brokers)
}
