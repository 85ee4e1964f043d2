// What clients asked and were told, in SQLite. In: entries of logs, by source. Out: what of them was new. Fails: throws SQLite's error
// with nothing changed. An entry up to the position that is stored of its source is known: it changes nothing.
import type { DnsAsked, DnsLeased, DnsTold } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import type { StoreCounters } from './metrics.ts'
import type { RunCache } from './run-cache.ts'
import { createRunWriter } from './run-writer.ts'

export const VERBS = ['query', 'reply', 'cached'] as const
export type Verb = (typeof VERBS)[number]

/** Entries of one log, in its order. */
export interface LogBatch {
  readonly site: string
  readonly source: string
  readonly queries: readonly DnsAsked[]
  readonly replies: readonly DnsTold[]
  readonly cached: readonly DnsTold[]
  readonly leases: readonly DnsLeased[]
}

export interface StoreOptions {
  readonly db: Database
  readonly cache: RunCache
  readonly counters: StoreCounters
  readonly now: () => number
  readonly keepRows: number
  readonly keepDays: number
  /** Told of answers with an address that were new, once they are stored. */
  readonly onTold: (site: string, answers: readonly DnsTold[]) => void
}

export interface Store {
  /** All of it or nothing. `also` runs in the same transaction. */
  write(batch: LogBatch, also?: () => void): { stored: number; known: number }
  /** Removes what is too old. */
  prune(): void
  /** The database was changed behind the store's back. */
  recount(): void
  rows(): { answers: number; queries: number; leases: number }
}

const DAY_MS = 86_400_000
/** Sources that are remembered; those not heard of for longest go. */
const MAX_SOURCES = 10_000
/** What goes at the cap of rows, so that not every batch has to make room. */
const PRUNED_SHARE = 0.05

export function createStore({ db, cache, counters, now, keepRows, keepDays, onTold }: StoreOptions): Store {
  const writer = createRunWriter(db, cache, counters)
  const positionOf = db
    .prepare<[string, string], number>('SELECT position FROM source WHERE source = ? AND verb = ?')
    .pluck()
  const setPosition = db.prepare(
    `INSERT INTO source VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET position = max(position, excluded.position), seen_ms = excluded.seen_ms`,
  )
  const ask = db
    .prepare<[string, string, string, string, number, number], number>(
      `INSERT INTO query (site, client, name, type, first_ms, last_ms, hits, result) VALUES (?, ?, ?, ?, ?, ?, 1, 'waiting')
     ON CONFLICT DO UPDATE SET hits = hits + 1, first_ms = min(first_ms, excluded.first_ms),
       result = iif(excluded.last_ms >= last_ms, 'waiting', result), last_ms = max(last_ms, excluded.last_ms)
     RETURNING hits`,
    )
    .pluck()
  const setResult = db.prepare(
    'UPDATE query SET result = ? WHERE site = ? AND client = ? AND name = ? AND type = ? AND last_ms <= ?',
  )
  const lease = db.prepare(
    `INSERT INTO lease VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET mac = excluded.mac, hostname = excluded.hostname,
       last_ms = excluded.last_ms WHERE excluded.last_ms >= last_ms`,
  )
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
  let answers = 0
  let queries = 0
  recount()

  function recount(): void {
    cache.clear()
    answers = count('answer')
    queries = count('query')
  }

  const writeAll = db.transaction((batch: LogBatch, also?: () => void) => {
    const { site, source } = batch
    const told: DnsTold[] = []
    let stored = 0
    const fresh = <Entry extends { position: number }>(verb: Verb, entries: readonly Entry[]): readonly Entry[] => {
      if (entries.length === 0) return entries
      const known = positionOf.get(source, verb) ?? -1
      const news = entries.filter(({ position }) => position > known)
      stored += news.length
      return news
    }
    const queryNews = fresh('query', batch.queries)
    const replyNews = fresh('reply', batch.replies)
    const cachedNews = fresh('cached', batch.cached)
    const leaseNews = fresh('cached', batch.leases)
    for (const { client, name, type, atMs } of queryNews) {
      if (ask.get(site, client, name, type, atMs, atMs) === 1) queries++
    }
    for (const entry of [...replyNews, ...cachedNews].sort((a, b) => a.position - b.position)) {
      const { client, name, type, atMs, result } = entry
      if (client !== null && type !== '') setResult.run(result, site, client, name, type, atMs)
      if (entry.address === null) continue
      answers += writer.add(site, entry)
      told.push(entry)
    }
    for (const { address, mac, hostname, atMs } of leaseNews) lease.run(site, address, mac, hostname, atMs)
    const atMs = now()
    const mark = (verb: Verb, entries: readonly { position: number }[]) => {
      const last = entries.at(-1)
      if (last) setPosition.run(source, verb, last.position, atMs)
    }
    mark('query', queryNews)
    mark('reply', replyNews)
    mark('cached', cachedNews)
    mark('cached', leaseNews)
    also?.()
    return { stored, told }
  })

  function write(batch: LogBatch, also?: () => void): { stored: number; known: number } {
    const all = batch.queries.length + batch.replies.length + batch.cached.length + batch.leases.length
    let done: { stored: number; told: DnsTold[] }
    try {
      done = writeAll.immediate(batch, also)
    } catch (error) {
      // What was changed in memory is not on disk.
      recount()
      throw error
    }
    counters.entries += done.stored
    counters.known += all - done.stored
    if (done.told.length > 0) onTold(batch.site, done.told)
    if (answers > keepRows) dropOldest('answer', answers)
    if (queries > keepRows) dropOldest('query', queries)
    return { stored: done.stored, known: all - done.stored }
  }

  function dropOldest(table: 'answer' | 'query', rows: number): void {
    const drop = rows - keepRows + Math.ceil(keepRows * PRUNED_SHARE)
    const { changes } = db
      .prepare(`DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} ORDER BY last_ms LIMIT ?)`)
      .run(drop)
    counters.pruned += changes
    recount()
  }

  function prune(): void {
    const before = now() - keepDays * DAY_MS
    let changes = 0
    for (const table of ['answer', 'query', 'lease'])
      changes += db.prepare(`DELETE FROM ${table} WHERE last_ms < ?`).run(before).changes
    counters.pruned += changes
    db.prepare('DELETE FROM source WHERE seen_ms < ?').run(before - 366 * DAY_MS)
    db.prepare(
      'DELETE FROM source WHERE source IN (SELECT source FROM source GROUP BY source ORDER BY max(seen_ms) DESC LIMIT -1 OFFSET ?)',
    ).run(MAX_SOURCES)
    if (changes > 0) recount()
  }

  return { write, prune, recount, rows: () => ({ answers, queries, leases: count('lease') }) }
}
