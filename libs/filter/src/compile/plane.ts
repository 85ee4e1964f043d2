// A plane answers all tests of one column at once: it sorts the values of a batch into classes whose members pass the same
// tests, so that a flow costs one look-up however many conditions there are on the column.
import type { FlowBatch } from '@netbehave/schema'
import type { Test } from '../logic.ts'

/** Class of each flow (the first n of the array), or of all flows. */
export type Classes = number | Uint16Array

export interface Plane {
  /** The dearer ones are asked later, and not at all when no flow is left. */
  readonly cost: number
  /** Takes a test; the number it gives is asked for in `holds`. All tests come before the first batch. */
  add(test: Test): number
  /** Called once after the last `add`. */
  seal(): void
  /** Classes so far; a plane of texts learns new ones from batches. */
  readonly classCount: number
  /** Changes when classes got other numbers. */
  readonly generation?: number
  holds(test: number, klass: number): boolean
  /** The array belongs to the plane and holds until the next call. */
  classify(batch: FlowBatch): Classes
}

/** `array`, or a longer one when it is too short for n. */
export function atLeast<A extends Uint16Array | Int32Array | Float64Array>(
  array: A,
  n: number,
  make: new (n: number) => A,
): A {
  return array.length >= n ? array : new make(Math.max(n, 4096))
}
