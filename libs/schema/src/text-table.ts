// Texts that go into the dictionaries of many batches, as names of hosts do: each has a number here and is encoded once, so that a batch of
// thousands of them is made without looking at a text. They are bytes in one piece of memory, none of which the garbage collector has to
// follow. Fails: never.
import { cutText } from './dictionary.ts'

/** CBOR: a text string whose length is in the first byte, in the next byte. A text has at most 255 bytes (dictionary.ts). */
const [TEXT, TEXT_LONG, LONG_FROM] = [0x60, 0x78, 24]
/** `writeCbor` copies in steps of this size, and may write so far beyond the last text. */
const STEP = 4
/** A text in CBOR, at most. */
const LONGEST = 2 + 255
/** FNV-1a. */
const [FNV_OFFSET, FNV_PRIME] = [0x811c9dc5, 0x01000193]

/** Text ⇄ number, counted up from 0, which is the empty text. */
export class TextTable {
  /** The texts in CBOR, one after the other, and where each begins. */
  #bytes = Buffer.alloc(1 << 12)
  #view = viewOf(this.#bytes)
  #starts = new Uint32Array(1 << 8)
  #size = 0
  /** Hash table: the number of a text and one more; 0: the place is empty. At most half of them are taken. */
  #places = new Uint32Array(1 << 9)

  constructor() {
    this.add('')
  }

  /** Texts, the empty one among them. */
  get size(): number {
    return this.#size
  }

  /** The number of a text, added when new. Long texts are cut as in every dictionary. */
  add(text: string): number {
    const end = this.#encode(cutText(text))
    const start = this.#starts[this.#size]!
    const places = this.#places
    let at = this.#hash(start, end) & (places.length - 1)
    for (; places[at] !== 0; at = (at + 1) & (places.length - 1))
      if (this.#isSame(places[at]! - 1, start, end)) return places[at]! - 1
    places[at] = ++this.#size
    if (this.#size + 1 >= this.#starts.length) {
      const starts = new Uint32Array(this.#starts.length * 2)
      starts.set(this.#starts)
      this.#starts = starts
    }
    this.#starts[this.#size] = end
    if (2 * this.#size > places.length) this.#rehash()
    return this.#size - 1
  }

  text(number: number): string {
    const start = this.#starts[number]!
    const headLength = this.#bytes[start]! === TEXT_LONG ? 2 : 1
    return this.#bytes.toString('utf8', start + headLength, this.#starts[number + 1]!)
  }

  /** Bytes that these texts take in CBOR, and that `writeCbor` needs room for. */
  cborLength(numbers: Uint32Array): number {
    const starts = this.#starts
    let length = STEP
    for (let i = 0; i < numbers.length; i++) length += starts[numbers[i]! + 1]! - starts[numbers[i]!]!
    return length
  }

  /** Writes these texts in CBOR from `at` on. Returns where they end; up to STEP bytes more may be overwritten. */
  writeCbor(numbers: Uint32Array, into: DataView, at: number): number {
    const [view, starts] = [this.#view, this.#starts]
    let end = at
    for (let i = 0; i < numbers.length; i++) {
      const start = starts[numbers[i]!]!
      const length = starts[numbers[i]! + 1]! - start
      for (let k = 0; k < length; k += STEP) into.setUint32(end + k, view.getUint32(start + k))
      end += length
    }
    return end
  }

  /** Writes a text after the last one, where it stays if it is new. Returns where it ends. */
  #encode(text: string): number {
    const start = this.#starts[this.#size]!
    if (start + LONGEST + STEP > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2)
      this.#view = viewOf(this.#bytes)
    }
    const bytes = this.#bytes
    // Most are short: the head is one byte then.
    let length = bytes.write(text, start + 1)
    if (length < LONG_FROM) {
      bytes[start] = TEXT | length
      return start + 1 + length
    }
    length = bytes.write(text, start + 2)
    bytes[start] = TEXT_LONG
    bytes[start + 1] = length
    return start + 2 + length
  }

  #hash(start: number, end: number): number {
    const bytes = this.#bytes
    let hash = FNV_OFFSET
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME)
    return hash ^ (hash >>> 15)
  }

  #isSame(number: number, start: number, end: number): boolean {
    const other = this.#starts[number]!
    if (this.#starts[number + 1]! - other !== end - start) return false
    const bytes = this.#bytes
    for (let at = start; at < end; at++) if (bytes[at] !== bytes[other + at - start]) return false
    return true
  }

  #rehash(): void {
    const places = (this.#places = new Uint32Array(2 * this.#places.length))
    for (let number = 0; number < this.#size; number++) {
      let at = this.#hash(this.#starts[number]!, this.#starts[number + 1]!) & (places.length - 1)
      while (places[at] !== 0) at = (at + 1) & (places.length - 1)
      places[at] = number + 1
    }
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView => new DataView(buffer, byteOffset, byteLength)

/** A dictionary that holds texts of a table. */
export class TableTexts {
  readonly table: TextTable
  /** Number of each entry in the table; the first is the empty text. */
  readonly numbers: Uint32Array
  #texts: string[] | undefined

  constructor(table: TextTable, numbers: Uint32Array) {
    this.table = table
    this.numbers = numbers
  }

  get length(): number {
    return this.numbers.length
  }

  /** Entry `index`; undefined beyond the last. */
  text(index: number): string | undefined {
    const number = this.numbers[index]
    return number === undefined ? undefined : this.table.text(number)
  }

  texts(): readonly string[] {
    this.#texts ??= Array.from(this.numbers, (number) => this.table.text(number))
    return this.#texts
  }
}
