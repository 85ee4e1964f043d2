// For tests: a store in a temporary folder, and entries for it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DnsAsked, DnsTold } from '@netbehave/schema'
import { openDatabase } from '@netbehave/sqlite'
import { createLookUp } from './look-up.ts'
import { createStoreCounters } from './metrics.ts'
import { RunCache } from './run-cache.ts'
import { createStore, type LogBatch } from './store.ts'

export interface TestStoreOptions {
  readonly cacheMax?: number
  readonly keepRows?: number
  readonly keepDays?: number
  readonly now?: () => number
}

export function openTestStore({
  cacheMax = 1000,
  keepRows = 1000,
  keepDays = 90,
  now = () => 1_000_000,
}: TestStoreOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'netbehave-dns-store-'))
  const db = openDatabase(join(folder, 'dns.sqlite3'), join(import.meta.dirname, '../migrations'))
  const counters = createStoreCounters()
  const cache = new RunCache(cacheMax)
  const told: DnsTold[] = []
  const onTold = (_site: string, answers: readonly DnsTold[]) => void told.push(...answers)
  const store = createStore({ db, cache, counters, now, keepRows, keepDays, onTold })
  let position = 0
  const batch = (part: Partial<LogBatch>): LogBatch => ({
    ...{ site: 'home', source: 'log:1', queries: [], replies: [], cached: [], leases: [] },
    ...part,
  })
  return {
    db,
    store,
    cache,
    counters,
    lookUp: createLookUp(db, cache),
    /** Answers that were told as new. */
    told,
    batch,
    /** Stores answers, each a line of its own. */
    tell(...answers: Partial<DnsTold>[]) {
      return store.write(batch({ replies: answers.map((answer) => tellOf({ position: ++position, ...answer })) }))
    },
    ask(...queries: Partial<DnsAsked>[]) {
      return store.write(batch({ queries: queries.map((query) => askOf({ position: ++position, ...query })) }))
    },
    /** `name first–last ×hits` of the runs of an address, oldest first. */
    runs: (client: string | null = '10.0.0.1', address = '192.0.2.1') =>
      db
        .prepare<[string | null, string], string>(
          `SELECT name || ' ' || first_ms || '-' || last_ms || ' x' || hits FROM answer WHERE client IS ? AND address = ? ORDER BY first_ms, id`,
        )
        .pluck()
        .all(client, address),
    [Symbol.dispose]() {
      db.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export const tellOf = (part: Partial<DnsTold>): DnsTold => ({
  ...{ position: 1, atMs: 1, client: '10.0.0.1', name: 'a.test', type: 'A', source: 'dns', result: 'address' },
  ...{ address: '192.0.2.1', ttlS: null, chain: [] },
  ...part,
})
export const askOf = (part: Partial<DnsAsked>): DnsAsked => ({
  ...{ position: 1, atMs: 1, client: '10.0.0.1', name: 'a.test', type: 'A' },
  ...part,
})
