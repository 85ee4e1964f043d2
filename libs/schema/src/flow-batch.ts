// A sealed batch of flows, held by column exactly as it travels (docs/flow-batch.md). Reading is by whole columns;
// `row` makes one Flow for an edge that people read. In: columns and dictionaries. Fails: never, once decoded.
import { formatIpv4, formatIpv6, formatMac, IPV6_BYTES, isMappedIpv4, MAC_BYTES, mappedIpv4 } from './address.ts'
import {
  type AddressColumn,
  COLUMN_NAMES,
  COLUMNS,
  type ColumnName,
  columnSpec,
  type DictionaryName,
  type IndexColumn,
  type NumberColumn,
  type TimeColumn,
} from './columns.ts'
import { type BatchDictionaries, DICTIONARY_ENTRIES, type ExporterEntry } from './dictionary.ts'
import type { Flow } from './flow.ts'
import { TableTexts } from './text-table.ts'

export type ColumnArray =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array
/** One value for each flow, or one number that all flows have. */
export type ColumnData = ColumnArray | number
export type ColumnMap = { [N in ColumnName]?: ColumnData }
/** Numbers of one column, one a flow. */
export type Numbers = Exclude<ColumnArray, never>

/** A batch: the CBOR map of docs/flow-batch.md. */
export interface FlowBatchFields {
  v: 1
  site: string
  /** Number of flows. */
  n: number
  /** Epoch ms to which the times are relative. */
  base: number
  /** Name of the collector that built the batch. */
  collector: string
  /** Counted up by the collector since its start. */
  seq: number
  /** Epoch ms at which the newest datagram in it was received. */
  received: number
  cols: ColumnMap
  dict: BatchDictionaries
}

/** An address column for reading: IPv4 integers, or 16 bytes a flow. */
export type AddressView =
  | { readonly v4: Uint32Array; readonly v6?: never }
  | { readonly v4?: never; readonly v6: Uint8Array }

export class FlowBatch {
  readonly fields: FlowBatchFields
  readonly #expanded = new Map<ColumnName, Numbers>()

  constructor(fields: FlowBatchFields) {
    this.fields = fields
  }

  /** Number of flows. */
  get length(): number {
    return this.fields.n
  }

  has(name: ColumnName): boolean {
    return this.fields.cols[name] !== undefined
  }

  /** The one value that all flows have in this column (also when absent); undefined where they differ. */
  scalar(name: NumberColumn | IndexColumn): number | undefined {
    const column = this.fields.cols[name]
    if (column === undefined) return columnSpec(name).absent ?? 0
    return typeof column === 'number' ? column : undefined
  }

  /** One number a flow; columns that are absent or of one value are filled out. Do not write into it. */
  numbers(name: NumberColumn | IndexColumn): Numbers {
    const column = this.fields.cols[name]
    if (typeof column === 'object') return column
    return this.#fill(name, column ?? columnSpec(name).absent ?? 0)
  }

  /** Epoch ms, one a flow. */
  times(name: TimeColumn): Float64Array {
    const known = this.#expanded.get(name)
    if (known) return known as Float64Array
    const { n, base } = this.fields
    const times = new Float64Array(n)
    const column = this.fields.cols[name] ?? 0
    if (typeof column === 'number') times.fill(base + column)
    else for (let i = 0; i < n; i++) times[i] = base + column[i]!
    this.#expanded.set(name, times)
    return times
  }

