// Seeded mutations of datagrams: what a broken or hostile sender would do to them.
import { u16 } from '../bytes.ts'
import type { SeededRandom } from '../testing/seeded-random.ts'

type Mutation = (datagram: Buffer, random: SeededRandom, others: readonly Buffer[]) => Buffer

/** A mutated copy: one to four mutations after each other. */
export function mutate(datagram: Buffer, random: SeededRandom, others: readonly Buffer[]): Buffer {
  let mutated: Buffer = Buffer.from(datagram)
  for (let left = 1 + random.below(4); left > 0; left--) mutated = random.pick(MUTATIONS)(mutated, random, others)
  return mutated
}

const truncate: Mutation = (datagram, random) => datagram.subarray(0, random.below(datagram.length + 1))

const flipBits: Mutation = (datagram, random) => {
  for (let left = 1 + random.below(8); left > 0 && datagram.length > 0; left--) {
    const at = random.below(datagram.length)
    datagram[at] = datagram[at]! ^ (1 << random.below(8))
  }
  return datagram
}

/** Values that break arithmetic, written over any two bytes. */
const EDGES = [0, 1, 2, 3, 4, 5, 255, 256, 257, 0x7fff, 0x8000, 0xfffe, 0xffff] as const

const spliceEdge: Mutation = (datagram, random) => {
  if (datagram.length >= 2) datagram.writeUInt16BE(random.pick(EDGES), random.below(datagram.length - 1))
  return datagram
}

/** Another length, or id, for a set. */
const spliceSet: Mutation = (datagram, random) => {
  const set = random.pick(setsOf(datagram))
  if (!set) return datagram
  const value = random.next() < 0.5 ? random.pick(EDGES) : set.end - set.at + random.below(9) - 4
  datagram.writeUInt16BE(value & 0xffff, set.at + (random.next() < 0.8 ? 2 : 0))
  return datagram
}

/** Other values in a definition: count of fields, types, lengths. */
const spliceDefinition: Mutation = (datagram, random) => {
  const sets = setsOf(datagram).filter(({ at, end }) => u16(datagram, at) < 4 && end - at >= 8)
  if (sets.length === 0) return datagram
  const { at, end } = random.pick(sets)
  const words = (end - at - 4) >>> 1
  datagram.writeUInt16BE(random.pick(EDGES), at + 4 + random.below(words) * 2)
  return datagram
}

const swapSets: Mutation = (datagram, random) => {
  const sets = setsOf(datagram)
  if (sets.length === 0) return datagram
  const a = random.pick(sets)
  const b = random.pick(sets)
  const [first, second] = a.at < b.at ? [a, b] : [b, a]
  if (first === second) return Buffer.concat([datagram, datagram.subarray(first.at, first.end)])
  return Buffer.concat([
    datagram.subarray(0, first.at),
    datagram.subarray(second.at, second.end),
    datagram.subarray(first.end, second.at),
    datagram.subarray(first.at, first.end),
    datagram.subarray(second.end),
  ])
}

/** A set of another datagram in this one. */
const graftSet: Mutation = (datagram, random, others) => {
  const other = random.pick(others)
  const sets = setsOf(other)
  if (sets.length === 0) return datagram
  const { at, end } = random.pick(sets)
  return Buffer.concat([datagram, other.subarray(at, end)])
}

const append: Mutation = (datagram, random) => {
  const tail = Buffer.alloc(random.below(64))
  if (random.next() < 0.5) for (let i = 0; i < tail.length; i++) tail[i] = random.below(256)
  return Buffer.concat([datagram, tail])
}

const dropBytes: Mutation = (datagram, random) => {
  const at = random.below(datagram.length + 1)
  return Buffer.concat([datagram.subarray(0, at), datagram.subarray(at + random.below(32))])
}

/** Nothing but noise, mostly behind a version that is known. */
const noise: Mutation = (_datagram, random) => {
  const bytes = Buffer.alloc(random.below(600))
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256)
  if (bytes.length >= 2 && random.next() < 0.9) bytes.writeUInt16BE(random.pick([1, 5, 7, 9, 10]), 0)
  return bytes
}

const MUTATIONS: readonly Mutation[] = [
  truncate,
  flipBits,
  flipBits,
  spliceEdge,
  spliceEdge,
  spliceSet,
  spliceSet,
  spliceDefinition,
  spliceDefinition,
  swapSets,
  graftSet,
  append,
  dropBytes,
  noise,
]

/** The sets of a datagram that can be walked, whatever version it says. */
function setsOf(datagram: Buffer): { at: number; end: number }[] {
  const sets: { at: number; end: number }[] = []
  if (datagram.length < 20) return sets
  for (let at = u16(datagram, 0) === 9 ? 20 : 16; at + 4 <= datagram.length; ) {
    const end = Math.min(at + u16(datagram, at + 2), datagram.length)
    if (end - at < 4) break
    sets.push({ at, end })
    at = end
  }
  return sets
}
