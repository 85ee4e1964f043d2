// Adds one answer to the runs of its client and address. A run is the span in which every answer named the same name; the next one begins
// when the name changes. Answers mostly come in their order; those of old logs may come later and then part a run, or join two.
import type { DnsTold } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import type { StoreCounters } from './metrics.ts'
import { type AnswerRow, COLUMNS, toRun } from './rows.ts'
import type { RunCache, StoredRun } from './run-cache.ts'

export interface RunWriter {
  /** In a transaction of the caller's. Returns how many rows came to be. */
  add(site: string, told: DnsTold): number
}

type Spot = [string, string | null, string]

export function createRunWriter(db: Database, cache: RunCache, counters: StoreCounters): RunWriter {
  const of = `SELECT ${COLUMNS} FROM answer WHERE site = ? AND client IS ? AND address = ?`
  const newest = db.prepare<Spot, AnswerRow>(`${of} ORDER BY first_ms DESC, id DESC LIMIT 1`)
  const before = db.prepare<[...Spot, number], AnswerRow>(
    `${of} AND first_ms <= ? ORDER BY first_ms DESC, id DESC LIMIT 1`,
  )
  const after = db.prepare<[...Spot, number], AnswerRow>(`${of} AND first_ms > ? ORDER BY first_ms, id LIMIT 1`)
  const insert = db.prepare(
    `INSERT INTO answer (site, client, address, name, type, ttl, first_ms, last_ms, hits, chain, source)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const update = db.prepare(
    'UPDATE answer SET type = ?, ttl = ?, first_ms = ?, last_ms = ?, hits = ?, chain = ?, source = ? WHERE id = ?',
  )

  function add(site: string, told: DnsTold): number {
    const address = told.address!
    let run = cache.get(site, told.client, address)
    if (run === undefined) {
      const row = newest.get(site, told.client, address)
      if (row) run = toRun(row)
    }
    if (run && told.atMs < run.firstMs) return addLate(site, told, address)
    if (run?.name === told.name) {
      save(extend(run, told), true)
      return 0
    }
    if (run && told.atMs < run.lastMs) return part(run, told, site, address, true)
    cache.set(begin(site, told, address))
    return 1
  }

  function begin(site: string, told: DnsTold, address: string): StoredRun {
    counters.runs++
    const { client, name, type, ttlS, atMs, chain, source } = told
    const run = { site, client, address, name, type, ttlS, firstMs: atMs, lastMs: atMs, hits: 1, chain, source }
    return { id: insertRow(run), ...run }
  }

  function insertRow(run: Omit<StoredRun, 'id'>): number {
    const { site, client, address, name, type, ttlS, firstMs, lastMs, hits, chain, source } = run
    const chainText = chain.join(' ')
    return Number(
      insert.run(site, client, address, name, type, ttlS, firstMs, lastMs, hits, chainText, source).lastInsertRowid,
    )
  }

  /** Older than what is newest. */
  function addLate(site: string, told: DnsTold, address: string): number {
    counters.late++
    const spot: Spot = [site, told.client, address]
    const rowBefore = before.get(...spot, told.atMs)
    const rowAfter = after.get(...spot, told.atMs)
    const isNewest = (run: StoredRun) => newest.get(...spot)?.id === run.id
    if (rowBefore?.name === told.name) {
      save(extend(toRun(rowBefore), told), false)
      return 0
    }
    if (rowBefore && told.atMs < rowBefore.last_ms) return part(toRun(rowBefore), told, site, address, false)
    if (rowAfter?.name === told.name) {
      const run = toRun(rowAfter)
      save({ ...run, firstMs: told.atMs, hits: run.hits + 1 }, isNewest(run))
      return 0
    }
    begin(site, told, address)
    return 1
  }

  function extend(run: StoredRun, told: DnsTold): StoredRun {
    const hits = run.hits + 1
    if (told.atMs < run.lastMs) return { ...run, hits }
    return {
      ...run,
      ...{ type: told.type, ttlS: told.ttlS, lastMs: told.atMs, hits, chain: told.chain, source: told.source },
    }
  }

  function save(run: StoredRun, isNewest: boolean): void {
    update.run(run.type, run.ttlS, run.firstMs, run.lastMs, run.hits, run.chain.join(' '), run.source, run.id)
    if (isNewest) cache.set(run)
  }

  /** Another name within the span of a run: what is known of the run are its first and its last moment. */
  function part(run: StoredRun, told: DnsTold, site: string, address: string, isNewest: boolean): number {
    save({ ...run, lastMs: run.firstMs, hits: Math.max(1, run.hits - 1) }, false)
    begin(site, told, address)
    const { id: _, ...rest } = { ...run, firstMs: run.lastMs, hits: 1 }
    const last = { id: insertRow(rest), ...rest }
    if (isNewest) cache.set(last)
    return 2
  }

  return { add }
}
