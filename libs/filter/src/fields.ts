// The fields of the language. Columns, their types and names come from the one table of columns (libs/schema); what this file
// adds: either-side fields, those that are no column (site, duration, versions), and the original's names.
import { COLUMN_NAMES, COLUMNS, type ColumnName, columnSpec } from '@netbehave/schema'
import { COLUMN_VALUES, EXPORT_VERSIONS, type Names, TCP_FLAGS } from './enumerations.ts'

/** What decides which operators and values a field takes. */
export type FieldType = 'address' | 'mac' | 'text' | 'number' | 'flags'

/** How a number may be written, besides digits. */
export type NumberForm = 'plain' | 'count' | 'port' | 'milliseconds'

/** Where a field's value is: a column, or the batch's site, or computed from columns. */
export type FieldSource = ColumnName | ComputedSource

/** Not a column of its own: of the batch, computed from columns, or a part of what the column `exporter` points to. */
export type ComputedSource = 'site' | 'duration' | 'ip.version' | 'exporter.domain' | 'exporter.version'

export interface Field {
  /** Canonical name. */
  readonly name: string
  readonly type: FieldType
  readonly meaning: string
  /** Of one side; undefined for an either-side field. */
  readonly source?: FieldSource
  /** For an either-side field: the fields of both sides, source first. */
  readonly sides?: readonly [Field, Field]
  readonly form: NumberForm
  /** Largest number. */
  readonly most: number
  /** The number that means "this flow has no value"; undefined: every flow has one. NULL for text, MAC and NAT address. */
  readonly missing?: number
  /** Can a flow be without a value? */
  readonly optional: boolean
  /** Names for numbers. */
  readonly names?: Names
}

/** Columns in which 0 (or 0.0.0.0) is a value like any other. */
const ALWAYS_THERE: ReadonlySet<ColumnName> = new Set<ColumnName>([
  'srcIp',
  'dstIp',
  'srcPort',
  'dstPort',
  'protocol',
  'tcpFlags',
  'tos',
  'bytes',
  'packets',
  'sampling',
])

const MOST = { u8: 0xff, u16: 0xffff, u32: 0xffff_ffff, count: Number.MAX_SAFE_INTEGER }
const MAC_MOST = 2 ** 48 - 1

function columnField(column: ColumnName): Field {
  const { kind, field: name, meaning, absent = 0 } = columnSpec(column)
  const optional = !ALWAYS_THERE.has(column)
  const common = { name, meaning, source: column, optional, form: 'plain', most: 0 } as const
  switch (kind) {
    case 'address':
      return { ...common, type: 'address' }
    case 'mac':
      return { ...common, type: 'mac', most: MAC_MOST, missing: 0 }
    case 'index':
      return { ...common, type: 'text' }
    case 'time':
      throw new TypeError('times stand beside a filter, not in it')
    default: {
      const names = COLUMN_VALUES[column]
      return {
        ...common,
        type: column === 'tcpFlags' ? 'flags' : 'number',
        form: /Port$/.test(column) ? 'port' : kind === 'count' ? 'count' : 'plain',
        most: MOST[kind],
        ...(optional && { missing: absent }),
        ...(column === 'tcpFlags' && { names: TCP_FLAGS }),
        ...(names && { names }),
      }
    }
  }
}

const columnFields = COLUMN_NAMES.filter((column) => COLUMNS[column].kind !== 'time').map(columnField)
const byColumn = new Map(columnFields.map((field) => [field.source as ColumnName, field]))

function eitherField(name: string, src: ColumnName, dst: ColumnName, what: string): Field {
  const sides = [byColumn.get(src)!, byColumn.get(dst)!] as const
  const { source: _, ...common } = sides[0]
  return { ...common, name, sides, meaning: `${what} of either side` }
}

