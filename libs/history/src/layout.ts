// The columns of a Parquet file of flows, derived from the table of flow columns. Who writes and who reads agree here.
import { fold } from '@netbehave/filter'
import { COLUMN_NAMES, COLUMNS, type ColumnName, columnSpec } from '@netbehave/schema'

export type ParquetType = 'BIGINT' | 'UINTEGER' | 'USMALLINT' | 'UTINYINT' | 'BLOB' | 'VARCHAR'

/** Which part of a flow column a Parquet column holds. */
export type ColumnPart = 'value' | 'ipv4' | 'ipv6' | 'mac' | 'text' | 'exporter' | 'domain' | 'version'

export interface ParquetColumn {
  /** Name in the file, snake_case. */
  readonly name: string
  readonly type: ParquetType
  /** The flow column; `site` is the batch's. */
  readonly column: ColumnName | 'site'
  readonly part: ColumnPart
  /** SQL of the value that stands for "no value". */
  readonly absent: string
}

const NUMBER_TYPES = { time: 'BIGINT', count: 'BIGINT', u32: 'UINTEGER', u16: 'USMALLINT', u8: 'UTINYINT' } as const

/**
 * Every column, in file order. Numbers are never NULL (absent is 0, or what COLUMNS says). An address is `<name>4`
 * UINTEGER and `<name>6` BLOB(16), one of them NULL, both for a NAT address that is not there. A MAC is BLOB(6) or NULL.
 * Text is VARCHAR or NULL. The exporter is three columns: address as text, `exporter_domain`, `exporter_version`.
 */
export const PARQUET_COLUMNS: readonly ParquetColumn[] = [
  textColumn('site', 'site', 'text'),
  ...COLUMN_NAMES.flatMap(parquetColumnsOf),
]

export const PARQUET_COLUMN_NAMES: readonly string[] = PARQUET_COLUMNS.map(({ name }) => name)

/**
 * Texts that the archive holds folded to lower case (`fold` of libs/filter): DNS names, whose case means nothing (RFC 4343). A
 * filter then compares them as they are, which takes DuckDB a fifth of the time where names are many.
 */
export const LOWER_CASE_COLUMNS: ReadonlySet<ColumnName> = new Set<ColumnName>(['srcName', 'dstName'])

/** A text of those columns as it is written. */
export const lowerCase = (text: string): string => fold(text)

/** Is an address of zeros a value (the source and destination of a flow), or does it mean "none" (NAT)? */
export function isZeroAddressValue(column: ColumnName): boolean {
  return column === 'srcIp' || column === 'dstIp'
}

function parquetColumnsOf(column: ColumnName): ParquetColumn[] {
  const { kind, parquet: name, dictionary, absent = 0 } = columnSpec(column)
  switch (kind) {
    case 'address': {
      const absentIpv4 = isZeroAddressValue(column) ? '0::UINTEGER' : 'NULL::UINTEGER'
      return [
        { name: `${name}4`, type: 'UINTEGER', column, part: 'ipv4', absent: absentIpv4 },
        { name: `${name}6`, type: 'BLOB', column, part: 'ipv6', absent: 'NULL::BLOB' },
      ]
    }
    case 'mac':
      return [{ name, type: 'BLOB', column, part: 'mac', absent: 'NULL::BLOB' }]
    case 'index':
      if (dictionary !== 'exporter') return [textColumn(name, column, 'text')]
      return [
        textColumn(name, column, 'exporter'),
        { name: `${name}_domain`, type: 'UINTEGER', column, part: 'domain', absent: '0::UINTEGER' },
        { name: `${name}_version`, type: 'UTINYINT', column, part: 'version', absent: '0::UTINYINT' },
      ]
    default: {
      const type = NUMBER_TYPES[COLUMNS[column].kind as keyof typeof NUMBER_TYPES]
      return [{ name, type, column, part: 'value', absent: `${absent}::${type}` }]
    }
  }
}

function textColumn(name: string, column: ColumnName | 'site', part: 'text' | 'exporter'): ParquetColumn {
  return { name, type: 'VARCHAR', column, part, absent: 'NULL::VARCHAR' }
}
