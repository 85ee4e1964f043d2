// Where flows go through several fields: the leaders of each field by themselves, and sums over their combinations; what is no leader
// is one rest. In: fields of the filter language. Out: labels and sums. Few combinations, however many values the fields have.
import type { DuckDBDataChunk } from '@duckdb/node-api'
import type { Field } from '@netbehave/filter'
import { type FlowSums, sumsSql, toSums } from './sums.ts'
import { keyColumns, readKey, type TopOrder } from './top.ts'

/**
 * A value as `TopRow.values` has it (null: the flows have none), or `rest`: all values that are no leaders. `side` says of an
 * either-side field whose value it is.
 */
export type StageValue = { readonly value: string | number | null; readonly side?: 'src' | 'dst' } | 'rest'

export interface StagesRow extends FlowSums {
  /** One for each field. */
  readonly stages: readonly StageValue[]
}

/** What a field is grouped by. A text of either side is the destination's, else the source's, and with it goes whether it is the source's. */
function stageColumns(field: Field): readonly { readonly sql: string }[] {
  if (!field.sides) return keyColumns(field, 0)
  const [src, dst] = [keyColumns(field, 0)[0]!.sql, keyColumns(field, 1)[0]!.sql]
  return [{ sql: `coalesce(${dst}, ${src})` }, { sql: `(${dst} IS NULL AND ${src} IS NOT NULL)` }]
}

/** Leaders of a field, with their number. */
function leadersSql(field: Field, at: number, by: TopOrder, limit: number): string {
  const columns = stageColumns(field)
  const keys = columns.map((_, i) => `k${i}`).join(', ')
  const named = columns.map(({ sql }, i) => `${sql} AS k${i}`).join(', ')
  return `leaders${at} AS MATERIALIZED (
    SELECT ${keys}, row_number() OVER () AS n FROM (
      SELECT ${named}, ${sumsSql(false)} FROM flow GROUP BY ${columns.map((_, i) => i + 1).join(', ')}
      ORDER BY ${by} DESC, ${keys} LIMIT ${limit}))`
}

/** For fields of one side, and texts of either. The condition's parameters stand in the text once. */
export function stagesSql(fields: readonly Field[], by: TopOrder, limit: number) {
  const leaders = fields.map((field, at) => leadersSql(field, at, by, limit))
  const joins = fields.map((field, at) => {
    const same = stageColumns(field).map(({ sql }, i) => `${sql} IS NOT DISTINCT FROM leaders${at}.k${i}`)
    return `LEFT JOIN leaders${at} ON ${same.join(' AND ')}`
  })
  const numbers = fields.map((_, at) => `leaders${at}.n AS n${at}`).join(', ')
  const groups = fields.map((_, at) => at + 1).join(', ')
  const keys = fields.flatMap((field, at) => stageColumns(field).map((_, i) => `leaders${at}.k${i}`))
  const names = fields.map((_, at) => `LEFT JOIN leaders${at} ON n${at} = leaders${at}.n`)
  return (source: string, where: string): string => `
    WITH flow AS NOT MATERIALIZED (SELECT * FROM ${source} WHERE ${where}),
    ${leaders.join(', ')},
    grouped AS MATERIALIZED (SELECT ${numbers}, ${sumsSql(false)} FROM flow ${joins.join(' ')} GROUP BY ${groups})
    SELECT ${fields.map((_, at) => `n${at}`).join(', ')}, flows, bytes, packets, ${keys.join(', ')}
    FROM grouped ${names.join(' ')} ORDER BY ${by} DESC, ${groups}`
}

export function readStages(fields: readonly Field[], chunks: readonly DuckDBDataChunk[]): StagesRow[] {
  const width = fields.length
  return chunks.flatMap((chunk) =>
    chunk.getRows().map((row) => {
      const [flows, bytes, packets] = row.slice(width)
      let next = width + 3
      const stages = fields.map((field, at): StageValue => {
        const key = row.slice(next, (next += stageColumns(field).length))
        const [value = null] = readKey([field], key)
        if (row[at] === null) return 'rest'
        return field.sides && value !== null ? { value, side: key[1] ? 'src' : 'dst' } : { value }
      })
      return { stages, ...toSums(flows, bytes, packets, 0) }
    }),
  )
}
