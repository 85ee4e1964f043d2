// Who leads: flows grouped by one or more fields of the filter language, the largest sums first.
// In: names of fields. Out: values as people write them, sums, how many values there are. Fails: throws TopError.
import type { DuckDBBlobValue, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api'
import { type Field, FilterError, findField, tryParse } from '@netbehave/filter'
import { type ColumnName, columnSpec, formatIpv4, formatIpv6, formatMac } from '@netbehave/schema'
import { type FlowSums, SUMS_OF_SUMS, sumsSql, toSums } from './sums.ts'

export const TOP_ORDERS = ['bytes', 'packets', 'flows'] as const
export type TopOrder = (typeof TOP_ORDERS)[number]

export interface TopRow extends FlowSums {
  /** One for each field; null where the flows have no value. Addresses and MACs as text, numbers as numbers. */
  readonly values: readonly (string | number | null)[]
}

export interface Top {
  /** Canonical names of the fields. */
  readonly fields: readonly string[]
  /** The largest first; equal sums in the order of their values. */
  readonly rows: readonly TopRow[]
  /** All flows that match, each once. */
  readonly total: FlowSums
  /** How many different values (or combinations of them) there are. */
  readonly values: number
}

/** A field that cannot be grouped by; the message names it. */
export class TopError extends Error {
  override readonly name = 'TopError'
}

/** Groups by more columns would be slower than reading the flows. */
export const MAX_TOP_FIELDS = 8

/** Fields by name or alias, as the filter language has them. Throws TopError. */
export function readTopFields(names: readonly string[]): Field[] {
  if (names.length === 0 || names.length > MAX_TOP_FIELDS) {
    throw new TopError(`name 1 to ${MAX_TOP_FIELDS} fields, parted by commas`)
  }
  const fields = names.map(readField)
  const twice = fields.find((field, i) => fields.indexOf(field) !== i)
  if (twice) throw new TopError(`${twice.name} is named twice`)
  return fields
}

function readField(name: string): Field {
  const field = findField(name)
  if (field) return field
  // The language's own words for a name that it does not know.
  const found = tryParse(`${name} exists`)
  throw new TopError(found instanceof FilterError ? found.message : `"${name}" is no field`)
}

/** A column that takes part in a key, with the value that means "none" where it has one. */
interface KeyColumn {
  readonly sql: string
  readonly missing?: number
}

/** Groups a source of flows. The condition's parameters stand in the text once. */
export function topSql(fields: readonly Field[], by: TopOrder, limit: number, scaled: boolean) {
  const either = fields.some(({ sides }) => sides)
  const width = fields.flatMap((field) => keyColumns(field, 0)).length
  const keys = Array.from({ length: width }, (_, i) => `k${i}`).join(', ')
  const order = `${by} DESC, ${keys}`
  return (source: string, where: string): string => `
    WITH flow AS NOT MATERIALIZED (SELECT * FROM ${source} WHERE ${where}),
    grouped AS MATERIALIZED (${either ? bothSidesSql(fields, keys, scaled) : sideSql(fields, 0, scaled)}),
    total AS (${either ? `SELECT ${sumsSql(scaled)} FROM flow` : `SELECT ${SUMS_OF_SUMS} FROM grouped`})
    SELECT total.*, (SELECT count(*) FROM grouped), ranked.*
    FROM total LEFT JOIN (SELECT ${keys}, flows, bytes, packets FROM grouped ORDER BY ${order} LIMIT ${limit}) AS ranked ON true
    ORDER BY ranked.${order}`
}

function sideSql(fields: readonly Field[], side: 0 | 1, scaled: boolean, condition = 'true'): string {
  const columns = fields.flatMap((field) => keyColumns(field, side))
  const keys = columns.map(({ sql }, i) => `${sql} AS k${i}`).join(', ')
  const groups = columns.map((_, i) => i + 1).join(', ')
  return `SELECT ${keys}, ${sumsSql(scaled)} FROM flow WHERE ${condition} GROUP BY ${groups}`
}

/**
 * Either-side fields: a flow counts for the values of its source and for those of its destination, once where both are equal.
 * A side without any value does not count, unless the other has none either.
 */
function bothSidesSql(fields: readonly Field[], keys: string, scaled: boolean): string {
  const either = fields.filter(({ sides }) => sides)
  const [src, dst] = [0, 1].map((side) => either.flatMap((field) => keyColumns(field, side as 0 | 1))) as [
    KeyColumn[],
    KeyColumn[],
  ]
  const differ = src.map(({ sql }, i) => `${sql} IS DISTINCT FROM ${dst[i]!.sql}`).join(' OR ')
  const [srcExists, dstExists] = [existsSql(either, 0), existsSql(either, 1)]
  return `SELECT ${keys}, ${SUMS_OF_SUMS} FROM (
      ${sideSql(fields, 0, scaled, `(${srcExists}) OR NOT (${dstExists})`)}
      UNION ALL
      ${sideSql(fields, 1, scaled, `(${dstExists}) AND (${differ})`)}
    ) GROUP BY ${keys}`
}

/** Has the flow a value on this side, in any of these fields? */
function existsSql(fields: readonly Field[], side: 0 | 1): string {
  return fields
    .flatMap((field) => {
      if (!field.sides![side].optional) return ['true']
      return keyColumns(field, side).map(({ sql, missing }) =>
        missing === undefined ? `${sql} IS NOT NULL` : `${sql} <> ${missing}`,
      )
    })
    .join(' OR ')
}

/** What stands for a field in a grouping. `side`: of an either-side field. */
export function keyColumns({ sides, ...field }: Field, side: 0 | 1): KeyColumn[] {
  const { source, type, missing, optional } = sides ? sides[side] : field
  if (source === 'site') return [{ sql: 'site' }]
  if (source === 'duration') return [{ sql: '(last_ms - first_ms)' }]
  if (source === 'ip.version') return [{ sql: '(CASE WHEN src_ip6 IS NULL THEN 4 ELSE 6 END)' }]
  if (source === 'exporter.domain') return [{ sql: 'exporter_domain' }]
  if (source === 'exporter.version') return [{ sql: 'exporter_version', missing: 0 }]
  const column = columnSpec(source as ColumnName).parquet
  if (type === 'address') return [{ sql: `${column}4` }, { sql: `${column}6` }]
  if (type === 'text' || type === 'mac' || !optional) return [{ sql: column }]
  return [{ sql: column, missing: missing ?? 0 }]
}

/** The answer of `topSql`: each row has the total, the number of values, a key and its sums. */
export function readTop(fields: readonly Field[], chunks: readonly DuckDBDataChunk[]): Top {
  const answer = chunks.flatMap((chunk) => chunk.getRows())
  const [flows, bytes, packets, sampled, values] = answer[0] ?? [0, 0, 0, 0, 0]
  const width = fields.flatMap((field) => keyColumns(field, 0)).length
  const rows = answer
    .filter((row) => row[5 + width] !== null)
    .map((row): TopRow => {
      const [rowFlows, rowBytes, rowPackets] = row.slice(5 + width)
      return { values: readKey(fields, row.slice(5, 5 + width)), ...toSums(rowFlows, rowBytes, rowPackets, 0) }
    })
  return {
    fields: fields.map(({ name }) => name),
    rows,
    total: toSums(flows, bytes, packets, sampled),
    values: Number(values),
  }
}

/** Values of the fields, from the key columns of one row. */
export function readKey(fields: readonly Field[], key: readonly DuckDBValue[]): TopRow['values'] {
  let at = 0
  return fields.map((field) => {
    const first = key[at++] ?? null
    if (field.type === 'address') {
      const ipv6 = key[at++] ?? null
      if (first !== null) return formatIpv4(Number(first))
      return ipv6 === null ? null : formatIpv6((ipv6 as DuckDBBlobValue).bytes)
    }
    if (first === null) return null
    if (field.type === 'mac') return formatMac((first as DuckDBBlobValue).bytes)
    if (field.type === 'text') return String(first)
    const [{ missing }] = keyColumns(field, 0) as [KeyColumn]
    return Number(first) === missing ? null : Number(first)
  })
}
