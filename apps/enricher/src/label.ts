// Texts on their way into the dictionaries of batches, as numbers: nothing is read of a text, and nothing hashed, per flow.
import { type ColumnData, DICTIONARY_ENTRIES, TableTexts, type TextTable } from '@netbehave/schema'

/** The number of "no text". */
export const NO_LABEL = 0

/** One kind of dictionary, from batch to batch: which texts of a table are in the dictionary of the batch at hand, and where. */
export class Labels {
  readonly table: TextTable
  #batches = 0
  /** For each text of the table a pair: the batch that used it last, and its index there. */
  #uses = new Uint32Array(1 << 11)

  constructor(table: TextTable) {
    this.table = table
  }

  /** The columns of the next batch. */
  columns(flows: number): LabelColumns {
    if (this.#uses.length < 2 * this.table.size) this.#grow()
    return new LabelColumns(this, ++this.#batches, flows)
  }

  /** The index of a text in the dictionary of a batch, where it is entered when it is new. */
  indexIn(batch: number, numbers: number[], label: number): number {
    if (this.#uses[2 * label] === batch) return this.#uses[2 * label + 1]!
    if (2 * label >= this.#uses.length) this.#grow()
    // Beyond what a dictionary may hold there is no name.
    const index = numbers.length < DICTIONARY_ENTRIES ? numbers.push(label) - 1 : 0
    this.#uses[2 * label] = batch
    this.#uses[2 * label + 1] = index
    return index
  }

  #grow(): void {
    const uses = new Uint32Array(4 * Math.max(this.#uses.length, this.table.size))
    uses.set(this.#uses)
    this.#uses = uses
  }
}

/** A dictionary of one batch and the two columns that point into it. */
export class LabelColumns {
  readonly #labels: Labels
  readonly #batch: number
  /** Of the dictionary's texts, in the table. */
  readonly #numbers: number[] = [NO_LABEL]
  readonly src: Uint16Array
  readonly dst: Uint16Array
  /** Is there a value on this side? */
  hasSrc = false
  hasDst = false

  constructor(labels: Labels, batch: number, flows: number) {
    this.#labels = labels
    this.#batch = batch
    this.src = new Uint16Array(flows)
    this.dst = new Uint16Array(flows)
  }

  set(isSrc: boolean, row: number, label: number): void {
    const index = this.#labels.indexIn(this.#batch, this.#numbers, label)
    if (isSrc) {
      this.src[row] = index
      this.hasSrc = true
    } else {
      this.dst[row] = index
      this.hasDst = true
    }
  }

  dictionary(): TableTexts {
    return new TableTexts(this.#labels.table, Uint32Array.from(this.#numbers))
  }

  /** The column of a side in its narrowest form. */
  column(isSrc: boolean): ColumnData {
    const column = isSrc ? this.src : this.dst
    return this.#numbers.length <= 256 ? Uint8Array.from(column) : column
  }
}
