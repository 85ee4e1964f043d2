// Columns of flows that wait for the next flush, one typed array each, filled batch by batch and handed to DuckDB in chunks
// by copying memory. No allocation and no text per flow. A column exists from the first value on; before, it costs nothing.
import { IPV6_BYTES, isMappedIpv4, MAC_BYTES, mappedIpv4 } from '@netbehave/schema'

/** Values of a chunk as DuckDB's vector holds them; `validity` (one bit a row) where some rows are NULL. */
export interface VectorData {
  readonly data: ArrayBufferView
  readonly validity?: Uint8Array | undefined
}

/** Rows of one DuckDB vector. */
export const CHUNK_ROWS = 2048
const VALIDITY_BYTES = CHUNK_ROWS / 8

type NumberArray = Uint8Array | Uint16Array | Uint32Array

/** Which staged row stands at each place of the file: rows are written sorted, and copied through this. */
export type RowOrder = Uint32Array<ArrayBuffer>

export interface StagedColumn {
  /** Makes room for `capacity` rows, keeping the first `kept`. */
  grow(capacity: number, kept: number): void
  /** Rows that have no value. */
  fillAbsent(from: number, to: number): void
}

/** Unsigned integers of 8, 16 or 32 bits. */
export class NumberColumn implements StagedColumn {
  values: NumberArray
  #gathered: NumberArray | undefined
  readonly #make: new (
    length: number,
  ) => NumberArray
  readonly #absent: number

  constructor(make: new (length: number) => NumberArray, absent: number, capacity: number) {
    this.#make = make
    this.#absent = absent
    this.values = new make(capacity)
  }

  grow(capacity: number, kept: number): void {
    const grown = new this.#make(capacity)
    grown.set(this.values.subarray(0, kept))
    this.values = grown
  }

  fillAbsent(from: number, to: number): void {
    this.values.fill(this.#absent, from, to)
  }

  fill(value: number, from: number, to: number): void {
    this.values.fill(value, from, to)
  }

  chunk(order: RowOrder, from: number, rows: number): VectorData {
    const { values } = this
    const gathered = (this.#gathered ??= new this.#make(CHUNK_ROWS))
    for (let i = 0; i < rows; i++) gathered[i] = values[order[from + i]!]!
    return { data: gathered.subarray(0, rows) }
  }
}

/** Integers of up to 53 bits, held as the two halves of a little-endian BIGINT: no BigInt is made for any of them. */
export class BigintColumn implements StagedColumn {
  words: Uint32Array
  readonly #gathered = new Uint32Array(CHUNK_ROWS * 2)

  constructor(capacity: number) {
    this.words = new Uint32Array(capacity * 2)
  }

  grow(capacity: number, kept: number): void {
    const grown = new Uint32Array(capacity * 2)
    grown.set(this.words.subarray(0, kept * 2))
    this.words = grown
  }

  fillAbsent(from: number, to: number): void {
    this.words.fill(0, from * 2, to * 2)
  }

  /** `value` is an integer within ±2^53; the halves are those of two's complement. */
  set(row: number, value: number): void {
    const high = Math.floor(value / 0x1_0000_0000)
    this.words[row * 2] = value - high * 0x1_0000_0000
    this.words[row * 2 + 1] = high
  }

  chunk(order: RowOrder, from: number, rows: number): VectorData {
    const { words } = this
    const gathered = this.#gathered
    for (let i = 0; i < rows; i++) {
      const row = order[from + i]! * 2
      gathered[i * 2] = words[row]!
      gathered[i * 2 + 1] = words[row + 1]!
    }
    return { data: gathered.subarray(0, rows * 2) }
  }
}

/** Indices into a dictionary of the flush, 0 for no text (NULL). In DuckDB an ENUM without the empty entry, or VARCHAR. */
export class TextColumn implements StagedColumn {
  indices: Uint32Array
  #strings: Uint32Array | undefined
  readonly #validity = new Uint8Array(VALIDITY_BYTES)
  readonly #codes = { 1: new Uint8Array(CHUNK_ROWS), 2: new Uint16Array(CHUNK_ROWS), 4: new Uint32Array(CHUNK_ROWS) }

  constructor(capacity: number) {
    this.indices = new Uint32Array(capacity)
  }

  grow(capacity: number, kept: number): void {
    const grown = new Uint32Array(capacity)
    grown.set(this.indices.subarray(0, kept))
    this.indices = grown
  }

  fillAbsent(from: number, to: number): void {
    this.indices.fill(0, from, to)
  }

  /** `width`: bytes of an ENUM's code, by the number of its values. */
  chunk(order: RowOrder, from: number, rows: number, width: 1 | 2 | 4): VectorData {
    const { indices } = this
    const codes = this.#codes[width]
    const validity = this.#validity
    validity.fill(0)
    for (let i = 0; i < rows; i++) {
      const index = indices[order[from + i]!]!
      if (index === 0) codes[i] = 0
      else {
        codes[i] = index - 1
        validity[i >> 3] = validity[i >> 3]! | (1 << (i & 7))
      }
    }
    return { data: codes.subarray(0, rows), validity }
  }

  /** The string_t of each row's text, from a table of 4 words a text. */
  chunkStrings(order: RowOrder, from: number, rows: number, words: Uint32Array): VectorData {
    const { indices } = this
    const strings = (this.#strings ??= new Uint32Array(CHUNK_ROWS * 4))
    const validity = this.#validity
    validity.fill(0)
    for (let i = 0; i < rows; i++) {
      const index = indices[order[from + i]!]!
      const at = index * 4
      strings[i * 4] = words[at]!
      strings[i * 4 + 1] = words[at + 1]!
      strings[i * 4 + 2] = words[at + 2]!
      strings[i * 4 + 3] = words[at + 3]!
      if (index !== 0) validity[i >> 3] = validity[i >> 3]! | (1 << (i & 7))
    }
    return { data: strings.subarray(0, rows * 4), validity }
  }
}

const IPV4 = 0
const IPV6 = 1
const NONE = 2

/** Addresses of either family; the 16-byte array exists from the first IPv6 address on. */
export class AddressColumn implements StagedColumn {
  ipv4: Uint32Array
  #ipv6: Uint8Array | undefined
  #family: Uint8Array
  /** Is an address of zeros a value, or does it mean that there is none? */
  readonly #zeroIsValue: boolean
  readonly #validity = new Uint8Array(VALIDITY_BYTES)
  readonly #gathered = new Uint32Array(CHUNK_ROWS)
  readonly #uuids = new Uint8Array(CHUNK_ROWS * IPV6_BYTES)

  constructor(zeroIsValue: boolean, capacity: number) {
    this.ipv4 = new Uint32Array(capacity)
    this.#family = new Uint8Array(capacity)
    this.#zeroIsValue = zeroIsValue
  }

  get hasIpv6(): boolean {
    return this.#ipv6 !== undefined
  }

  grow(capacity: number, kept: number): void {
    const ipv4 = new Uint32Array(capacity)
    ipv4.set(this.ipv4.subarray(0, kept))
    this.ipv4 = ipv4
    const family = new Uint8Array(capacity)
    family.set(this.#family.subarray(0, kept))
    this.#family = family
    if (!this.#ipv6) return
    const ipv6 = new Uint8Array(capacity * IPV6_BYTES)
    ipv6.set(this.#ipv6.subarray(0, kept * IPV6_BYTES))
    this.#ipv6 = ipv6
  }

  /** Forgets that there were IPv6 addresses; the next flush may have none. */
  clear(): void {
    this.#ipv6 = undefined
  }

  fillAbsent(from: number, to: number): void {
    this.ipv4.fill(0, from, to)
    this.#family.fill(this.#zeroIsValue ? IPV4 : NONE, from, to)
  }

  /** IPv4 integers, one a row. */
  setIpv4(from: number, addresses: Uint32Array): void {
    this.ipv4.set(addresses, from)
    if (this.#zeroIsValue) this.#family.fill(IPV4, from, from + addresses.length)
    else for (let i = 0; i < addresses.length; i++) this.#family[from + i] = addresses[i] === 0 ? NONE : IPV4
  }

  /** 16 bytes a row, IPv4 mapped. */
  setIpv6(from: number, bytes: Uint8Array): void {
    this.#ipv6 ??= new Uint8Array(this.ipv4.length * IPV6_BYTES)
    this.#ipv6.set(bytes, from * IPV6_BYTES)
    for (let at = 0, row = from; at < bytes.length; at += IPV6_BYTES, row++) {
      if (!isMappedIpv4(bytes, at)) {
        this.#family[row] = IPV6
        this.ipv4[row] = 0
      } else {
        const address = mappedIpv4(bytes, at)
        this.ipv4[row] = address
        this.#family[row] = address === 0 && !this.#zeroIsValue ? NONE : IPV4
      }
    }
  }

  chunkIpv4(order: RowOrder, from: number, rows: number): VectorData {
    const { ipv4 } = this
    const gathered = this.#gathered
    for (let i = 0; i < rows; i++) gathered[i] = ipv4[order[from + i]!]!
    const data = gathered.subarray(0, rows)
    if (!this.#ipv6 && this.#zeroIsValue) return { data }
    return { data, validity: this.#rowsOf(IPV4, order, from, rows) }
  }

  /**
   * As UUIDs, which have 16 bytes in place and cast to BLOB in one step. DuckDB holds one as a little-endian 128-bit integer
   * with the top bit flipped (so that they sort), hence the reversed bytes.
   */
  chunkIpv6(order: RowOrder, from: number, rows: number): VectorData {
    const uuids = this.#uuids
    const bytes = this.#ipv6!
    for (let i = 0; i < rows; i++) {
      const at = order[from + i]! * IPV6_BYTES
      const to = i * IPV6_BYTES
      for (let k = 0; k < IPV6_BYTES; k++) uuids[to + IPV6_BYTES - 1 - k] = bytes[at + k]!
      uuids[to + IPV6_BYTES - 1] = uuids[to + IPV6_BYTES - 1]! ^ 0x80
    }
    return { data: uuids.subarray(0, rows * IPV6_BYTES), validity: this.#rowsOf(IPV6, order, from, rows) }
  }

  #rowsOf(family: number, order: RowOrder, from: number, rows: number): Uint8Array {
    const validity = this.#validity
    validity.fill(0)
    for (let i = 0; i < rows; i++) {
      if (this.#family[order[from + i]!] === family) validity[i >> 3] = validity[i >> 3]! | (1 << (i & 7))
    }
    return validity
  }
}

/** DuckDB's string_t: 4 bytes of length, then up to 12 bytes in place. */
const STRING_BYTES = 16

/** MAC addresses, 6 bytes a row; zeros are none. */
export class MacColumn implements StagedColumn {
  bytes: Uint8Array
  readonly #validity = new Uint8Array(VALIDITY_BYTES)
  readonly #strings = new Uint8Array(CHUNK_ROWS * STRING_BYTES)

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity * MAC_BYTES)
  }

  grow(capacity: number, kept: number): void {
    const grown = new Uint8Array(capacity * MAC_BYTES)
    grown.set(this.bytes.subarray(0, kept * MAC_BYTES))
    this.bytes = grown
  }

  fillAbsent(from: number, to: number): void {
    this.bytes.fill(0, from * MAC_BYTES, to * MAC_BYTES)
  }

  chunk(order: RowOrder, from: number, rows: number): VectorData {
    const { bytes } = this
    const strings = this.#strings
    const validity = this.#validity
    validity.fill(0)
    for (let i = 0; i < rows; i++) {
      const at = order[from + i]! * MAC_BYTES
      const to = i * STRING_BYTES
      let any = 0
      for (let k = 0; k < MAC_BYTES; k++) {
        const byte = bytes[at + k]!
        strings[to + 4 + k] = byte
        any |= byte
      }
      strings[to] = any === 0 ? 0 : MAC_BYTES
      if (any !== 0) validity[i >> 3] = validity[i >> 3]! | (1 << (i & 7))
    }
    return { data: strings.subarray(0, rows * STRING_BYTES), validity }
  }
}
