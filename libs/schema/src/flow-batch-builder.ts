// Flows being collected, one wide typed array per column: what a decoder appends to and the collector's steps work on in
// place. `seal` narrows every column to the smallest array that holds it and hands out a FlowBatch. No allocation per flow.
import { MAC_BYTES } from './address.ts'
import { AddressRows } from './address-rows.ts'
import { type ColumnMemory, freshMemory } from './column-memory.ts'
import {
  type AddressColumn,
  COLUMN_NAMES,
  COLUMNS,
  type ColumnName,
  columnSpec,
  type DictionaryName,
  type IndexColumn,
  type MacColumn,
  type NumberColumn,
  type TimeColumn,
} from './columns.ts'
import { type BatchDictionaries, Dictionary, ExporterDictionary, type ExporterEntry } from './dictionary.ts'
import { type ColumnData, type ColumnMap, FlowBatch } from './flow-batch.ts'
import { sealAddresses, sealBytes, sealFloat64, sealUint8, sealUint16, sealUint32 } from './seal-column.ts'

/** Flows of one batch at most (flow-batch.md). */
export const BATCH_FLOWS = 4096

type NumberRows = Uint8Array | Uint16Array | Uint32Array | Float64Array

const allocate = {
  time: (n: number) => new Float64Array(n),
  u8: (n: number) => new Uint8Array(n),
  u16: (n: number) => new Uint16Array(n),
  u32: (n: number) => new Uint32Array(n),
  count: (n: number) => new Float64Array(n),
  index: (n: number) => new Uint16Array(n),
  mac: (n: number) => new Uint8Array(n * MAC_BYTES),
  address: (n: number) => new AddressRows(n),
}

type Rows = { readonly [N in TimeColumn]: Float64Array } & { readonly [N in NumberColumn]: NumberRows } & {
  readonly [N in IndexColumn]: Uint16Array
} & { readonly [N in AddressColumn]: AddressRows } & { readonly [N in MacColumn]: Uint8Array }

export interface SealFields {
  site: string
  collector: string
  /** Number of this batch, counted up by the collector since its start. */
  seq: number
  /** Epoch ms at which the newest of its datagrams was received. */
  received: number
}

/**
 * A batch being filled. Usage: write the columns of row `builder.length` (for rows of one set: a run of rows), call
 * `touch(column)` once for each column that got values, then `commit(n)`. Rows that are not written hold the column's
 * "absent" value. `seal` returns the batch and empties the builder.
 */
export class FlowBatchBuilder {
  readonly capacity: number
  /** The wide columns, by name; typed as COLUMNS says. */
  readonly rows: Rows
  readonly exporters = new ExporterDictionary()
  /** The dictionaries of text, by name. */
  readonly dictionaries: { readonly [D in Exclude<DictionaryName, 'exporter'>]: Dictionary }
  length = 0
  /** Counted up by every `clear`: what a decoder remembers of this builder (columns touched, dictionary indices) holds while it is the same. */
  generation = 0
  readonly #touched = new Set<ColumnName>()

  constructor(capacity: number = BATCH_FLOWS) {
    this.capacity = capacity
    const rows: Record<string, unknown> = {}
    for (const name of COLUMN_NAMES) {
      rows[name] = allocate[COLUMNS[name].kind](capacity)
      const absent = columnSpec(name).absent
      if (absent) (rows[name] as NumberRows).fill(absent)
    }
    this.rows = rows as Rows
    this.dictionaries = {
      net: new Dictionary(),
      name: new Dictionary(),
      org: new Dictionary(),
      asset: new Dictionary(),
      service: new Dictionary(),
      rule: new Dictionary(),
    }
  }

  get full(): boolean {
    return this.length >= this.capacity
  }

  /** Rows that can still be appended. */
  get room(): number {
    return this.capacity - this.length
  }

  /** Says that a column holds values; only touched columns are sealed and cleared. */
  touch(name: ColumnName): void {
    this.#touched.add(name)
  }

  isTouched(name: ColumnName): boolean {
    return this.#touched.has(name)
  }

  /** Makes the next `n` rows part of the batch. */
  commit(n: number): void {
    if (n > this.room) throw new RangeError(`batch holds ${this.capacity} flows; ${n} more do not fit`)
    this.length += n
  }

  /**
   * The batch of all rows so far, columns narrowed; the builder is empty afterwards. `n` of the batch may be 0. Columns are
   * arrays from `memory`.
   */
  seal(fields: SealFields, memory: ColumnMemory = freshMemory): FlowBatch {
    const n = this.length
    const cols: ColumnMap = {}
    const base = n === 0 ? fields.received : minimum(this.rows.first, n)
    for (const name of this.#touched) {
      const column = this.#seal(name, n, base, memory)
      if (column !== undefined) cols[name] = column
    }
    const dict: BatchDictionaries = { exporter: this.exporters.entries() as ExporterEntry[] }
    for (const [name, dictionary] of Object.entries(this.dictionaries)) {
      if (dictionary.size > 1) dict[name as Exclude<DictionaryName, 'exporter'>] = dictionary.entries()
    }
    this.clear()
    return new FlowBatch({ v: 1, ...fields, n, base, cols, dict })
  }

  /** Forgets all rows and dictionaries. */
  clear(): void {
    for (const name of this.#touched) {
      const rows = this.rows[name]
      if (rows instanceof AddressRows) {
        rows.v4.fill(0, 0, this.length)
        if (rows.any6) rows.is6.fill(0, 0, this.length)
        rows.any6 = false
      } else {
        const width = COLUMNS[name].kind === 'mac' ? MAC_BYTES : 1
        rows.fill(columnSpec(name).absent ?? 0, 0, this.length * width)
      }
    }
    this.#touched.clear()
    this.exporters.clear()
    for (const dictionary of Object.values(this.dictionaries)) dictionary.clear()
    this.length = 0
    this.generation++
  }

  #seal(name: ColumnName, n: number, base: number, memory: ColumnMemory): ColumnData | undefined {
    if (n === 0) return undefined
    const rows = this.rows[name]
    const { kind } = COLUMNS[name]
    const absent = columnSpec(name).absent ?? 0
    if (rows instanceof AddressRows) return sealAddresses(rows, n, memory)
    if (kind === 'mac') return sealBytes(rows as Uint8Array, n * MAC_BYTES, memory)
    if (rows instanceof Float64Array) return sealFloat64(rows, n, kind === 'time' ? base : undefined, memory)
    if (rows instanceof Uint32Array) return sealUint32(rows, n, absent, memory)
    return rows instanceof Uint16Array ? sealUint16(rows, n, absent, memory) : sealUint8(rows, n, absent, memory)
  }
}

function minimum(values: Float64Array, n: number): number {
  let least = values[0]!
  for (let i = 1; i < n; i++) if (values[i]! < least) least = values[i]!
  return least
}
