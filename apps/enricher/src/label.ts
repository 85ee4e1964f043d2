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
  /** Of the dictionary's texts, in the table. */
  readonly #numbers: number[] = [NO_LABEL]
  readonly src: LabelColumn
  readonly dst: LabelColumn

  constructor(labels: Labels, batch: number, flows: number) {
    this.#labels = labels
    this.src = new LabelColumn(labels, batch, this.#numbers, flows)
    this.dst = new LabelColumn(labels, batch, this.#numbers, flows)
  }

  dictionary(): TableTexts {
    return new TableTexts(this.#labels.table, Uint32Array.from(this.#numbers))
  }

  /** A column in its narrowest form. */
  data({ indexes }: LabelColumn): ColumnData {
    return this.#numbers.length <= 256 ? Uint8Array.from(indexes) : indexes
  }
}

/** Indexes into a dictionary of one batch, by row. */
export class LabelColumn {
  readonly #labels: Labels
  readonly #batch: number
  readonly #numbers: number[]
  readonly indexes: Uint16Array
  /** Is there a value? */
  hasAny = false

  constructor(labels: Labels, batch: number, numbers: number[], flows: number) {
    this.#labels = labels
    this.#batch = batch
    this.#numbers = numbers
    this.indexes = new Uint16Array(flows)
  }

  set(row: number, label: number): void {
    this.indexes[row] = this.#labels.indexIn(this.#batch, this.#numbers, label)
    this.hasAny = true
  }
}
