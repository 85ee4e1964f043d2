// Texts that go into the dictionaries of many batches, as names of hosts do: each has a number here and is encoded once, so that a batch of
// thousands of them is made without looking at a text. Fails: never.
import { cutText } from './dictionary.ts'

/** The number of the empty text, "no value". */
const NO_TEXT = 0
/** CBOR: a text string whose length is in the first byte, in the next byte. A text has at most 255 bytes (dictionary.ts). */
const [TEXT, TEXT_LONG, LONG_FROM] = [0x60, 0x78, 24]
/** `writeCbor` copies in steps of this size, and may write so far beyond the last text. */
const STEP = 4

/** Text ⇄ number, counted up from 0, which is the empty text. */
export class TextTable {
  readonly #texts: string[] = ['']
  readonly #numbers = new Map<string, number>([['', NO_TEXT]])
  /** The texts in CBOR, one after the other, and where each begins. */
  #bytes = Buffer.alloc(1 << 16)
  #view = viewOf(this.#bytes)
  #starts = new Uint32Array(1 << 10)

  constructor() {
    this.#encode(NO_TEXT, '')
  }

  /** Texts, the empty one among them. */
  get size(): number {
    return this.#texts.length
  }

  /** The number of a text, added when new. Long texts are cut as in every dictionary. */
  add(text: string): number {
    const cut = cutText(text)
    const known = this.#numbers.get(cut)
    if (known !== undefined) return known
    const number = this.#texts.push(cut) - 1
    this.#encode(number, cut)
    this.#numbers.set(cut, number)
    return number
  }

  text(number: number): string {
    return this.#texts[number]!
  }

  /** Bytes that these texts take in CBOR, and that `writeCbor` needs room for. */
  cborLength(numbers: Uint32Array): number {
    let length = STEP
    for (let i = 0; i < numbers.length; i++) length += this.#starts[numbers[i]! + 1]! - this.#starts[numbers[i]!]!
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

  #encode(number: number, text: string): void {
    const start = this.#starts[number]!
    const length = Buffer.byteLength(text)
    const headLength = length < LONG_FROM ? 1 : 2
    const end = start + headLength + length
    if (end + STEP > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2)
      this.#view = viewOf(this.#bytes)
    }
    if (number + 1 >= this.#starts.length) {
      const starts = new Uint32Array(this.#starts.length * 2)
      starts.set(this.#starts)
      this.#starts = starts
    }
    if (headLength === 1) this.#bytes[start] = TEXT | length
    else this.#bytes.set([TEXT_LONG, length], start)
    this.#bytes.write(text, start + headLength)
    this.#starts[number + 1] = end
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

  texts(): readonly string[] {
    this.#texts ??= Array.from(this.numbers, (number) => this.table.text(number))
    return this.#texts
  }
}
