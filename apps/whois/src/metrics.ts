// Every counter of the whois service.
import type { Broker, Service } from '@netbehave/broker'
import { countConnections, metricsOf } from '@netbehave/service'
import type { Registry as MetricsRegistry } from 'prom-client'
import type { HolderStore } from './holder-store.ts'
import type { BootstrapFiles } from './refresh.ts'
import type { Whois } from './whois.ts'

export interface WhoisMetrics {
  readonly whois: Whois
  readonly store: HolderStore
  readonly bootstrap: BootstrapFiles
  readonly service: Service
  readonly broker: Broker
}

export function registerMetrics(registry: MetricsRegistry, of: WhoisMetrics): void {
  const { counter, gauge, counterBy, gaugeBy } = metricsOf(registry, 'whois')
  counterBy(
    'from',
    'lookup_addresses_total',
    'addresses looked up: special (never asked for), cache, store, unallocated, queued, off',
    () => Object.entries(of.whois.counters.lookups),
  )
  gauge('lookup_cached_addresses', 'addresses whose answer is in memory', () => of.whois.cache.size)
  counter('lookup_cache_evicted_total', 'answers that gave way in memory (cacheEntries)', () => of.whois.cache.evicted)
  counter('queue_added_total', 'addresses queued', () => of.whois.queue.counters.added)
  counter(
    'queue_left_out_total',
    'addresses for which the queue had no room (maxQueued)',
    () => of.whois.queue.counters.leftOut,
  )
  gauge('queue_addresses', 'addresses that are still to be asked for', () => of.whois.queue.size)
  counterBy('registry', 'ask_requests_total', 'requests to registries, redirects too', () => of.whois.counters.requests)
  counterBy(
    'registry',
    'ask_busy_total',
    'times that a registry asked to be left alone, or was in trouble',
    () => of.whois.counters.busy,
  )
  counterBy('answer', 'ask_answers_total', 'answers: network (a holder), none', () =>
    Object.entries(of.whois.counters.work.answers),
  )
  counterBy(
    'problem',
    'ask_problems_total',
    'answers that cannot be used, and were not kept',
    () => of.whois.counters.work.problems,
  )
  counter('ask_put_off_total', 'questions put off, the registry is busy or away', () => of.whois.counters.work.busy)
  counter(
    'ask_answered_meanwhile_total',
    'questions that another answer made needless',
    () => of.whois.counters.work.answeredMeanwhile,
  )
  counter('ask_rested_total', 'addresses that are not asked for again for an hour', () => of.whois.counters.work.rested)
  counter('store_failures_total', 'answers that the disk did not take', () => of.whois.counters.work.storeFailures)
  gaugeBy('kind', 'store_rows', 'answers kept: known, none', () => Object.entries(of.store.count()))
  counter('store_expired_total', 'answers removed for their age', () => of.store.counters.expired)
  counter('store_evicted_total', 'answers that gave way (maxRows)', () => of.store.counters.evicted)
  counter('store_put_total', 'holders that were put', () => of.whois.counters.puts)
  counter('store_put_refused_total', 'holders that were put and cannot be', () => of.whois.counters.putsRefused)
  counter('refresh_fetched_total', "IANA's files fetched", () => of.bootstrap.counters.fetched)
  counter('refresh_failed_total', "IANA's files that were not taken", () => of.bootstrap.counters.failed)
  counter('serve_requests_total', 'requests on the broker', () => of.service.counters.requests)
  counterBy('code', 'serve_faults_total', 'requests answered with a fault', () =>
    [...of.service.counters.faults].map(([code, count]): [string, number] => [String(code), count]),
  )
  countConnections(registry, 'whois', () => [of.broker])
}
