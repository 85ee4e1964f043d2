// The plane of an address column: classes 0 to k are spaces between ends of IPv4 ranges, the further ones between ends of IPv6
// ranges. IPv4 is compared as an integer, IPv6 as four.
import { type FlowBatch, IPV6_BYTES, isMappedIpv4, mappedIpv4 } from '@netbehave/schema'
import type { Field } from '../fields.ts'
import { boundariesOf, contains, type IntervalSet } from '../intervals.ts'
import type { Test } from '../logic.ts'
import { FEW_BOUNDARIES } from './number-plane.ts'
import { atLeast, type Classes, type Plane } from './plane.ts'
import { readAddresses } from './read-columns.ts'

type Ipv6Ranges = readonly (readonly [bigint, bigint])[]

const EVERY_IPV6: Ipv6Ranges = [[0n, (1n << 128n) - 1n]]
/** The first 16 bits of an address do not tell its class. */
const SEARCH = 0xffff
const IPV6_WORDS = 4

export class AddressPlane implements Plane {
  readonly cost = 2
  readonly #field: Field
  readonly #tests: { ipv4: IntervalSet; ipv6: Ipv6Ranges }[] = []
  #ipv4 = new Float64Array()
  #ipv6: bigint[] = []
  /** The boundaries of IPv6 ranges, four words each. */
  #ipv6Words = new Uint32Array()
  /** Class by the first 16 bits, or SEARCH; made when there are many boundaries. */
  #table: Uint16Array | undefined
  #classes = new Uint16Array()

  constructor(field: Field) {
    this.#field = field
  }

  add(test: Test): number {
    const { ipv4, ipv6 } = test.kind === 'addresses' ? test : { ipv4: [[1, 0xffff_ffff]] as const, ipv6: EVERY_IPV6 }
    return this.#tests.push({ ipv4, ipv6 }) - 1
  }

  seal(): void {
    this.#ipv4 = Float64Array.from(boundariesOf(this.#tests.map(({ ipv4 }) => ipv4)))
    const ends = this.#tests.flatMap(({ ipv6 }) => ipv6.flatMap(([from, to]) => [from, to + 1n]))
    this.#ipv6 = [...new Set(ends)].filter((end) => end >> 128n === 0n).sort((a, b) => (a < b ? -1 : 1))
    this.#ipv6Words = Uint32Array.from(this.#ipv6.flatMap(wordsOf))
  }

  get classCount(): number {
    return this.#ipv4.length + 1 + this.#ipv6.length + 1
  }

  holds(test: number, klass: number): boolean {
    const { ipv4, ipv6 } = this.#tests[test]!
    const firstIpv6 = this.#ipv4.length + 1
    if (klass < firstIpv6) return klass > 0 && contains(ipv4, this.#ipv4[klass - 1]!)
    const address = this.#ipv6[klass - firstIpv6 - 1]
    return address !== undefined && ipv6.some(([from, to]) => address >= from && address <= to)
  }

  classify(batch: FlowBatch): Classes {
    const addresses = readAddresses(this.#field, batch)
    if (!addresses) return this.#classOfIpv4(0)
    const n = batch.length
    const classes = (this.#classes = atLeast(this.#classes, n, Uint16Array))
    if (addresses.v6) this.#classifyIpv6(addresses.v6, n, classes)
    else if (this.#ipv4.length <= FEW_BOUNDARIES) countIpv4(addresses.v4, n, this.#ipv4, classes)
    else this.#lookUpIpv4(addresses.v4, n, classes)
    return classes
  }

  #lookUpIpv4(addresses: Uint32Array, n: number, classes: Uint16Array): void {
    const table = (this.#table ??= this.#makeTable())
    for (let i = 0; i < n; i++) {
      const address = addresses[i]!
      const klass = table[address >>> 16]!
      classes[i] = klass === SEARCH ? this.#classOfIpv4(address) : klass
    }
  }

  #makeTable(): Uint16Array {
    return Uint16Array.from({ length: 0x10000 }, (_, high) => {
      const first = this.#classOfIpv4(high * 0x10000)
      return first === this.#classOfIpv4(high * 0x10000 + 0xffff) ? first : SEARCH
    })
  }

  #classifyIpv6(bytes: Uint8Array, n: number, classes: Uint16Array): void {
    const firstIpv6 = this.#ipv4.length + 1
    for (let i = 0, at = 0; i < n; i++, at += IPV6_BYTES) {
      classes[i] = isMappedIpv4(bytes, at)
        ? this.#classOfIpv4(mappedIpv4(bytes, at))
        : firstIpv6 + this.#boundariesBelow(bytes, at)
    }
  }

  #classOfIpv4(address: number): number {
    const boundaries = this.#ipv4
    let from = 0
    let to = boundaries.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (address >= boundaries[middle]!) from = middle + 1
      else to = middle
    }
    return from
  }

  /** How many IPv6 boundaries are at or below the address. */
  #boundariesBelow(bytes: Uint8Array, at: number): number {
    let from = 0
    let to = this.#ipv6.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (isAtLeast(bytes, at, this.#ipv6Words, middle * IPV6_WORDS)) from = middle + 1
      else to = middle
    }
    return from
  }
}

function countIpv4(addresses: Uint32Array, n: number, boundaries: Float64Array, classes: Uint16Array): void {
  classes.fill(0, 0, n)
  for (const boundary of boundaries) {
    for (let i = 0; i < n; i++) classes[i] = classes[i]! + (addresses[i]! >= boundary ? 1 : 0)
  }
}

function isAtLeast(bytes: Uint8Array, at: number, words: Uint32Array, word: number): boolean {
  for (let k = 0; k < IPV6_WORDS; k++) {
    const b = at + k * 4
    const mine = ((bytes[b]! << 24) | (bytes[b + 1]! << 16) | (bytes[b + 2]! << 8) | bytes[b + 3]!) >>> 0
    const theirs = words[word + k]!
    if (mine !== theirs) return mine > theirs
  }
  return true
}

function wordsOf(address: bigint): number[] {
  return [96n, 64n, 32n, 0n].map((shift) => Number((address >> shift) & 0xffff_ffffn))
}
