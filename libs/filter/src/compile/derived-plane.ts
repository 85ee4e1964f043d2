// The plane of one test that no column answers alone: a comparison of two fields, a glob in the middle of an address, or a
// part of a filter that would unfold into too many lines. Two classes: it does not hold, it holds.
import { type AddressView, type FlowBatch, IPV6_BYTES, isMappedIpv4, mappedIpv4, type Numbers } from '@netbehave/schema'
import { ipv4Alternatives } from '../addresses.ts'
import type { Field } from '../fields.ts'
import { fold } from '../fold.ts'
import type { Test } from '../logic.ts'
import { atLeast, type Classes, type Plane } from './plane.ts'
import { readAddresses, readNumbers, readTexts, textsIn } from './read-columns.ts'

/** Writes 1 for each flow that passes, else 0. */
export type Derive = (batch: FlowBatch, passes: Uint16Array) => void

export class DerivedPlane implements Plane {
  readonly cost = 4
  readonly classCount = 2
  readonly #derive: Derive
  #classes = new Uint16Array()

  constructor(derive: Derive) {
    this.#derive = derive
  }

  add(): number {
    return 0
  }

  seal(): void {}

  holds(_test: number, klass: number): boolean {
    return klass === 1
  }

  classify(batch: FlowBatch): Classes {
    this.#classes = atLeast(this.#classes, batch.length, Uint16Array)
    this.#derive(batch, this.#classes)
    return this.#classes
  }
}

type FieldTest = Extract<Test, { kind: 'field' }>

/** `field op @other`. */
export function deriveComparison(field: Field, { other, op }: FieldTest): Derive {
  if (field.type === 'address') return (batch, passes) => compareAddressColumns(field, other, batch, passes)
  if (field.type === 'text') return (batch, passes) => compareTextColumns(field, other, batch, passes)
  return (batch, passes) => {
    const left = everyNumber(readNumbers(field, batch), batch.length)
    const right = everyNumber(readNumbers(other, batch), batch.length)
    const none = field.missing ?? -1
    const otherNone = other.missing ?? -1
    for (let i = 0; i < batch.length; i++) {
      const a = left[i]!
      const b = right[i]!
      passes[i] = a !== none && b !== otherNone && compare(a, op, b) ? 1 : 0
    }
  }
}

function compare(a: number, op: FieldTest['op'], b: number): boolean {
  switch (op) {
    case '=':
      return a === b
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
  }
}

const everyNumber = (values: number | Numbers, n: number): Numbers =>
  typeof values === 'number' ? new Float64Array(n).fill(values) : values

/** Texts of two dictionaries get one numbering, 0 for none; then numbers are compared. */
function compareTextColumns(field: Field, other: Field, batch: FlowBatch, passes: Uint16Array): void {
  const numbers = new Map([['', 0]])
  const numberOf = (text: string): number => {
    const folded = fold(text)
    const number = numbers.get(folded) ?? numbers.size
    numbers.set(folded, number)
    return number
  }
  const left = readTexts(field, batch)
  const right = readTexts(other, batch)
  const leftNumbers = Uint32Array.from(textsIn(left.dictionary), numberOf)
  const rightNumbers =
    left.dictionary === right.dictionary ? leftNumbers : Uint32Array.from(textsIn(right.dictionary), numberOf)
  const leftIndices = everyNumber(left.indices, batch.length)
  const rightIndices = everyNumber(right.indices, batch.length)
  for (let i = 0; i < batch.length; i++) {
    const number = leftNumbers[leftIndices[i]!]!
    passes[i] = number !== 0 && number === rightNumbers[rightIndices[i]!]! ? 1 : 0
  }
}

function compareAddressColumns(field: Field, other: Field, batch: FlowBatch, passes: Uint16Array): void {
  const left = readAddresses(field, batch)
  const right = readAddresses(other, batch)
  const zeroIsNone = field.optional || other.optional
  for (let i = 0; i < batch.length; i++) {
    const a = ipv4At(left, i)
    const b = ipv4At(right, i)
    const same = a === undefined && b === undefined ? sameIpv6(left!.v6!, right!.v6!, i) : a === b
    passes[i] = same && !(zeroIsNone && a === 0) ? 1 : 0
  }
}

/** The IPv4 address of flow i, 0 where the column is absent; undefined for an IPv6 address. */
function ipv4At(addresses: AddressView | undefined, i: number): number | undefined {
  if (!addresses) return 0
  if (addresses.v4) return addresses.v4[i]!
  const at = i * IPV6_BYTES
  return isMappedIpv4(addresses.v6, at) ? mappedIpv4(addresses.v6, at) : undefined
}

function sameIpv6(a: Uint8Array, b: Uint8Array, i: number): boolean {
  for (let k = i * IPV6_BYTES; k < (i + 1) * IPV6_BYTES; k++) if (a[k] !== b[k]) return false
  return true
}

/** An IPv4 address whose octets fit one of the glob's alternatives. */
export function deriveAddressGlob(field: Field, glob: string): Derive {
  const alternatives = ipv4Alternatives(glob)
  return (batch, passes) => {
    const addresses = readAddresses(field, batch)
    for (let i = 0; i < batch.length; i++) {
      const address = ipv4At(addresses, i)
      let fits = address !== undefined && !(field.optional && address === 0)
      fits &&= alternatives.some(
        ([a, b, c, d]) =>
          a[address! >>> 24]! & b[(address! >>> 16) & 255]! & c[(address! >>> 8) & 255]! & d[address! & 255]!,
      )
      passes[i] = fits ? 1 : 0
    }
  }
}