  /** An address column; undefined when no flow has a value. */
  address(name: AddressColumn): AddressView | undefined {
    const column = this.fields.cols[name]
    if (column === undefined) return undefined
    if (typeof column === 'number') return { v4: this.#fill(name, column) as Uint32Array }
    return column instanceof Uint32Array ? { v4: column } : { v6: column as Uint8Array }
  }

  /** Six bytes a flow; undefined when no flow has a value. */
  macs(name: 'srcMac' | 'dstMac'): Uint8Array | undefined {
    return this.fields.cols[name] as Uint8Array | undefined
  }

  /** The texts of a dictionary; `[0]` is "no value". */
  texts(dictionary: Exclude<DictionaryName, 'exporter'>): readonly string[] {
    const texts = this.dictionary(dictionary)
    return texts instanceof TableTexts ? texts.texts() : texts
  }

  /** Entry `index` of a dictionary; undefined beyond its last. */
  text(dictionary: Exclude<DictionaryName, 'exporter'>, index: number): string | undefined {
    const texts = this.dictionary(dictionary)
    return texts instanceof TableTexts ? texts.text(index) : texts[index]
  }

  /** The same for those who remember what they found out about a text of a table. */
  dictionary(dictionary: Exclude<DictionaryName, 'exporter'>): readonly string[] | TableTexts {
    return this.fields.dict[dictionary] ?? NO_TEXTS
  }

  get exporters(): readonly ExporterEntry[] {
    return this.fields.dict.exporter
  }

  /** The same flows with these columns and dictionaries put in place of what was there. */
  with(cols: ColumnMap, dict: Partial<BatchDictionaries>): FlowBatch {
    const batch = new FlowBatch({
      ...this.fields,
      cols: { ...this.fields.cols, ...cols },
      dict: { ...this.fields.dict, ...dict },
    })
    for (const [name, values] of this.#expanded) if (!(name in cols)) batch.#expanded.set(name, values)
    return batch
  }

  /** The flows at these positions, in this order; dictionaries are shared. */
  select(positions: ArrayLike<number>): FlowBatch {
    const cols: ColumnMap = {}
    for (const name of COLUMN_NAMES) {
      const column = this.fields.cols[name]
      if (column === undefined) continue
      cols[name] = typeof column === 'number' ? column : pick(column, positions, elementsPerFlow(name, column))
    }
    return new FlowBatch({ ...this.fields, n: positions.length, cols })
  }

  /** Flow `i` with names and text, for edges that people read. Values that the flow does not have are left out. */
  row(i: number): Flow {
    const flow: Record<string, unknown> = { ...REQUIRED, site: this.fields.site }
    for (const name of COLUMN_NAMES) {
      const value = this.#value(name, i)
      if (value === undefined) continue
      flow[columnSpec(name).json ?? name] = value
    }
    const exporter = this.exporters[this.#at('exporter', i)]
    if (exporter && exporter.ip !== '') {
      flow.exporter = exporter.ip
      flow.exporterDomain = exporter.domain
      flow.exporterVersion = exporter.version
    } else delete flow.exporter
    return flow as unknown as Flow
  }

  #value(name: ColumnName, i: number): unknown {
    const column = this.fields.cols[name]
    if (column === undefined) return undefined
    const spec = columnSpec(name)
    switch (spec.kind) {
      case 'time':
        return this.fields.base + (typeof column === 'number' ? column : column[i]!)
      case 'address':
        return formatAddress(column, i)
      case 'mac':
        return formatPresentMac(column as Uint8Array, i)
      case 'index': {
        const index = this.#at(name as IndexColumn, i)
        if (index === 0 || spec.dictionary === 'exporter') return undefined
        return this.text(spec.dictionary as Exclude<DictionaryName, 'exporter'>, index)
      }
      default: {
        const value = this.#at(name as NumberColumn, i)
        const json = spec.json ?? name
        return value === (spec.absent ?? 0) && !(json in REQUIRED) ? undefined : value
      }
    }
  }

  #at(name: NumberColumn | IndexColumn, i: number): number {
    const column = this.fields.cols[name]
    if (column === undefined) return columnSpec(name).absent ?? 0
    return typeof column === 'number' ? column : column[i]!
  }

  #fill(name: ColumnName, value: number): Numbers {
    const known = this.#expanded.get(name)
    if (known) return known
    const { n } = this.fields
    const filled =
      Number.isInteger(value) && value >= 0 && value <= 0xffffffff ? new Uint32Array(n) : new Float64Array(n)
    if (value !== 0) filled.fill(value)
    this.#expanded.set(name, filled)
    return filled
  }
}

const NO_TEXTS: readonly string[] = ['']

/** What every Flow has, with the value of an exporter that does not tell. */
const REQUIRED: Record<string, unknown> = {
  firstMs: 0,
  lastMs: 0,
  srcIp: '0.0.0.0',
  dstIp: '0.0.0.0',
  srcPort: 0,
  dstPort: 0,
  protocol: 0,
  bytes: 0,
  packets: 0,
  sampling: 1,
}

function formatAddress(column: ColumnData, i: number): string | undefined {
  if (typeof column === 'number') return column === 0 ? undefined : formatIpv4(column)
  if (column instanceof Uint32Array) return column[i] === 0 ? undefined : formatIpv4(column[i]!)
  const at = i * IPV6_BYTES
  const bytes = column as Uint8Array
  return isMappedIpv4(bytes, at) && mappedIpv4(bytes, at) === 0 ? undefined : formatIpv6(bytes, at)
}

function formatPresentMac(bytes: Uint8Array, i: number): string | undefined {
  const at = i * MAC_BYTES
  for (let k = at; k < at + MAC_BYTES; k++) if (bytes[k] !== 0) return formatMac(bytes, at)
  return undefined
}

function elementsPerFlow(name: ColumnName, column: ColumnArray): number {
  const kind = COLUMNS[name].kind
  if (kind === 'mac') return MAC_BYTES
  return kind === 'address' && column instanceof Uint8Array ? IPV6_BYTES : 1
}

