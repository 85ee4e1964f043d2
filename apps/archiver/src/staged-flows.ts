// Flows that wait for the next flush, by Parquet column. In: batches. Out: columns for write.ts, sums for the catalogue.
// No clock, no disk, no DuckDB here; a batch is copied in and may be dropped by the caller.
import {
  type DayBounds,
  type DayClock,
  isZeroAddressValue,
  LOWER_CASE_COLUMNS,
  lowerCase,
  PARQUET_COLUMNS,
  type ParquetColumn,
} from '@netbehave/history'
import {
  type AddressColumn as AddressColumnName,
  columnSpec,
  type DictionaryName,
  type FlowBatch,
  type IndexColumn,
  type NumberColumn as NumberColumnName,
} from '@netbehave/schema'
import { AddressColumn, BigintColumn, MacColumn, NumberColumn, type StagedColumn, TextColumn } from './staged-column.ts'
import { TextDictionary } from './text-dictionary.ts'

/** What the flows of one day in a flush sum up to. */
export interface DaySums {
  readonly bounds: DayBounds
  rows: number
  bytes: number
  packets: number
  firstMs: number
  lastMs: number
}

/** Which day each flow goes to. */
export interface Filing {
  readonly clock: DayClock
  /** Epoch ms now. */
  readonly nowMs: number
  /** A flow further from now than this goes to today. */
  readonly clockSkewMs: number
}

type DictionaryKey = Exclude<DictionaryName, 'exporter'> | 'exporter' | 'site'

const LOWER_CASE_DICTIONARIES: ReadonlySet<DictionaryKey | undefined> = new Set(
  [...LOWER_CASE_COLUMNS].map((column) => columnSpec(column).dictionary),
)
const FIRST_CAPACITY = 8192
/** Times that a date can express (ECMA-262 §21.4.1.1). */
const DATE_LIMIT_MS = 8.64e15
const NUMBER_ARRAYS = { UINTEGER: Uint32Array, USMALLINT: Uint16Array, UTINYINT: Uint8Array } as const

export class StagedFlows {
  length = 0
  readonly days: DaySums[] = []
  /** The day of each row, as a position in `days`; only meaningful when there are several. */
  readonly dayOf = new NumberColumn(Uint8Array, 0, FIRST_CAPACITY)
  readonly dictionaries = new Map<DictionaryKey, TextDictionary>()
  /** Columns in which some flow of this flush has a value, by Parquet name (an address by its name without 4 or 6). */
  readonly columns = new Map<string, StagedColumn>()
  /** Columns of earlier flushes, kept for their memory. */
  readonly #idle = new Map<string, StagedColumn>()
  #capacity = FIRST_CAPACITY

  /** Characters of all texts held. */
  get textCharacters(): number {
    let characters = 0
    for (const dictionary of this.dictionaries.values()) characters += dictionary.characters
    return characters
  }

