// What a query asks for, as a WHERE clause: a filter of the filter language, a span of time, and what a caller built itself.
import { type Ast, toSql } from '@netbehave/filter'
import { LOWER_CASE_COLUMNS } from './layout.ts'

/** A condition over the Parquet columns, with `?` for each parameter. Parameters are bound, never pasted into the text. */
export interface Where {
  readonly sql: string
  readonly params: readonly WhereParameter[]
}
export type WhereParameter = number | bigint | string | boolean | Uint8Array

/** Holds for every flow. */
export const EVERYTHING: Where = { sql: 'true', params: [] }

/** The flows that a filter matches; without a filter, all. */
export const filterWhere = (filter: Ast | undefined): Where =>
  filter ? toSql(filter, { lowerCase: LOWER_CASE_COLUMNS }) : EVERYTHING

/** Flows that were active at some moment of [fromMs, toMs): they began before its end and ended at or after its start. */
export function timeWhere(fromMs: number | undefined, toMs: number | undefined): Where {
  const all: Where[] = []
  if (fromMs !== undefined) all.push({ sql: 'last_ms >= ?::BIGINT', params: [BigInt(Math.ceil(fromMs))] })
  if (toMs !== undefined) all.push({ sql: 'first_ms < ?::BIGINT', params: [BigInt(Math.ceil(toMs))] })
  return joinWhere(all, 'AND')
}

/** One condition of several; without any, one that always holds. */
export function joinWhere(all: readonly Where[], operator: 'AND' | 'OR'): Where {
  const parts = all.filter(({ sql }) => sql !== 'true')
  if (parts.length === 0) return EVERYTHING
  if (parts.length === 1) return parts[0]!
  return {
    sql: `(${parts.map(({ sql }) => sql).join(` ${operator} `)})`,
    params: parts.flatMap(({ params }) => params),
  }
}