function pick(column: ColumnArray, positions: ArrayLike<number>, width: number): ColumnArray {
  const picked = new (column.constructor as new (n: number) => ColumnArray)(positions.length * width)
  for (let i = 0; i < positions.length; i++) {
    if (width === 1) picked[i] = column[positions[i]!]!
    else picked.set(column.subarray(positions[i]! * width, (positions[i]! + 1) * width) as never, i * width)
  }
  return picked
}

/** The largest batch a reader takes; larger is refused. */
export const BATCH_FLOWS_ACCEPTED = 65_535

/** Why a decoded map is no valid batch; undefined when it is one. Checks everything that a reader relies on. */
export function findBatchFault(fields: Partial<FlowBatchFields> | null | undefined): string | undefined {
  if (typeof fields !== 'object' || fields === null) return 'not a map'
  if (fields.v !== 1) return `version ${String(fields.v)}, not 1`
  const { n, base, received, seq, site, collector, cols, dict } = fields
  if (!Number.isInteger(n) || n! < 0 || n! > BATCH_FLOWS_ACCEPTED)
    return `n ${String(n)} is not 0 to ${BATCH_FLOWS_ACCEPTED}`
  if (!isEpochMs(base)) return 'base is no time'
  if (!isEpochMs(received)) return 'received is no time'
  if (!Number.isSafeInteger(seq)) return 'seq is no number'
  if (!isShortText(site) || !isShortText(collector))
    return `site or collector is no text of at most ${BATCH_TEXT_LENGTH}`
  if (typeof cols !== 'object' || cols === null) return 'no cols'
  const fault = findDictionaryFault(dict)
  if (fault) return fault
  for (const name of COLUMN_NAMES) {
    const column = cols[name]
    if (column === undefined) continue
    const columnFault = findColumnFault(name, column, n!, dict!)
    if (columnFault) return `column ${name}: ${columnFault}`
  }
  return undefined
}

/** Letters of a site's or collector's name that are taken; a name of ours has 64, and both of them 129. */
const BATCH_TEXT_LENGTH = 255

const isShortText = (value: unknown): value is string => typeof value === 'string' && value.length <= BATCH_TEXT_LENGTH

const isWholeUpTo = (value: unknown, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most

const isEpochMs = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= 8.64e15

function findDictionaryFault(dict: BatchDictionaries | undefined): string | undefined {
  if (typeof dict !== 'object' || dict === null) return 'no dict'
  if (!Array.isArray(dict.exporter) || dict.exporter.length === 0) return 'no dictionary of exporters'
  for (const [name, entries] of Object.entries(dict)) {
    if (!Array.isArray(entries) || entries.length === 0 || entries.length > DICTIONARY_ENTRIES) {
      return `dictionary ${name} is not a list of 1 to ${DICTIONARY_ENTRIES}`
    }
    for (const entry of entries) {
      const text: unknown = name === 'exporter' ? (entry as ExporterEntry | null)?.ip : entry
      if (typeof text !== 'string' || text.length > 255)
        return `dictionary ${name} holds an entry that is no text of at most 255`
      if (name !== 'exporter') continue
      // The archive's columns for them are 32 and 8 bits wide.
      const { domain, version } = entry as ExporterEntry
      if (!isWholeUpTo(domain, 0xffff_ffff)) return `exporter domain ${String(domain)} is not 0 to 4294967295`
      if (!isWholeUpTo(version, 0xff)) return `exporter version ${String(version)} is not 0 to 255`
    }
  }
  return undefined
}

function findColumnFault(name: ColumnName, column: ColumnData, n: number, dict: BatchDictionaries): string | undefined {
  const spec = columnSpec(name)
  if (typeof column === 'number') {
    if (!Number.isFinite(column) || spec.kind === 'mac') return 'the one value is no number'
    return spec.kind === 'index' ? findIndexFault([column], dict[spec.dictionary!]?.length ?? 1) : undefined
  }
  if (!ArrayBuffer.isView(column) || column instanceof DataView) return 'neither a typed array nor a number'
  const width =
    spec.kind === 'mac' ? MAC_BYTES : spec.kind === 'address' && column instanceof Uint8Array ? IPV6_BYTES : 1
  if (spec.kind === 'mac' && !(column instanceof Uint8Array)) return 'MACs are bytes'
  if (spec.kind === 'address' && !(column instanceof Uint8Array || column instanceof Uint32Array))
    return 'not an array of addresses'
  if (column.length !== n * width) return `${column.length} elements for ${n} flows`
  return spec.kind === 'index' ? findIndexFault(column, dict[spec.dictionary!]?.length ?? 1) : undefined
}

function findIndexFault(indices: ArrayLike<number>, length: number): string | undefined {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!
    if (!(index >= 0 && index < length) || !Number.isInteger(index))
      return `index ${index} in a dictionary of ${length}`
  }
  return undefined
}