  /** Copies a batch in. Returns how many of its flows went to today because their time cannot be right. */
  append(batch: FlowBatch, filing: Filing): number {
    const from = this.length
    const to = from + batch.length
    if (batch.length === 0) return 0
    this.#reserve(to)
    const skewed = this.#file(batch, from, filing)
    const touched = new Set<string>()
    const remaps = new Map<DictionaryKey, Uint32Array>()
    for (const column of PARQUET_COLUMNS) {
      if (column.part === 'ipv6') continue
      if (this.#appendColumn(column, batch, from, to, remaps)) touched.add(stagedName(column))
    }
    for (const [name, column] of this.columns) if (!touched.has(name)) column.fillAbsent(from, to)
    this.length = to
    return skewed
  }

  /** Forgets all flows; the memory stays for the next flush. */
  clear(): void {
    for (const [name, column] of this.columns) {
      if (column instanceof AddressColumn) column.clear()
      this.#idle.set(name, column)
    }
    this.columns.clear()
    for (const dictionary of this.dictionaries.values()) dictionary.clear()
    this.days.length = 0
    this.length = 0
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity) return
    while (this.#capacity < rows) this.#capacity *= 2
    for (const column of [this.dayOf, ...this.columns.values()]) column.grow(this.#capacity, this.length)
    this.#idle.clear()
  }

  /** Gives every flow its day and adds up what the catalogue will say of each day. */
  #file(batch: FlowBatch, from: number, { clock, nowMs, clockSkewMs }: Filing): number {
    const firsts = batch.times('first')
    const lasts = batch.times('last')
    const bytes = batch.numbers('bytes')
    const packets = batch.numbers('packets')
    const firstColumn = this.#column('first_ms', from, () => new BigintColumn(this.#capacity))
    const lastColumn = this.#column('last_ms', from, () => new BigintColumn(this.#capacity))
    const today = clock.at(nowMs)
    let skewed = 0
    let position = -1
    let day = today
    for (let i = 0; i < batch.length; i++) {
      const firstMs = storableTime(firsts[i]!, nowMs)
      const lastMs = storableTime(lasts[i]!, firstMs)
      let itsDay = day
      if (!(Math.abs(firsts[i]! - nowMs) <= clockSkewMs)) {
        skewed++
        itsDay = today
      } else if (position < 0 || firstMs < day.startMs || firstMs >= day.endMs) itsDay = clock.at(firstMs)
      if (position < 0 || itsDay !== day) {
        day = itsDay
        position = this.#positionOf(day)
      }
      const sums = this.days[position]!
      sums.rows++
      sums.bytes = Math.min(sums.bytes + storableCount(bytes[i]!), Number.MAX_SAFE_INTEGER)
      sums.packets = Math.min(sums.packets + storableCount(packets[i]!), Number.MAX_SAFE_INTEGER)
      if (firstMs < sums.firstMs) sums.firstMs = firstMs
      if (lastMs > sums.lastMs) sums.lastMs = lastMs
      firstColumn.set(from + i, firstMs)
      lastColumn.set(from + i, lastMs)
      this.dayOf.values[from + i] = position
    }
    return skewed
  }

  #positionOf(bounds: DayBounds): number {
    const known = this.days.findIndex((sums) => sums.bounds.day === bounds.day)
    if (known >= 0) return known
    return this.days.push({ bounds, rows: 0, bytes: 0, packets: 0, firstMs: Infinity, lastMs: -Infinity }) - 1
  }

