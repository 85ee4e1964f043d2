// What dns-ingest serves: dns.ro (look-ups), dns.rw (what log readers write), dns.admin. In: requests that fit their contracts.
import { type Endpoint, endpoint, RequestFault } from '@netbehave/broker'
import {
  DNS_CACHED,
  DNS_FLUSH,
  DNS_FORWARD,
  DNS_INFO,
  DNS_LEASES,
  DNS_LIST,
  DNS_QUERY,
  DNS_REPLY,
  DNS_RESIZE,
  DNS_REVERSE,
  DNS_RUNS,
  DNS_STATS,
} from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import { flush } from './flush.ts'
import type { LookUp } from './look-up.ts'
import type { StoreCounters } from './metrics.ts'
import type { ReplyEvents } from './publish.ts'
import type { RunCache } from './run-cache.ts'
import type { LogBatch, Store } from './store.ts'

export interface Served {
  readonly db: Database
  readonly store: Store
  readonly cache: RunCache
  readonly lookUp: LookUp
  readonly events: ReplyEvents
  readonly counters: StoreCounters
  readonly keepRows: number
}

export function createEndpoints({ db, store, cache, lookUp, events, counters, keepRows }: Served): Endpoint[] {
  const nothing = { queries: [], replies: [], cached: [], leases: [] }
  const write = (batch: Partial<LogBatch> & Pick<LogBatch, 'site' | 'source'>) => store.write({ ...nothing, ...batch })
  const heard = () => ({ boot: events.boot, sequence: events.sequence })
  return [
    endpoint(DNS_REVERSE, lookUp.reverse),
    endpoint(DNS_RUNS, (request) => ({ ...heard(), ...lookUp.runs(request) })),
    endpoint(DNS_FORWARD, lookUp.forward),
    endpoint(DNS_LIST, lookUp.list),
    endpoint(DNS_LEASES, ({ sinceMs }) => ({ leases: lookUp.leases(sinceMs) })),
    endpoint(DNS_INFO, () => {
      const rows = store.rows()
      return { ...heard(), ...rows, keepRows, inMemory: cache.size, cacheMax: cache.max, ...lookUp.span() }
    }),
    endpoint(DNS_QUERY, ({ site, source, queries }) => write({ site, source, queries })),
    endpoint(DNS_REPLY, ({ site, source, answers }) => write({ site, source, replies: answers })),
    endpoint(DNS_CACHED, ({ site, source, answers, leases }) => write({ site, source, cached: answers, leases })),
    endpoint(DNS_FLUSH, ({ all, ...which }) => {
      if (Object.keys(which).length === 0 && !all) throw new RequestFault(400, 'say what to forget, or all: true')
      const removed = flush(db, which)
      store.recount()
      return removed
    }),
    endpoint(DNS_RESIZE, ({ cacheMax }) => {
      cache.resize(cacheMax)
      return { cacheMax: cache.max, inMemory: cache.size }
    }),
    endpoint(DNS_STATS, () => ({
      counters: {
        ...counters,
        cacheRuns: cache.size,
        cacheHits: cache.hits,
        cacheMisses: cache.misses,
        cacheEvicted: cache.evicted,
        events: events.counters.events,
        eventsUnsent: events.counters.unsent,
      },
    })),
  ]
}
