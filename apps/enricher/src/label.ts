// Texts on their way into the dictionaries of batches, as numbers: nothing is read of a text, and nothing hashed, per flow.
import { type ColumnData, DICTIONARY_ENTRIES, TableTexts, type TextTable } from '@netbehave/schema'

/** The number of "no text". */
export const NO_LABEL = 0

/** An entry of `uses`: the batch in the upper half, the index in its dictionary in the lower. */
const INDEX_BITS = 16
const INDEX = (1 << INDEX_BITS) - 1
const MAX_BATCH = INDEX
const FIRST_NUMBERS = 64

/** One kind of dictionary, from batch to batch: which texts of a table are in the dictionary of the batch at hand, and where. */
export class Labels {
  readonly table: TextTable
  /** The newest batch. */
  batch = 0
  /** For each text of the table, the batch that used it last and its index there. */
  uses = new Uint32Array(1 << 11)
  /** Texts of the dictionary that was made last. */
  lastSize = FIRST_NUMBERS

  constructor(table: TextTable) {
    this.table = table
  }

  /** The columns of the next batch. */
  columns(flows: number): LabelColumns {
    if (this.uses.length < this.table.size) this.grow()
    if (++this.batch > MAX_BATCH) {
      // A batch that is still being worked on enters its texts anew.
      this.uses.fill(0)
      this.batch = 1
    }
    return new LabelColumns(this, flows)
  }

  grow(): void {
    const uses = new Uint32Array(2 * Math.max(this.uses.length, this.table.size))
    uses.set(this.uses)
    this.uses = uses
  }
}

/** A dictionary of one batch and the two columns that point into it. */
export class LabelColumns {
  readonly #labels: Labels
  readonly #batch: number
  /** Of the dictionary's texts, in the table; the first is NO_LABEL. */
  #numbers: Uint32Array
  #size = 1
  readonly src: LabelColumn
  readonly dst: LabelColumn

  constructor(labels: Labels, flows: number) {
    this.#labels = labels
    this.#batch = labels.batch
    this.#numbers = new Uint32Array(Math.max(FIRST_NUMBERS, Math.ceil(labels.lastSize * 1.25)))
    this.src = new LabelColumn(this, flows)
    this.dst = new LabelColumn(this, flows)
  }

  /** The index of a text in the dictionary, where it is entered when it is new. */
  indexOf(label: number): number {
    const labels = this.#labels
    if (label >= labels.uses.length) labels.grow()
    const use = labels.uses[label]!
    if (use >>> INDEX_BITS === this.#batch) return use & INDEX
    const index = this.#enter(label)
    labels.uses[label] = (this.#batch << INDEX_BITS) | index
    return index
  }

  /** Beyond what a dictionary may hold there is no name. */
  #enter(label: number): number {
    if (this.#size === DICTIONARY_ENTRIES) return 0
    if (this.#size === this.#numbers.length) {
      const numbers = new Uint32Array(2 * this.#size)
      numbers.set(this.#numbers)
      this.#numbers = numbers
    }
    this.#numbers[this.#size] = label
    return this.#size++
  }

  dictionary(): TableTexts {
    this.#labels.lastSize = this.#size
    return new TableTexts(this.#labels.table, this.#numbers.subarray(0, this.#size))
  }

  /** A column in its narrowest form. */
  data({ indexes }: LabelColumn): ColumnData {
    return this.#size <= 256 ? new Uint8Array(indexes) : indexes
  }
}

/** Indexes into a dictionary of one batch, by row. */
export class LabelColumn {
  readonly #columns: LabelColumns
  readonly indexes: Uint16Array
  /** Is there a value? */
  hasAny = false

  constructor(columns: LabelColumns, flows: number) {
    this.#columns = columns
    this.indexes = new Uint16Array(flows)
  }

  set(row: number, label: number): void {
    this.indexes[row] = this.#columns.indexOf(label)
    this.hasAny = true
  }
}
