// AST → a condition over the Parquet columns of libs/history, for DuckDB. Made from the same logic as the predicate; every value
// is a bound parameter, in the order of the `?`. NULL counts as "does not hold", as WHERE has it.
import { type ColumnName, columnSpec } from '@netbehave/schema'
import { bigintToIpv6, ipv4Alternatives, type OctetSets } from './addresses.ts'
import type { Ast } from './ast.ts'
import type { Field } from './fields.ts'
import { complement, type IntervalSet } from './intervals.ts'
import { type Logic, type Test, toLogic } from './logic.ts'
import { macBytes } from './macs.ts'

export type SqlParameter = number | bigint | string | Uint8Array

/** A condition with `?` for each parameter. Addresses of IPv6 and MACs are bytes, to be bound as BLOB. */
export interface SqlCondition {
  readonly sql: string
  readonly params: readonly SqlParameter[]
}

export interface SqlOptions {
  /**
   * Text columns that hold lower case only (DNS names may: RFC 4343). They are compared as they are, which spares DuckDB a third
   * of the work of an equality, and nearly all of it where a dictionary or bloom filter rules out a row group.
   */
  readonly lowerCase?: ReadonlySet<ColumnName> | undefined
}

/** The flows that match, as what stands after WHERE. The empty filter is `true`. */
export function toSql(filter: Ast, { lowerCase = NO_COLUMNS }: SqlOptions = {}): SqlCondition {
  const foldedColumn = (field: Field): string =>
    lowerCase.has(field.source as ColumnName) ? columnName(field) : `lower(${columnName(field)})`
  return logicSql(toLogic(filter), foldedColumn)
}

const NO_COLUMNS: ReadonlySet<ColumnName> = new Set()

/** SQL of a text column's value in the form in which texts are compared (fold.ts). */
type FoldedColumn = (field: Field) => string

function logicSql(logic: Logic, foldedColumn: FoldedColumn): SqlCondition {
  switch (logic.kind) {
    case 'constant':
      return { sql: String(logic.holds), params: [] }
    case 'and':
    case 'or':
      return joinSql(
        logic.terms.map((term) => logicSql(term, foldedColumn)),
        logic.kind,
      )
    case 'leaf': {
      if (logic.negated && logic.test.kind === 'numbers' && logic.field.type !== 'mac') {
        return numberSql(logic.field, complement(logic.test.set)) // numbers are never NULL
      }
      const condition = testSql(logic.field, logic.test, foldedColumn)
      return logic.negated ? { ...condition, sql: `(${condition.sql}) IS NOT TRUE` } : condition
    }
  }
}

function joinSql(all: readonly SqlCondition[], operator: 'and' | 'or'): SqlCondition {
  if (all.length === 0) return { sql: String(operator === 'and'), params: [] }
  if (all.length === 1) return all[0]!
  const sql = all.map(({ sql }) => sql).join(` ${operator.toUpperCase()} `)
  return { sql: `(${sql})`, params: all.flatMap(({ params }) => params) }
}

function testSql(field: Field, test: Test, foldedColumn: FoldedColumn): SqlCondition {
  switch (test.kind) {
    case 'numbers':
      return field.type === 'mac' ? macSql(field, test.set) : numberSql(field, test.set)
    case 'addresses':
      return addressSql(columnName(field), test)
    case 'address-glob':
      return joinSql(
        ipv4Alternatives(test.glob).map((octets) => octetSql(`${columnName(field)}4`, octets, field)),
        'or',
      )
    case 'text':
      return textSql(foldedColumn(field), test.parts)
    case 'exists':
      return { sql: existsSql(field), params: [] }
    case 'field':
      return fieldSql(field, test, foldedColumn)
  }
}

function columnName(field: Field): string {
  if (field.source === 'exporter.domain') return 'exporter_domain'
  if (field.source === 'exporter.version') return 'exporter_version'
  return field.source === 'site' ? 'site' : columnSpec(field.source as ColumnName).parquet
}

/** The value of a number as SQL, and the type that makes DuckDB compare without converting the column. */
function numberColumn(field: Field): { column: string; type: string } {
  if (field.source === 'duration') return { column: '(last_ms - first_ms)', type: 'BIGINT' }
  if (field.source === 'ip.version') return { column: '(CASE WHEN src_ip6 IS NULL THEN 4 ELSE 6 END)', type: 'INTEGER' }
  const type =
    field.most > 0xffff_ffff
      ? 'BIGINT'
      : field.most > 0xffff
        ? 'UINTEGER'
        : field.most > 0xff
          ? 'USMALLINT'
          : 'UTINYINT'
  return { column: columnName(field), type }
}

function numberSql(field: Field, all: IntervalSet): SqlCondition {
  const set = all.filter(([from, to]) => from <= field.most && (to >= 0 || field.source === 'duration'))
  const { column, type } = numberColumn(field)
  const bound = `?::${type}`
  const holes = holesOf(all)
  if (holes)
    return joinSql(
      holes.map((hole) => ({ sql: `${column} <> ${bound}`, params: [hole] })),
      'and',
    )
  const single = set.filter(([from, to]) => from === to).map(([from]) => from)
  const conditions: SqlCondition[] = []
  if (single.length === 1) conditions.push({ sql: `${column} = ${bound}`, params: single })
  if (single.length > 1)
    conditions.push({ sql: `${column} IN (${single.map(() => bound).join(', ')})`, params: single })
  for (const [from, to] of set) {
    const above = from > -Infinity && (from > 0 || field.source === 'duration')
    const below = to < field.most
    if (from === to) continue
    if (above && below) conditions.push({ sql: `${column} BETWEEN ${bound} AND ${bound}`, params: [from, to] })
    else if (above) conditions.push({ sql: `${column} >= ${bound}`, params: [from] })
    else conditions.push(below ? { sql: `${column} <= ${bound}`, params: [to] } : { sql: 'true', params: [] })
  }
  return joinSql(conditions.length > 0 ? conditions : [{ sql: 'false', params: [] }], 'or')
}

