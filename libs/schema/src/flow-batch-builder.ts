// Flows being collected, one wide typed array per column: what a decoder appends to and the collector's steps work on in
// place. `seal` narrows every column to the smallest array that holds it and hands out a FlowBatch. No allocation per flow.
import { IPV6_BYTES, isMappedIpv4, MAC_BYTES, mappedIpv4, writeMappedIpv4 } from './address.ts'
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

/** Flows of one batch at most (flow-batch.md). */
export const BATCH_FLOWS = 4096

/** An address column while it is being filled: IPv4 integers, and 16-byte values only once one turned up. */
export class AddressRows {
  /** IPv4 integer of each row; meaningless where `is6` is 1. */
  readonly v4: Uint32Array
  /** 1 where the row holds 16 bytes in `v6`. */
  readonly is6: Uint8Array
  #v6: Uint8Array | undefined
  /** Is there any row of 16 bytes? Set by whoever sets `is6`. */
  any6 = false
  readonly #capacity: number

  constructor(capacity: number) {
    this.v4 = new Uint32Array(capacity)
    this.is6 = new Uint8Array(capacity)
    this.#capacity = capacity
  }

  /** 16 bytes a row; made when first asked for, kept after. */
  get v6(): Uint8Array {
    this.#v6 ??= new Uint8Array(this.#capacity * IPV6_BYTES)
    return this.#v6
  }

  /** Copies 16 bytes into a row; a mapped IPv4 address is stored as its integer. */
  set6(row: number, bytes: Uint8Array, offset: number): void {
    if (isMappedIpv4(bytes, offset)) {
      this.v4[row] = mappedIpv4(bytes, offset)
      this.is6[row] = 0
      return
    }
    const v6 = this.v6
    const at = row * IPV6_BYTES
    for (let i = 0; i < IPV6_BYTES; i++) v6[at + i] = bytes[offset + i]!
    this.is6[row] = 1
    this.any6 = true
  }

  /** Takes over a row of another column (or of this one). */
  copyRow(row: number, from: AddressRows, fromRow: number): void {
    if (from.is6[fromRow]) this.set6(row, from.v6, fromRow * IPV6_BYTES)
    else {
      this.v4[row] = from.v4[fromRow]!
      this.is6[row] = 0
    }
  }

  /** Is the row 0.0.0.0 or unset? (`::` is a value of 16 zero bytes.) */
  isEmpty(row: number): boolean {
    return this.is6[row] === 0 && this.v4[row] === 0
  }
}

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

  /** The batch of all rows so far, columns narrowed; the builder is empty afterwards. `n` of the batch may be 0. */
  seal(fields: SealFields): FlowBatch {
    const n = this.length
    const cols: ColumnMap = {}
    const base = n === 0 ? fields.received : minimum(this.rows.first, n)
    for (const name of this.#touched) {
      const column = this.#seal(name, n, base)
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

  #seal(name: ColumnName, n: number, base: number): ColumnData | undefined {
    const rows = this.rows[name]
    if (rows instanceof AddressRows) return sealAddresses(rows, n)
    const kind = COLUMNS[name].kind
    if (kind === 'mac') return sealBytes(rows as Uint8Array, n * MAC_BYTES)
    if (kind === 'time') return narrow(rows as Float64Array, n, 0, base)
    return narrow(rows as NumberRows, n, columnSpec(name).absent ?? 0, 0)
  }
}

function minimum(values: Float64Array, n: number): number {
  let least = values[0]!
  for (let i = 1; i < n; i++) if (values[i]! < least) least = values[i]!
  return least
}

/** The narrowest array of `values - base`; a scalar when all are equal; nothing when all are the absent value. */
function narrow(values: NumberRows, n: number, absent: number, base: number): ColumnData | undefined {
  if (n === 0) return undefined
  const head = values[0]!
  let least = head
  let most = head
  for (let i = 1; i < n; i++) {
    const value = values[i]!
    if (value < least) least = value
    else if (value > most) most = value
  }
  least -= base
  most -= base
  if (least === most) return least === absent && base === 0 ? undefined : least
  const narrowed = arrayFor(least, most, n)
  if (base === 0 && narrowed.BYTES_PER_ELEMENT === values.BYTES_PER_ELEMENT) return values.slice(0, n)
  if (base === 0) for (let i = 0; i < n; i++) narrowed[i] = values[i]!
  else for (let i = 0; i < n; i++) narrowed[i] = values[i]! - base
  return narrowed
}

function arrayFor(
  least: number,
  most: number,
  n: number,
): Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array {
  if (least >= 0) {
    if (most <= 0xff) return new Uint8Array(n)
    if (most <= 0xffff) return new Uint16Array(n)
    if (most <= 0xffffffff) return new Uint32Array(n)
  } else if (least >= -0x80000000 && most <= 0x7fffffff) return new Int32Array(n)
  return new Float64Array(n)
}

function sealAddresses(rows: AddressRows, n: number): ColumnData | undefined {
  if (!rows.any6) {
    const v4 = rows.v4
    let any = 0
    for (let i = 0; i < n; i++) any |= v4[i]!
    return any === 0 ? undefined : v4.slice(0, n)
  }
  const bytes = rows.v6.slice(0, n * IPV6_BYTES)
  for (let i = 0; i < n; i++) if (!rows.is6[i]) writeMappedIpv4(bytes, i * IPV6_BYTES, rows.v4[i]!)
  return bytes
}

function sealBytes(rows: Uint8Array, length: number): ColumnData | undefined {
  for (let i = 0; i < length; i++) if (rows[i] !== 0) return rows.slice(0, length)
  return undefined
}
