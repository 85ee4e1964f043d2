// The plane of a column of numbers. A class is the space between two neighbouring ends of intervals.
import type { FlowBatch, Numbers } from '@netbehave/schema'
import type { Field } from '../fields.ts'
import { boundariesOf, contains, EVERY_NUMBER, type IntervalSet, without } from '../intervals.ts'
import type { Test } from '../logic.ts'
import { atLeast, type Classes, type Plane } from './plane.ts'
import { readNumbers } from './read-columns.ts'

/** Up to here, comparing with each boundary in turn is faster than a search, or a table that must be made. */
export const FEW_BOUNDARIES = 4

export class NumberPlane implements Plane {
  readonly cost = 1
  readonly #field: Field
  readonly #sets: IntervalSet[] = []
  #boundaries = new Float64Array()
  /** Class of each number of 8 bits, and of 16; the larger one is made when there are many boundaries. */
  #byteTable = new Uint16Array()
  #table: Uint16Array | undefined
  #classes = new Uint16Array()
  #wide = new Float64Array()

  constructor(field: Field) {
    this.#field = field
  }

  add(test: Test): number {
    const set = test.kind === 'numbers' ? test.set : without(EVERY_NUMBER, this.#field.missing ?? -1)
    return this.#sets.push(set) - 1
  }

  seal(): void {
    this.#boundaries = Float64Array.from(boundariesOf(this.#sets))
    this.#byteTable = this.#makeTable(0x100)
  }

  get classCount(): number {
    return this.#boundaries.length + 1
  }

  holds(test: number, klass: number): boolean {
    return contains(this.#sets[test]!, klass === 0 ? -Infinity : this.#boundaries[klass - 1]!)
  }

  classify(batch: FlowBatch): Classes {
    const values = readNumbers(this.#field, batch)
    if (typeof values === 'number') return classOf(this.#boundaries, values)
    const n = batch.length
    const classes = (this.#classes = atLeast(this.#classes, n, Uint16Array))
    // One array type in each loop: a loop that sees several runs several times slower.
    if (values instanceof Uint8Array) lookUp8(values, n, this.#byteTable, classes)
    else if (values instanceof Uint16Array) this.#classify16(values, n, classes)
    else this.#classifyWide(values, n, classes)
    return classes
  }

  #classify16(values: Uint16Array, n: number, classes: Uint16Array): void {
    const boundaries = this.#boundaries
    if (boundaries.length <= FEW_BOUNDARIES) count16(values, n, boundaries, classes)
    else lookUp16(values, n, (this.#table ??= this.#makeTable(0x10000)), classes)
  }

  #makeTable(values: number): Uint16Array<ArrayBuffer> {
    return Uint16Array.from({ length: values }, (_, value) => classOf(this.#boundaries, value))
  }

  #classifyWide(values: Numbers, n: number, classes: Uint16Array): void {
    const wide = values instanceof Float64Array ? values : (this.#wide = atLeast(this.#wide, n, Float64Array))
    if (wide !== values) wide.set(values)
    const boundaries = this.#boundaries
    if (boundaries.length <= FEW_BOUNDARIES) countWide(wide, n, boundaries, classes)
    else for (let i = 0; i < n; i++) classes[i] = classOf(boundaries, wide[i]!)
  }
}

/** How many boundaries are at or below the value. */
function classOf(boundaries: Float64Array, value: number): number {
  let from = 0
  let to = boundaries.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (value >= boundaries[middle]!) from = middle + 1
    else to = middle
  }
  return from
}

function count16(values: Uint16Array, n: number, boundaries: Float64Array, classes: Uint16Array): void {
  classes.fill(0, 0, n)
  for (const exact of boundaries) {
    // Of these values none is above 65,535 or below 0.
    const boundary = Math.max(0, Math.min(0x10000, exact)) | 0
    for (let i = 0; i < n; i++) classes[i] = classes[i]! + (values[i]! >= boundary ? 1 : 0)
  }
}

function countWide(values: Float64Array, n: number, boundaries: Float64Array, classes: Uint16Array): void {
  classes.fill(0, 0, n)
  for (const boundary of boundaries) {
    for (let i = 0; i < n; i++) classes[i] = classes[i]! + (values[i]! >= boundary ? 1 : 0)
  }
}

function lookUp8(values: Uint8Array, n: number, table: Uint16Array, classes: Uint16Array): void {
  for (let i = 0; i < n; i++) classes[i] = table[values[i]!]!
}

function lookUp16(values: Uint16Array, n: number, table: Uint16Array, classes: Uint16Array): void {
  for (let i = 0; i < n; i++) classes[i] = table[values[i]!]!
}
