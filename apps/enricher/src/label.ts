// Texts on their way into the dictionaries of batches: looked up by object, so that no text is hashed per flow.
import { type ColumnData, cutText, DICTIONARY_ENTRIES } from '@netbehave/schema'

/** A text, and where it is in the dictionary of the batch that used it last. */
export interface Label {
  readonly text: string
  batch: number
  index: number
}

export const labelOf = (text: string): Label => ({ text: cutText(text), batch: -1, index: 0 })

/** A dictionary of one batch and the two columns that point into it. */
export class LabelColumns {
  static #batches = 0
  readonly #batch = LabelColumns.#batches++
  readonly #entries: string[] = ['']
  readonly src: Uint16Array
  readonly dst: Uint16Array
  /** Is there a value on this side? */
  hasSrc = false
  hasDst = false

  constructor(flows: number) {
    this.src = new Uint16Array(flows)
    this.dst = new Uint16Array(flows)
  }

  set(isSrc: boolean, row: number, label: Label): void {
    if (label.batch !== this.#batch) this.#enter(label)
    if (isSrc) {
      this.src[row] = label.index
      this.hasSrc = true
    } else {
      this.dst[row] = label.index
      this.hasDst = true
    }
  }

  entries(): string[] {
    return this.#entries
  }

  /** The column of a side in its narrowest form. */
  column(isSrc: boolean): ColumnData {
    const column = isSrc ? this.src : this.dst
    return this.#entries.length <= 256 ? Uint8Array.from(column) : column
  }

  #enter(label: Label): void {
    label.batch = this.#batch
    // Beyond what a dictionary may hold there is no name.
    label.index = this.#entries.length < DICTIONARY_ENTRIES ? this.#entries.push(label.text) - 1 : 0
  }
}
