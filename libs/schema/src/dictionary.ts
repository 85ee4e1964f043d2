// The dictionaries of a batch: each distinct value once, columns hold its index. Index 0 is "no value".
import type { DictionaryName } from './columns.ts'
import type { TableTexts } from './text-table.ts'

/** Entries of one dictionary at most (flow-batch.md); indices must fit 16 bits. */
export const DICTIONARY_ENTRIES = 65_535
/** Length of one text, in UTF-8 bytes, at most. */
export const DICTIONARY_TEXT_BYTES = 255

/** What sent a record: address as text, observation domain (IPFIX) or source id (v9) or engine (v5), protocol version. */
export interface ExporterEntry {
  ip: string
  domain: number
  version: number
}

/** Dictionaries of a batch, which travel as lists of texts. `exporter[0]` stands for "no exporter". */
export type BatchDictionaries = { exporter: ExporterEntry[] } & {
  [D in Exclude<DictionaryName, 'exporter'>]?: string[] | TableTexts
}

const NO_EXPORTER: ExporterEntry = { ip: '', domain: 0, version: 0 }

/** Text ⇄ index. */
export class Dictionary {
  readonly #index = new Map<string, number>()
  #entries: string[] = ['']

  get size(): number {
    return this.#entries.length
  }

  /** The index of a text, added when new; 0 for the empty text and when the dictionary is full. Long texts are cut. */
  add(text: string): number {
    if (text === '') return 0
    const known = this.#index.get(text)
    if (known !== undefined) return known
    if (this.#entries.length >= DICTIONARY_ENTRIES) return 0
    const index = this.#entries.length
    this.#entries.push(cutText(text))
    this.#index.set(text, index)
    return index
  }

  entries(): string[] {
    return this.#entries
  }

  clear(): void {
    if (this.#entries.length === 1) return
    this.#index.clear()
    this.#entries = ['']
  }
}

/** Exporter ⇄ index; the caller keeps one `ExporterEntry` object per exporter and domain, so identity is enough. */
export class ExporterDictionary {
  readonly #index = new Map<ExporterEntry, number>()
  #entries: ExporterEntry[] = [NO_EXPORTER]

  /** The index of an exporter in this batch, added when new; 0 when the dictionary is full. */
  add(exporter: ExporterEntry): number {
    const known = this.#index.get(exporter)
    if (known !== undefined) return known
    if (this.#entries.length >= DICTIONARY_ENTRIES) return 0
    const index = this.#entries.length
    this.#entries.push(exporter)
    this.#index.set(exporter, index)
    return index
  }

  entries(): ExporterEntry[] {
    return this.#entries
  }

  clear(): void {
    if (this.#entries.length === 1) return
    this.#index.clear()
    this.#entries = [NO_EXPORTER]
  }
}

/** At most DICTIONARY_TEXT_BYTES bytes of UTF-8, cut between characters. */
export function cutText(text: string): string {
  if (text.length * 3 <= DICTIONARY_TEXT_BYTES || byteLength(text) <= DICTIONARY_TEXT_BYTES) return text
  let bytes = 0
  let cut = ''
  for (const character of text) {
    bytes += byteLength(character)
    if (bytes > DICTIONARY_TEXT_BYTES) break
    cut += character
  }
  return cut
}

const utf8 = new TextEncoder()
const byteLength = (text: string): number => utf8.encode(text).length
