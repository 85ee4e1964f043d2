// Loops for numbers and addresses: field → column, over all records of a set.
import type { AddressRows } from '@netbehave/schema'
import { viewUint } from './bytes.ts'
import type { Op, RunContext } from './operation.ts'

const MAX_COUNT = Number.MAX_SAFE_INTEGER
const TWO_32 = 4_294_967_296

export function storeU8(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Uint8Array
  const view = run.view
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) rows[row] = view.getUint8(at)
}

export function storeU16(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Uint16Array
  const view = run.view
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) rows[row] = view.getUint16(at)
}

export function storeU32(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Uint32Array
  const view = run.view
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) rows[row] = view.getUint32(at)
}

export function storeU32From16(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Uint32Array
  const view = run.view
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) rows[row] = view.getUint16(at)
}

export function storeCount32(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Float64Array
  const view = run.view
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) rows[row] = view.getUint32(at)
}

export function storeCount64(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Float64Array
  const view = run.view
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    const value = view.getUint32(at) * TWO_32 + view.getUint32(at + 4)
    if (value > MAX_COUNT) {
      rows[row] = MAX_COUNT
      run.saturated++
    } else rows[row] = value
  }
}

/** Any length, any column of numbers: too wide a value keeps its low bits, a counter saturates. */
export function storeUint(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Float64Array
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (op.whereEmpty && rows[row] !== 0) continue
    let value = viewUint(run.view, at, op.length)
    if (value > MAX_COUNT) {
      value = MAX_COUNT
      run.saturated++
    }
    rows[row] = value
  }
}

/** DSCP is the upper six bits of the traffic class (RFC 2474 §3). */
export function storeDscp(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Uint8Array
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    rows[row] = run.view.getUint8(at) << 2
  }
}

export function storeV4(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Uint32Array
  const view = run.view
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) rows[row] = view.getUint32(at)
}

export function storeV4WhereEmpty(
  op: Op,
  run: RunContext,
  row: number,
  n: number,
  record: number,
  stride: number,
): void {
  const rows = op.rows as AddressRows
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (rows.isEmpty(row)) rows.v4[row] = run.view.getUint32(at)
  }
}

export function storeV6(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as AddressRows
  const view = run.view
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (op.whereEmpty && (!rows.isEmpty(row) || isZero6(view, at))) continue
    rows.set6(row, bytesOf(view), at)
  }
}

const isZero6 = (view: DataView, at: number): boolean =>
  (view.getUint32(at) | view.getUint32(at + 4) | view.getUint32(at + 8) | view.getUint32(at + 12)) === 0

let bytesView: DataView | undefined
let bytes: Uint8Array = new Uint8Array()

/** The bytes under a view; views change rarely. */
function bytesOf(view: DataView): Uint8Array {
  if (view === bytesView) return bytes
  bytesView = view
  bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  return bytes
}

/** In which order this machine keeps the bytes of a 16-bit number: a MAC is copied as three of them. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** `rows` are the builder's MAC bytes seen as 16-bit numbers, three for each row. */
export function storeMac(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Uint16Array
  const view = run.view
  for (let at = record + op.offset, to = row * 3, end = to + n * 3; to < end; to += 3, at += stride) {
    if (op.whereEmpty && (rows[to]! | rows[to + 1]! | rows[to + 2]!) !== 0) continue
    rows[to] = view.getUint16(at, LITTLE_ENDIAN)
    rows[to + 1] = view.getUint16(at + 2, LITTLE_ENDIAN)
    rows[to + 2] = view.getUint16(at + 4, LITTLE_ENDIAN)
  }
}

const ICMP = 1
const ICMP_V6 = 58

/** What ICMP operations work on. */
export interface IcmpRows {
  ports: Uint16Array
  protocols: Uint8Array
}

/** ICMP type × 256 + code, in one field or two, where the exporter left the port empty: many put it there themselves. */
export function storeIcmp(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const { ports, protocols } = op.rows as IcmpRows
  for (let end = row + n; row < end; row++, record += stride) {
    const protocol = protocols[row]
    if (ports[row] !== 0 || (protocol !== ICMP && protocol !== ICMP_V6 && protocol !== 0)) continue
    const value = viewUint(run.view, record + op.offset, op.length)
    if (op.field2 < 0) ports[row] = value
    else ports[row] = (value << 8) | (viewUint(run.view, record + op.offset2, op.length2) & 255)
  }
}

/** ICMP type without a code. */
export function storeIcmpType(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const { ports, protocols } = op.rows as IcmpRows
  for (let end = row + n; row < end; row++, record += stride) {
    const protocol = protocols[row]
    if (ports[row] !== 0 || (protocol !== ICMP && protocol !== ICMP_V6 && protocol !== 0)) continue
    ports[row] = viewUint(run.view, record + op.offset, op.length) << 8
  }
}
