// What clients were told of every address that is known, by slot. There are some hundred thousand, nearly all of few names: those are numbers in one
// array, of which the garbage collector follows none. In: what few-names.ts makes. Fails: never.
import type { AddressKey } from './address-key.ts'
import { findAmong, isFew, MOST, RUN, type Told } from './few-names.ts'
import type { Slot } from './recent-addresses.ts'
import type { FoundName, ToldNames } from './told-names.ts'

/** Blocks of so many runs are given out: the next power of two, up to what few names have. */
const SIZES = [1, 2, 4, MOST / RUN]
const FIRST_NUMBERS = 1024 * RUN
const FIRST_SLOTS = 1024

export class StoredNames {
  #numbers = new Float64Array(FIRST_NUMBERS)
  #used = 0
  /** Where free blocks begin, by size. */
  readonly #free: number[][] = SIZES.map(() => [])
  /** By slot: where its block begins, and the runs in it; 0: it has none. */
  #starts = new Uint32Array(FIRST_SLOTS)
  #counts = new Uint8Array(FIRST_SLOTS)
  readonly #many = new Map<Slot, ToldNames>()

  /** Memory that the few take, but for what free blocks are told by. */
  get bytes(): number {
    return this.#numbers.byteLength + this.#starts.byteLength + this.#counts.byteLength
  }

  get(slot: Slot): Told | undefined {
    const count = this.#counts[slot] ?? 0
    if (count === 0) return this.#many.get(slot)
    const start = this.#starts[slot]!
    return [...this.#numbers.subarray(start, start + count * RUN)]
  }

  put(slot: Slot, told: Told): void {
    if (slot >= this.#counts.length) this.#growSlots(slot)
    if (!isFew(told)) {
      this.#giveBack(slot)
      this.#many.set(slot, told)
      return
    }
    const count = told.length / RUN
    if (sizeOf(this.#counts[slot]!) !== sizeOf(count)) {
      this.#giveBack(slot)
      this.#starts[slot] = this.#take(sizeOf(count))
    }
    this.#many.delete(slot)
    this.#counts[slot] = count
    this.#numbers.set(told, this.#starts[slot]!)
  }

  delete(slot: Slot): void {
    if (slot >= this.#counts.length) return
    this.#giveBack(slot)
    this.#many.delete(slot)
  }

  clear(): void {
    this.#used = 0
    for (const free of this.#free) free.length = 0
    this.#counts.fill(0)
    this.#many.clear()
  }

  /** The name of a slot for a client at a time, as `ToldNames.find` finds it. Nothing is made for it. */
  find(slot: Slot, client: AddressKey | undefined, atMs: number, skewMs: number, found: FoundName): void {
    const count = this.#counts[slot] ?? 0
    const many = count === 0 && this.#many.size > 0 ? this.#many.get(slot) : undefined
    if (many !== undefined) many.find(client, atMs, skewMs, found)
    else {
      const start = this.#starts[slot] ?? 0
      findAmong(this.#numbers, start, start + count * RUN, client, atMs, skewMs, found)
    }
  }

  #take(size: number): number {
    const free = this.#free[size]!.pop()
    if (free !== undefined) return free
    const start = this.#used
    this.#used += SIZES[size]! * RUN
    if (this.#used > this.#numbers.length) {
      const numbers = new Float64Array(2 * this.#numbers.length)
      numbers.set(this.#numbers)
      this.#numbers = numbers
    }
    return start
  }

  #giveBack(slot: Slot): void {
    const count = this.#counts[slot]!
    if (count > 0) this.#free[sizeOf(count)]!.push(this.#starts[slot]!)
    this.#counts[slot] = 0
  }

  #growSlots(slot: Slot): void {
    const length = 2 ** Math.ceil(Math.log2(slot + 1))
    const [starts, counts] = [new Uint32Array(length), new Uint8Array(length)]
    starts.set(this.#starts)
    counts.set(this.#counts)
    this.#starts = starts
    this.#counts = counts
  }
}

/** Position in SIZES; -1: no runs. */
const sizeOf = (count: number): number => (count === 0 ? -1 : SIZES.findIndex((size) => size >= count))