/** For "all numbers but these few", the few. */
function holesOf(set: IntervalSet): number[] | undefined {
  if (set[0]?.[0] !== -Infinity || set.at(-1)![1] !== Infinity || set.length > 5) return undefined
  const holes: number[] = []
  for (let i = 1; i < set.length; i++) {
    if (set[i]![0] - set[i - 1]![1] !== 2) return undefined
    holes.push(set[i]![0] - 1)
  }
  return holes
}

function macSql(field: Field, set: IntervalSet): SqlCondition {
  const column = columnName(field)
  const conditions = set.map(([from, to]): SqlCondition => {
    if (from === to) return { sql: `${column} = ?::BLOB`, params: [macBytes(from)] }
    return {
      sql: `${column} BETWEEN ?::BLOB AND ?::BLOB`,
      params: [macBytes(Math.max(from, 0)), macBytes(Math.min(to, field.most))],
    }
  })
  return joinSql(conditions, 'or')
}

function addressSql(column: string, { ipv4, ipv6 }: Extract<Test, { kind: 'addresses' }>): SqlCondition {
  const single = ipv4.filter(([from, to]) => from === to).map(([from]) => from)
  const conditions: SqlCondition[] = []
  if (single.length === 1) conditions.push({ sql: `${column}4 = ?::UINTEGER`, params: single })
  if (single.length > 1) {
    conditions.push({ sql: `${column}4 IN (${single.map(() => '?::UINTEGER').join(', ')})`, params: single })
  }
  for (const [from, to] of ipv4) {
    if (from !== to) conditions.push({ sql: `${column}4 BETWEEN ?::UINTEGER AND ?::UINTEGER`, params: [from, to] })
  }
  for (const [from, to] of ipv6) {
    if (from === to) conditions.push({ sql: `${column}6 = ?::BLOB`, params: [bigintToIpv6(from)] })
    else
      conditions.push({ sql: `${column}6 BETWEEN ?::BLOB AND ?::BLOB`, params: [bigintToIpv6(from), bigintToIpv6(to)] })
  }
  return joinSql(conditions, 'or')
}

/** Each octet that not every value fits. The numbers are ours, 0 to 255, and stand in the text. */
function octetSql(column: string, octets: OctetSets, field: Field): SqlCondition {
  const conditions = octets.flatMap((set, i): SqlCondition[] => {
    const values = [...set.keys()].filter((octet) => set[octet] === 1)
    if (values.length === 256) return []
    return [{ sql: `((${column} >> ${24 - i * 8}) & 255) IN (${values.join(', ')})`, params: [] }]
  })
  conditions.push({ sql: `${column} IS NOT NULL`, params: [] })
  if (field.optional) conditions.push({ sql: `${column} <> 0`, params: [] })
  return joinSql(conditions, 'and')
}

/** `column` is folded already. */
function textSql(column: string, parts: readonly string[]): SqlCondition {
  const [first = '', second] = parts
  if (parts.length === 1) return { sql: `${column} = ?`, params: [first] }
  if (parts.length === 2 && first === '') return { sql: `suffix(${column}, ?)`, params: [second!] }
  if (parts.length === 2 && second === '') return { sql: `prefix(${column}, ?)`, params: [first] }
  if (parts.length === 3 && first + parts[2] === '') return { sql: `contains(${column}, ?)`, params: [second!] }
  const pattern = parts.map((part) => part.replaceAll(/[\\%_]/g, '\\$&')).join('%')
  return { sql: `${column} LIKE ? ESCAPE '\\'`, params: [pattern] }
}

function existsSql(field: Field): string {
  if (!field.optional) return 'true'
  const column = columnName(field)
  if (field.type === 'address') return `(${column}4 IS NOT NULL OR ${column}6 IS NOT NULL)`
  if (field.type === 'text' || field.type === 'mac') return `${column} IS NOT NULL`
  throw new TypeError(`whether a number is there is a set of numbers: ${field.name}`)
}

function fieldSql(
  field: Field,
  { other, op }: Extract<Test, { kind: 'field' }>,
  foldedColumn: FoldedColumn,
): SqlCondition {
  switch (field.type) {
    case 'address': {
      const [a, b] = [columnName(field), columnName(other)]
      return { sql: `(${a}4 = ${b}4 OR ${a}6 = ${b}6)`, params: [] }
    }
    case 'text':
      return { sql: `${foldedColumn(field)} = ${foldedColumn(other)}`, params: [] }
    case 'mac':
      return { sql: `${columnName(field)} = ${columnName(other)}`, params: [] }
    default: {
      const present = [field, other].flatMap((one): SqlCondition[] => {
        if (one.missing === undefined) return []
        return [{ sql: `${numberColumn(one).column} <> ${one.missing}`, params: [] }]
      })
      return joinSql(
        [{ sql: `${numberColumn(field).column} ${op} ${numberColumn(other).column}`, params: [] }, ...present],
        'and',
      )
    }
  }
}
