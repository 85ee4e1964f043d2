// Records of a data set → rows of the builder: binds the program to the builder, runs it, then settles what one operation
// alone cannot: times, sampling, exporter. Rows that do not fit wait for `onFull` to make room.
import type { FlowBatchBuilder } from '@netbehave/schema'
import { u16 } from './bytes.ts'
import { bindProgram, type Program } from './compile-template.ts'
import type { DatagramContext } from './datagram-context.ts'
import { VARIABLE_LENGTH } from './template.ts'

/** Appends `count` records of fixed length; fewer when the limit of the datagram or the builder's room ends. Returns how many. */
export function appendFixed(context: DatagramContext, program: Program, at: number, count: number): number {
  const allowed = allowance(context, count)
  let left = allowed
  const builder = context.builder
  while (left > 0) {
    if (!makeRoom(context)) break
    const n = Math.min(left, builder.capacity - builder.length)
    appendRun(context, program, at, program.stride, n)
    at += n * program.stride
    left -= n
  }
  const appended = allowed - left
  context.recordsLeft -= appended
  context.result.appended += appended
  return appended
}

/** How many of `count` records this datagram may still cause. */
function allowance(context: DatagramContext, count: number): number {
  if (count <= context.recordsLeft) return count
  context.count('datagram-limit')
  return context.recordsLeft
}

function makeRoom(context: DatagramContext): boolean {
  if (context.builder.length < context.builder.capacity) return true
  context.onFull()
  if (context.builder.length < context.builder.capacity) return true
  context.count('no-room')
  return false
}

/**
 * Appends records with fields of variable length, walking each (RFC 7011 §7: one length byte, or 255 and two). Returns the
 * offset after the last whole record.
 */
export function appendVariable(
  context: DatagramContext,
  program: Program,
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  const starts = context.fieldStarts
  while (end - at >= program.minBytes) {
    const next = locateFields(program, bytes, at, end, starts)
    if (next < 0) {
      context.count('variable-length')
      break
    }
    if (allowance(context, 1) === 0 || !makeRoom(context)) break
    for (const op of program.located) {
      op.offset = starts[op.field]! - at + op.skip
      if (op.field2 >= 0) op.offset2 = starts[op.field2]! - at
    }
    appendRun(context, program, at, 0, 1)
    context.recordsLeft--
    context.result.appended++
    at = next
  }
  return at
}

/** Fills in where each field of the record at `at` starts; the offset after the record, or -1 when it runs past `end`. */
function locateFields(program: Program, bytes: Uint8Array, at: number, end: number, starts: Int32Array): number {
  const lengths = program.lengths
  for (let i = 0; i < lengths.length; i++) {
    let length = lengths[i]!
    if (length === VARIABLE_LENGTH) {
      if (at >= end) return -1
      length = bytes[at++]!
      if (length === 255) {
        if (end - at < 2) return -1
        length = u16(bytes, at)
        at += 2
      }
    }
    starts[i] = at
    at += length
    if (at > end) return -1
  }
  return at
}

function appendRun(context: DatagramContext, program: Program, at: number, stride: number, n: number): void {
  const builder = context.builder
  const row = builder.length
  if (program.builder !== builder) bindProgram(program, builder)
  if (program.generation !== builder.generation) {
    for (const column of program.columns) builder.touch(column)
    program.generation = builder.generation
  }
  const run = context.run
  run.saturated = 0
  const samplingTold = program.sampling
  if (samplingTold) builder.rows.sampling.fill(0, row, row + n)
  for (const op of program.ops) op.store(op, run, row, n, at, stride)
  if (run.saturated) context.count('counter-saturated', run.saturated)
  settleRows(context, builder, row, n)
  settleSampling(context, builder, samplingTold, row, n)
  builder.commit(n)
}

/** Gives new rows their exporter, and looks whether their times are whole and believable. */
function settleRows(context: DatagramContext, builder: FlowBatchBuilder, row: number, n: number): void {
  const { first, last, exporter } = builder.rows
  const index = context.exporterIndex()
  const earliest = Math.max(1, context.receivedMs - context.limits.plausibleMs)
  const latest = context.receivedMs + context.limits.plausibleMs
  for (const end = row + n; row < end; row++) {
    exporter[row] = index
    const startMs = first[row]!
    const endMs = last[row]!
    if (startMs < earliest || startMs > endMs || endMs > latest) settleTime(context, first, last, row, earliest, latest)
  }
}

/**
 * 0 is "not told", a negative number the flow's length. A flow that ended more than a day from its receipt is moved to the
 * receive time with its length, a start more than a day before becomes the end.
 */
function settleTime(
  context: DatagramContext,
  first: Float64Array,
  last: Float64Array,
  row: number,
  earliest: number,
  latest: number,
): void {
  let start = first[row]!
  let end = last[row]!
  if (end === 0) end = start > 0 ? start : context.run.exportMs
  else if (end < 0) end = start > 0 ? start - end : context.run.exportMs
  if (start < 0) start = end + start
  else if (start === 0) start = end
  if (start > end) {
    context.count('time-order')
    start = end
  }
  if (end < earliest || end > latest) {
    context.count('time-skew')
    const lengthMs = end - start
    end = context.receivedMs
    start = lengthMs <= context.limits.plausibleMs ? end - lengthMs : end
  } else if (start < earliest) {
    context.count('time-skew')
    start = end
  }
  first[row] = Math.max(0, start)
  last[row] = end
}

/** 1 in N for rows whose record did not say: of its interface, else the domain's, else the v5 header's. */
function settleSampling(
  context: DatagramContext,
  builder: FlowBatchBuilder,
  told: boolean,
  row: number,
  n: number,
): void {
  const rate = context.defaultRate
  const byInterface = context.domain.ratesByInterface
  if (!told && rate === 1 && byInterface === undefined) return
  builder.touch('sampling')
  const sampling = builder.rows.sampling
  const inIf = builder.rows.inIf
  for (let i = row; i < row + n; i++) {
    if (told && sampling[i] !== 0) continue
    sampling[i] = byInterface?.get(inIf[i]!) ?? rate
  }
}
