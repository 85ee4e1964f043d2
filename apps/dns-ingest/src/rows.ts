// Rows of the database ↔ what requests speak of.
import type { DnsQuery, DnsResult, DnsSource } from '@netbehave/schema'
import type { StoredRun } from './run-cache.ts'

export const COLUMNS = 'id, site, client, address, name, type, ttl, first_ms, last_ms, hits, chain, source'

export interface AnswerRow {
  readonly id: number
  readonly site: string
  readonly client: string | null
  readonly address: string
  readonly name: string
  readonly type: string
  readonly ttl: number | null
  readonly first_ms: number
  readonly last_ms: number
  readonly hits: number
  /** Names, separated by blanks. */
  readonly chain: string
  readonly source: string
}

export const toRun = (row: AnswerRow): StoredRun => ({
  ...{ id: row.id, site: row.site, client: row.client, address: row.address, name: row.name, type: row.type },
  ...{ ttlS: row.ttl, firstMs: row.first_ms, lastMs: row.last_ms, hits: row.hits },
  chain: row.chain === '' ? [] : row.chain.split(' '),
  source: row.source as DnsSource,
})

export interface QueryRow {
  readonly id: number
  readonly site: string
  readonly client: string
  readonly name: string
  readonly type: string
  readonly first_ms: number
  readonly last_ms: number
  readonly hits: number
  readonly result: string
}

export const toQuery = (row: QueryRow): DnsQuery => ({
  ...{ site: row.site, client: row.client, name: row.name, type: row.type },
  ...{ firstMs: row.first_ms, lastMs: row.last_ms, hits: row.hits, result: row.result as DnsResult },
})
