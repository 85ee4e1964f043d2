// Which addresses are known, each with a number (its slot) and a record, without a list to keep in order: what is known is of two ages, and the older
// goes when the newer is half of the limit. What is found in the older becomes newer, so what was used since the last change-over is never
// forgotten, and at least half of the limit is kept.
import { type AddressView, IPV6_BYTES } from '@netbehave/schema'
import { type AddressKey, keyAt } from './address-key.ts'

/** Number of an address, 0 or above. It may become that of another when that is put. */
export type Slot = number
/** In place of a slot: not known; no address at all (0.0.0.0 and ::). */
export const [UNKNOWN, NO_ADDRESS] = [-1, -2]

/** Integers of a record: one line of memory holds all that a look-up reads. The first two are this file's, the others whoever uses it may use. */
export const RECORD = 8
const [AGE, WEIGHT] = [0, 1]
const FIRST_SLOTS = 1024
/** Ages of a slot. The newer and the older change places. */
const [FREE, ONE, OTHER] = [0, 1, 2]
/** Places of the table for IPv4, a power of two. At most half of them are taken. */
const FIRST_PLACES = 2048
/** Fibonacci hashing: the upper bits of the product are as good as random. */
const GOLDEN = 0x9e3779b1

export class RecentAddresses {
  readonly #half: number
  readonly #forget: (slot: Slot) => void
  /** IPv4: key and slot of a place, one after the other; key 0: the place is empty. */
  #places = new Int32Array(2 * FIRST_PLACES)
  #shift = 32 - Math.log2(FIRST_PLACES)
  #taken = 0
  readonly #ipv6 = new Map<string, Slot>()
  /** What `slotsOf` gave last. */
  #slots = new Int32Array()
  /** By slot. */
  readonly #keys: AddressKey[] = []
  /** The record of slot n begins at n * RECORD. Another array once addresses were added. */
  records = new Uint32Array(RECORD * FIRST_SLOTS)
  readonly #freeSlots: Slot[] = []
  #newer = ONE
  #newerWeight = 0
  #olderWeight = 0
  /** Addresses forgotten for want of room. */
  evicted = 0

  /** `limit`: the most that all addresses weigh together. `forget`: told of each slot that goes for want of room. */
  constructor(limit: number, forget: (slot: Slot) => void = () => {}) {
    this.#half = Math.max(1, Math.floor(limit / 2))
    this.#forget = forget
  }

  /** What all addresses weigh. */
  get weight(): number {
    return this.#newerWeight + this.#olderWeight
  }

  /** Slots that were ever given are below this. */
  get slotLimit(): number {
    return this.#keys.length
  }

  isTaken(slot: Slot): boolean {
    return this.records[slot * RECORD + AGE]! !== FREE
  }

  /** The slot of an address, or UNKNOWN. */
  get(key: AddressKey): Slot {
    const slot = this.peek(key)
    if (slot !== UNKNOWN) this.#use(slot)
    return slot
  }

  /** The same, without counting as a use. */
  peek(key: AddressKey): Slot {
    return typeof key === 'number' ? this.#find(key) : (this.#ipv6.get(key) ?? UNKNOWN)
  }