  /** Copies one column of a batch; false when the batch has no value in it. */
  #appendColumn(
    column: ParquetColumn,
    batch: FlowBatch,
    from: number,
    to: number,
    remaps: Map<DictionaryKey, Uint32Array>,
  ): boolean {
    if (column.column === 'site') {
      const index = this.#dictionary('site').add(batch.fields.site)
      if (index !== 0) this.#text(column.name, from).indices.fill(index, from, to)
      return index !== 0
    }
    const name = column.column
    const { kind, dictionary, absent = 0 } = columnSpec(name)
    if (kind === 'time') return true // #file has it
    if (!batch.has(name)) return false
    switch (column.part) {
      case 'ipv4':
        this.#appendAddresses(column, name as AddressColumnName, batch, from)
        return true
      case 'mac': {
        const staged = this.#column(column.name, from, () => new MacColumn(this.#capacity))
        staged.bytes.set(batch.macs(name as 'srcMac')!, from * 6)
        return true
      }
      case 'text': {
        const key = dictionary as Exclude<DictionaryName, 'exporter'>
        const remap = remaps.get(key) ?? this.#dictionary(key).remap(batch.texts(key))
        remaps.set(key, remap)
        lookUp(remap, batch, name as IndexColumn, this.#text(column.name, from).indices, from)
        return true
      }
      case 'exporter': {
        const remap = this.#dictionary('exporter').remap(batch.exporters.map(({ ip }) => ip))
        lookUp(remap, batch, 'exporter', this.#text(column.name, from).indices, from)
        return true
      }
      case 'domain':
      case 'version': {
        const part = column.part
        const values = Uint32Array.from(batch.exporters, (exporter) => exporter[part])
        lookUp(values, batch, 'exporter', this.#numbers(column, 0, from).values, from)
        return true
      }
      default:
        this.#appendNumbers(column, name as NumberColumnName, absent, batch, from, to)
        return true
    }
  }

  #appendAddresses(column: ParquetColumn, name: AddressColumnName, batch: FlowBatch, from: number): void {
    const make = () => new AddressColumn(isZeroAddressValue(name), this.#capacity)
    const staged = this.#column(stagedName(column), from, make)
    const addresses = batch.address(name)!
    if (addresses.v4) staged.setIpv4(from, addresses.v4)
    else staged.setIpv6(from, addresses.v6)
  }

  #appendNumbers(
    column: ParquetColumn,
    name: NumberColumnName,
    absent: number,
    batch: FlowBatch,
    from: number,
    to: number,
  ): void {
    if (column.type === 'BIGINT') {
      const staged = this.#column(column.name, from, () => new BigintColumn(this.#capacity))
      const values = batch.numbers(name)
      for (let i = 0; i < batch.length; i++) staged.set(from + i, storableCount(values[i]!))
      return
    }
    const staged = this.#numbers(column, absent, from)
    const scalar = batch.scalar(name)
    if (scalar !== undefined) staged.values.fill(scalar, from, to)
    else staged.values.set(batch.numbers(name), from)
  }

  #text(name: string, from: number): TextColumn {
    return this.#column(name, from, () => new TextColumn(this.#capacity))
  }

  #numbers(column: ParquetColumn, absent: number, from: number): NumberColumn {
    const array = NUMBER_ARRAYS[column.type as keyof typeof NUMBER_ARRAYS]
    return this.#column(column.name, from, () => new NumberColumn(array, absent, this.#capacity))
  }

  #dictionary(key: DictionaryKey): TextDictionary {
    let dictionary = this.dictionaries.get(key)
    if (!dictionary) {
      dictionary = LOWER_CASE_DICTIONARIES.has(key) ? new TextDictionary(lowerCase) : new TextDictionary()
      this.dictionaries.set(key, dictionary)
    }
    return dictionary
  }

  /** The column of this flush; rows before its first value have none. */
  #column<C extends StagedColumn>(name: string, from: number, make: () => C): C {
    const known = this.columns.get(name)
    if (known) return known as C
    const column = (this.#idle.get(name) as C | undefined) ?? make()
    this.columns.set(name, column)
    column.fillAbsent(0, from)
    return column
  }
}

/** The name under which both halves of an address are staged. */
export const stagedName = ({ name, part }: ParquetColumn): string =>
  part === 'ipv4' || part === 'ipv6' ? name.slice(0, -1) : name

/** Which dictionary a text column of the file takes its texts from. */
export const dictionaryOf = ({ column }: ParquetColumn): DictionaryKey =>
  column === 'site' ? 'site' : columnSpec(column).dictionary!

function lookUp(
  table: Uint32Array,
  batch: FlowBatch,
  name: IndexColumn,
  into: Uint8Array | Uint16Array | Uint32Array,
  from: number,
): void {
  const scalar = batch.scalar(name)
  if (scalar !== undefined) {
    into.fill(table[scalar]!, from, from + batch.length)
    return
  }
  const indices = batch.numbers(name)
  for (let i = 0; i < batch.length; i++) into[from + i] = table[indices[i]!]!
}

/** Counters are not negative and saturate at 2^53 - 1; a batch made by a stranger may hold anything. */
const storableCount = (value: number): number => (value >= 0 ? Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER) : 0)

const storableTime = (ms: number, otherwiseMs: number): number =>
  Math.abs(ms) <= DATE_LIMIT_MS ? Math.floor(ms) : otherwiseMs
