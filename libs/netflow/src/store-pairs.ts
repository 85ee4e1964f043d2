// Loops that carry two operations of one kind out at once: one walk over the records for both, a third faster than two walks.
import type { Op, RunContext, Store } from './operation.ts'
import { storeCount32, storeMac, storeU8, storeU16, storeU32, storeV4 } from './store-numbers.ts'
import { storeUptime } from './store-times.ts'

/** `op.also` is of the same kind; neither is "where empty". */
function storeTwoU8(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const also = op.also!
  const rows = op.rows as Uint8Array
  const others = also.rows as Uint8Array
  const view = run.view
  const apart = also.offset - op.offset
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    rows[row] = view.getUint8(at)
    others[row] = view.getUint8(at + apart)
  }
}

function storeTwoU16(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const also = op.also!
  const rows = op.rows as Uint16Array
  const others = also.rows as Uint16Array
  const view = run.view
  const apart = also.offset - op.offset
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    rows[row] = view.getUint16(at)
    others[row] = view.getUint16(at + apart)
  }
}

/** Numbers and IPv4 addresses alike. */
function storeTwoU32(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const also = op.also!
  const rows = op.rows as Uint32Array
  const others = also.rows as Uint32Array
  const view = run.view
  const apart = also.offset - op.offset
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    rows[row] = view.getUint32(at)
    others[row] = view.getUint32(at + apart)
  }
}

function storeTwoCount32(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const also = op.also!
  const rows = op.rows as Float64Array
  const others = also.rows as Float64Array
  const view = run.view
  const apart = also.offset - op.offset
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    rows[row] = view.getUint32(at)
    others[row] = view.getUint32(at + apart)
  }
}

/** In which order this machine keeps the bytes of a 16-bit number (see storeMac). */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

function storeTwoMac(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const also = op.also!
  const rows = op.rows as Uint16Array
  const others = also.rows as Uint16Array
  const view = run.view
  const apart = also.offset - op.offset
  for (let at = record + op.offset, to = row * 3, end = to + n * 3; to < end; to += 3, at += stride) {
    const other = at + apart
    rows[to] = view.getUint16(at, LITTLE_ENDIAN)
    rows[to + 1] = view.getUint16(at + 2, LITTLE_ENDIAN)
    rows[to + 2] = view.getUint16(at + 4, LITTLE_ENDIAN)
    others[to] = view.getUint16(other, LITTLE_ENDIAN)
    others[to + 1] = view.getUint16(other + 2, LITTLE_ENDIAN)
    others[to + 2] = view.getUint16(other + 4, LITTLE_ENDIAN)
  }
}

/** Start and end by the header's uptime; by another clock one after the other. */
function storeTwoUptime(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const also = op.also!
  if (run.uptimeMs < 0 || op.length !== 4 || also.length !== 4 || op.clock?.init !== undefined) {
    storeUptime(op, run, row, n, record, stride)
    storeUptime(also, run, row, n, record, stride)
    return
  }
  const rows = op.rows as Float64Array
  const others = also.rows as Float64Array
  const view = run.view
  const apart = also.offset - op.offset
  const exportMs = run.exportMs
  const uptimeMs = run.uptimeMs | 0
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    rows[row] = exportMs + ((view.getInt32(at) - uptimeMs) | 0)
    others[row] = exportMs + ((view.getInt32(at + apart) - uptimeMs) | 0)
  }
}

const PAIRS = new Map<Store, Store>([
  [storeU8, storeTwoU8],
  [storeU16, storeTwoU16],
  [storeU32, storeTwoU32],
  [storeV4, storeTwoU32],
  [storeCount32, storeTwoCount32],
  [storeMac, storeTwoMac],
  [storeUptime, storeTwoUptime],
])

/**
 * Joins operations of one kind two by two. Joined and joinable ones come first, which is safe: they fill columns that nothing
 * filled before, and what looks for empty columns comes after.
 */
export function pairOps(ops: readonly Op[]): Op[] {
  const single = new Map<Store, Op>()
  const pairs: Op[] = []
  const rest: Op[] = []
  for (const op of ops) {
    const pair = op.whereEmpty ? undefined : PAIRS.get(op.store)
    const other = pair && single.get(pair)
    if (pair === undefined) rest.push(op)
    else if (other === undefined) single.set(pair, op)
    else {
      single.delete(pair)
      pairs.push({ ...other, store: pair, also: op })
    }
  }
  return [...pairs, ...single.values(), ...rest]
}