/** Every field, in the order in which they are offered. */
export const FIELDS: readonly Field[] = [
  eitherField('ip', 'srcIp', 'dstIp', 'address'),
  eitherField('port', 'srcPort', 'dstPort', 'port'),
  eitherField('mac', 'srcMac', 'dstMac', 'MAC'),
  eitherField('net', 'srcNet', 'dstNet', 'network'),
  eitherField('name', 'srcName', 'dstName', 'DNS name'),
  eitherField('org', 'srcOrg', 'dstOrg', 'holder of the address'),
  eitherField('asset', 'srcAsset', 'dstAsset', 'name of the asset'),
  ...columnFields,
  {
    name: 'site',
    type: 'text',
    source: 'site',
    form: 'plain',
    most: 0,
    optional: true,
    meaning: 'where the collector stands',
  },
  {
    name: 'duration',
    type: 'number',
    source: 'duration',
    form: 'milliseconds',
    most: Number.MAX_SAFE_INTEGER,
    optional: false,
    meaning: 'end minus start, in ms unless a unit is given',
  },
  {
    name: 'ip.version',
    type: 'number',
    source: 'ip.version',
    form: 'plain',
    most: 6,
    names: { IPv4: 4, IPv6: 6 },
    optional: false,
    meaning: 'version of the source address, 4 or 6',
  },
  {
    name: 'exporter.domain',
    type: 'number',
    source: 'exporter.domain',
    form: 'plain',
    most: MOST.u32,
    optional: false,
    meaning: 'observation domain of the exporter, its source id or engine; 0 when it tells none',
  },
  {
    name: 'exporter.version',
    type: 'number',
    source: 'exporter.version',
    form: 'plain',
    most: MOST.u8,
    names: EXPORT_VERSIONS,
    missing: 0,
    optional: true,
    meaning: 'version that the exporter sends: 1, 5, 7, 9, or 10 for IPFIX',
  },
]

/** The original's names, and short ones. `/` is `.` and case does not count, so `src/arin/name` is `src.arin.name`. */
const ALIASES: Readonly<Record<string, string>> = {
  proto: 'protocol',
  protocol_name: 'protocol',
  ip_version: 'ip.version',
  host: 'exporter',
  match: 'rule',
  domain: 'name',
  network: 'net',
  'arin.name': 'org',
  'src.domain': 'src.name',
  'dst.domain': 'dst.name',
  'src.network': 'src.net',
  'dst.network': 'dst.net',
  'src.arin.name': 'src.org',
  'dst.arin.name': 'dst.org',
}

/** Names of JSON and Parquet for what is no column. */
const COMPUTED: Readonly<Record<ComputedSource, readonly string[]>> = {
  site: [],
  duration: [],
  'ip.version': [],
  'exporter.domain': ['exporterDomain', 'exporter_domain'],
  'exporter.version': ['exporterVersion', 'exporter_version'],
}

const isComputed = (source: FieldSource): source is ComputedSource => Object.hasOwn(COMPUTED, source)

const byName = new Map<string, Field>()
for (const field of FIELDS) {
  if (!field.source) continue
  if (isComputed(field.source)) {
    for (const alias of COMPUTED[field.source]) byName.set(alias.toLowerCase(), field)
    continue
  }
  // Whoever copies a name from JSON, a Parquet file or the code may use it: srcIp, src_ip.
  byName.set(field.source.toLowerCase(), field)
  byName.set(columnSpec(field.source).parquet, field)
  const { json } = columnSpec(field.source)
  if (json) byName.set(json.toLowerCase(), field)
}
byName.set('servicename', byColumn.get('service')!)
for (const field of FIELDS) byName.set(field.name, field)
for (const [alias, name] of Object.entries(ALIASES)) byName.set(alias, byName.get(name)!)

/** The field of a name or alias. */
export function findField(name: string): Field | undefined {
  return byName.get(name.toLowerCase().replaceAll('/', '.'))
}

/** Other names of a field: the original's, those of JSON and of Parquet columns. */
export function aliasesOf(field: Field): string[] {
  const known = Object.keys(ALIASES).filter((alias) => byName.get(alias) === field)
  const { source } = field
  if (!source) return known
  if (isComputed(source)) return [...known, ...COMPUTED[source]]
  const { json = source, parquet } = columnSpec(source)
  return [...new Set([...known, json, parquet])].filter((alias) => alias !== field.name && findField(alias) === field)
}

/** Names to compare a misspelled one with. */
export const FIELD_NAMES: readonly string[] = [...FIELDS.map(({ name }) => name), ...Object.keys(ALIASES)]

/** The field of a canonical name. Throws on any other, which only a hand-made AST can hold. */
export function fieldNamed(name: string): Field {
  const field = byName.get(name)
  if (!field) throw new TypeError(`"${name}" is no field`)
  return field
}
