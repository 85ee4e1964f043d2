// Which stream sequences are archived: a set of integers held as ranges. Sequences come almost in order, so ranges are few.

export interface SequenceRange {
  readonly first: number
  /** Inclusive. */
  readonly last: number
}

/** A set of sequence numbers. */
export class SequenceSet {
  /** In order, apart by at least one missing number. */
  #ranges: SequenceRange[]

  constructor(ranges: readonly SequenceRange[] = []) {
    this.#ranges = []
    for (const range of ranges) this.add(range.first, range.last)
  }

  get ranges(): readonly SequenceRange[] {
    return this.#ranges
  }

  /** The largest number in it; 0 when empty. */
  get last(): number {
    return this.#ranges.at(-1)?.last ?? 0
  }

  has(sequence: number): boolean {
    for (let i = this.#ranges.length - 1; i >= 0; i--) {
      const range = this.#ranges[i]!
      if (sequence > range.last) return false
      if (sequence >= range.first) return true
    }
    return false
  }

  /** Adds `first` to `last`, both inclusive; ranges that touch become one. */
  add(first: number, last: number = first): void {
    const tail = this.#ranges.at(-1)
    if (tail && first >= tail.first && first <= tail.last + 1) {
      if (last > tail.last) this.#ranges[this.#ranges.length - 1] = { first: tail.first, last }
      return
    }
    const before = this.#ranges.filter((range) => range.last + 1 < first)
    const after = this.#ranges.filter((range) => range.first > last + 1)
    const touched = this.#ranges.slice(before.length, this.#ranges.length - after.length)
    const joined = {
      first: Math.min(first, touched[0]?.first ?? first),
      last: Math.max(last, touched.at(-1)?.last ?? last),
    }
    this.#ranges = [...before, joined, ...after]
  }

  clear(): void {
    this.#ranges = []
  }
}
