// One operation of a compiled template: where its field is, where its values go, and the loop that carries it out.
import type { ColumnName } from '@netbehave/schema'
import type { ElementKind } from './information-elements.ts'

/** What operations need to know of the datagram, and what they count. */
export interface RunContext {
  /** The bytes being decoded: reads of several bytes go through the view, which checks its bounds once for each. */
  view: DataView
  /** Export time, epoch ms: the header's, or the receive time where the header's is not believed. */
  exportMs: number
  /** Export time as the header says it, by the exporter's own clock. */
  headerMs: number
  /** The exporter's uptime at `exportMs`, ms modulo 2^32; -1 when unknown. */
  uptimeMs: number
  /** Sampling by sampler or selector id. */
  samplers: ReadonlyMap<number, number> | undefined
  /** Counters that were above 2^53 - 1. */
  saturated: number
}

/**
 * Carries an operation out over `n` records of `stride` bytes, into the rows from `row` on. `record` is the offset of the first
 * record; the caller has checked that all lie within the view.
 */
export type Store = (op: Op, run: RunContext, row: number, n: number, record: number, stride: number) => void

export interface Op {
  readonly store: Store
  readonly kind: ElementKind
  readonly column: ColumnName
  /** Only into rows whose column is still zero. */
  readonly whereEmpty: boolean
  /** From the record's start; in a program with variable-length fields set for each record. */
  offset: number
  readonly length: number
  /** Index of the field in the template. */
  readonly field: number
  /** The second field of an operation on two: of length 0 when it has none. */
  offset2: number
  readonly length2: number
  readonly field2: number
  /** Bytes that `offset` is after the field's start: a narrow column takes the last bytes of a wide field. */
  readonly skip: number
  /** For times told as uptimes: the fields that tell the clock. */
  readonly clock: UptimeClock | undefined
  /** The column's array in the builder that the program is bound to. */
  rows: unknown
  /** A second operation that the same loop carries out (store-pairs.ts). */
  readonly also: Op | undefined
}

/** Fields of a template that say by which clock its uptimes are. */
export interface UptimeClock {
  /** IE 160, the exporter's start. */
  init: Op | undefined
  /** IE 21, the flow's end. */
  end: Op | undefined
}