  /**
   * The slots of all rows of a column, by row: a slot, UNKNOWN or NO_ADDRESS; good until the next call. One after the other with nothing
   * between, they wait for memory together.
   */
  slotsOf(view: AddressView): Int32Array {
    const flows = view.v4?.length ?? view.v6!.length / IPV6_BYTES
    if (this.#slots.length < flows) this.#slots = new Int32Array(flows)
    const slots = this.#slots.subarray(0, flows)
    if (!view.v4) {
      for (let i = 0; i < flows; i++) {
        const key = keyAt(view, i)
        slots[i] = key === undefined ? NO_ADDRESS : this.get(key)
      }
      return slots
    }
    for (let i = 0; i < flows; i++) {
      const key = view.v4[i]! | 0
      slots[i] = key === 0 ? NO_ADDRESS : this.#find(key)
    }
    for (let i = 0; i < flows; i++) {
      const slot = slots[i]!
      if (slot >= 0) this.#use(slot)
    }
    return slots
  }

  #use(slot: Slot): void {
    const at = slot * RECORD
    if (this.records[at + AGE]! !== this.#newer) this.weigh(slot, this.records[at + WEIGHT]!)
  }

  /** Makes an address known that is not: its record is empty, and it weighs nothing until it is weighed. */
  add(key: AddressKey): Slot {
    if (4 * (this.#taken + 1) > this.#places.length) this.#rebuild(this.#places.length * 2)
    const slot = this.#freeSlots.pop() ?? this.#keys.length
    this.#keys[slot] = key
    const at = slot * RECORD
    if (at >= this.records.length) this.#growRecords()
    this.records.fill(0, at, at + RECORD)
    this.records[at + AGE] = this.#newer
    if (typeof key === 'number') this.#place(key, slot)
    else this.#ipv6.set(key, slot)
    return slot
  }

  /** Says what an address weighs from now on; it is used by that. May make others be forgotten. */
  weigh(slot: Slot, weight: number): void {
    const before = this.records[slot * RECORD + WEIGHT]!
    if (this.records[slot * RECORD + AGE]! === this.#newer) this.#newerWeight -= before
    else this.#olderWeight -= before
    this.records[slot * RECORD + WEIGHT] = weight
    // Whatever its age was: it stays.
    this.records[slot * RECORD + AGE] = this.#newer
    if (this.#newerWeight + weight > this.#half && this.#newerWeight > 0) this.#changeOver(slot)
    this.#newerWeight += weight
  }

  clear(): void {
    this.#places.fill(0)
    this.#taken = 0
    this.#ipv6.clear()
    this.#keys.length = 0
    this.records.fill(0)
    this.#freeSlots.length = 0
    this.#newerWeight = 0
    this.#olderWeight = 0
  }

  /** The older go, the newer become the older, but for one. */
  #changeOver(one: Slot): void {
    const older = this.#newer === ONE ? OTHER : ONE
    for (const [slot, key] of this.#keys.entries()) {
      if (this.records[slot * RECORD + AGE]! !== older) continue
      this.records[slot * RECORD + AGE] = FREE
      this.#freeSlots.push(slot)
      if (typeof key !== 'number') this.#ipv6.delete(key)
      this.evicted++
      this.#forget(slot)
    }
    this.#olderWeight = this.#newerWeight
    this.#newerWeight = 0
    this.#newer = older
    this.records[one * RECORD + AGE] = older
    this.#rebuild(this.#places.length)
  }

  #find(key: number): Slot {
    const places = this.#places
    const last = places.length - 2
    let at = (Math.imul(key, GOLDEN) >>> this.#shift) << 1
    for (;;) {
      const found = places[at]!
      if (found === key) return places[at + 1]!
      if (found === 0) return UNKNOWN
      at = at === last ? 0 : at + 2
    }
  }

  #place(key: number, slot: Slot): void {
    const places = this.#places
    let at = (Math.imul(key, GOLDEN) >>> this.#shift) << 1
    while (places[at]! !== 0) at = at === places.length - 2 ? 0 : at + 2
    places[at] = key
    places[at + 1] = slot
    this.#taken++
  }

  /** A table of so many numbers with the slots that are taken. */
  #rebuild(length: number): void {
    this.#places = new Int32Array(length)
    this.#shift = 32 - Math.log2(length / 2)
    this.#taken = 0
    for (const [slot, key] of this.#keys.entries())
      if (typeof key === 'number' && this.isTaken(slot)) this.#place(key, slot)
  }

  #growRecords(): void {
    const records = new Uint32Array(2 * this.records.length)
    records.set(this.records)
    this.records = records
  }
}
