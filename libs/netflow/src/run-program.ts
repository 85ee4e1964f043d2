// Carries a program out over the records of a set, one operation at a time: a tight loop over all records for each field,
// writing into the builder's arrays. Plain byte arithmetic; nothing here allocates. Bounds were checked by the caller.
import type { AddressRows } from '@netbehave/schema'
import { u32, uint } from './bytes.ts'
import { CODE, type Op, type Program } from './compile-template.ts'

/** What operations need to know of the datagram, and what they count. */
export interface RunContext {
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

const MAX_COUNT = Number.MAX_SAFE_INTEGER
const TWO_32 = 4_294_967_296
/** Seconds between the NTP epoch, 1900, and the Unix epoch. */
const NTP_UNIX_SECONDS = 2_208_988_800

/** Runs all operations over `n` records of `stride` bytes, the first at `at`, into the rows from `row` on. */
export function runProgram(
  program: Program,
  bytes: Uint8Array,
  at: number,
  stride: number,
  row: number,
  n: number,
  context: RunContext,
): void {
  const ops = program.ops
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i]!
    const from = at + op.offset
    switch (op.code) {
      case CODE.u8:
        storeU8(op.rows as Uint8Array, row, n, bytes, from, stride)
        break
      case CODE.u16:
        storeU16(op.rows as Uint16Array, row, n, bytes, from, stride)
        break
      case CODE.u32:
        storeU32(op.rows as Uint32Array, row, n, bytes, from, stride)
        break
      case CODE.u32from16:
        storeU32From16(op.rows as Uint32Array, row, n, bytes, from, stride)
        break
      case CODE.count32:
        storeCount32(op.rows as Float64Array, row, n, bytes, from, stride)
        break
      case CODE.count64:
        storeCount64(op.rows as Float64Array, row, n, bytes, from, stride, context)
        break
      case CODE.uint:
        storeUint(op, row, n, bytes, from, stride, context)
        break
      case CODE.v4:
        storeV4(op, row, n, bytes, from, stride)
        break
      case CODE.v6:
        storeV6(op, row, n, bytes, from, stride)
        break
      case CODE.mac:
        storeMac(op, row, n, bytes, from, stride)
        break
      case CODE.dscp:
        storeDscp(op.rows as Uint8Array, row, n, bytes, from, stride)
        break
      case CODE.uptime:
        if (context.uptimeMs >= 0 && program.uptime.init === undefined) {
          storeUptime(op, row, n, bytes, from, stride, context.exportMs, context.uptimeMs)
        } else storeUptimeWithoutHeader(program, op, row, n, bytes, at, stride, context)
        break
      case CODE.icmp:
      case CODE.icmpTypeCode:
        storeIcmp(op, row, n, bytes, at, stride)
        break
      case CODE.rate:
      case CODE.selectedSpace:
      case CODE.sizePopulation:
      case CODE.sampler:
        storeSampling(op, row, n, bytes, at, stride, context)
        break
      default:
        storeTime(op, row, n, bytes, from, stride, context)
    }
  }
}

function storeU8(rows: Uint8Array, row: number, n: number, bytes: Uint8Array, at: number, stride: number): void {
  for (const end = row + n; row < end; row++, at += stride) rows[row] = bytes[at]!
}

function storeU16(rows: Uint16Array, row: number, n: number, bytes: Uint8Array, at: number, stride: number): void {
  for (const end = row + n; row < end; row++, at += stride) rows[row] = (bytes[at]! << 8) | bytes[at + 1]!
}

function storeU32(rows: Uint32Array, row: number, n: number, bytes: Uint8Array, at: number, stride: number): void {
  for (const end = row + n; row < end; row++, at += stride) {
    rows[row] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }
}

function storeU32From16(
  rows: Uint32Array,
  row: number,
  n: number,
  bytes: Uint8Array,
  at: number,
  stride: number,
): void {
  for (const end = row + n; row < end; row++, at += stride) rows[row] = (bytes[at]! << 8) | bytes[at + 1]!
}

function storeCount32(rows: Float64Array, row: number, n: number, bytes: Uint8Array, at: number, stride: number): void {
  for (const end = row + n; row < end; row++, at += stride) {
    rows[row] = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  }
}

function storeCount64(
  rows: Float64Array,
  row: number,
  n: number,
  bytes: Uint8Array,
  at: number,
  stride: number,
  context: RunContext,
): void {
  for (const end = row + n; row < end; row++, at += stride) {
    const value = u32(bytes, at) * TWO_32 + u32(bytes, at + 4)
    if (value > MAX_COUNT) {
      rows[row] = MAX_COUNT
      context.saturated++
    } else rows[row] = value
  }
}

function storeUint(
  op: Op,
  row: number,
  n: number,
  bytes: Uint8Array,
  at: number,
  stride: number,
  context: RunContext,
): void {
  const rows = op.rows as Float64Array
  for (const end = row + n; row < end; row++, at += stride) {
    if (op.whereEmpty && rows[row] !== 0) continue
    let value = uint(bytes, at, op.length)
    if (value > MAX_COUNT) {
      value = MAX_COUNT
      context.saturated++
    }
    rows[row] = value
  }
}

function storeV4(op: Op, row: number, n: number, bytes: Uint8Array, at: number, stride: number): void {
  const rows = op.rows as AddressRows
  const v4 = rows.v4
  if (!op.whereEmpty) {
    storeU32(v4, row, n, bytes, at, stride)
    return
  }
  for (const end = row + n; row < end; row++, at += stride) if (rows.isEmpty(row)) v4[row] = u32(bytes, at)
}

function storeV6(op: Op, row: number, n: number, bytes: Uint8Array, at: number, stride: number): void {
  const rows = op.rows as AddressRows
  for (const end = row + n; row < end; row++, at += stride) {
    if (op.whereEmpty && (!rows.isEmpty(row) || isZero(bytes, at, 16))) continue
    rows.set6(row, bytes, at)
  }
}

function storeMac(op: Op, row: number, n: number, bytes: Uint8Array, at: number, stride: number): void {
  const rows = op.rows as Uint8Array
  for (let i = 0; i < n; i++, at += stride) {
    const to = (row + i) * 6
    if (op.whereEmpty && !isZero(rows, to, 6)) continue
    rows[to] = bytes[at]!
    rows[to + 1] = bytes[at + 1]!
    rows[to + 2] = bytes[at + 2]!
    rows[to + 3] = bytes[at + 3]!
    rows[to + 4] = bytes[at + 4]!
    rows[to + 5] = bytes[at + 5]!
  }
}

function isZero(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== 0) return false
  return true
}

/** DSCP is the upper six bits of the traffic class (RFC 2474 §3). */
function storeDscp(rows: Uint8Array, row: number, n: number, bytes: Uint8Array, at: number, stride: number): void {
  for (const end = row + n; row < end; row++, at += stride) rows[row] = bytes[at]! << 2
}

/** ms since the exporter's start → epoch ms: the 32-bit modular difference to the header's uptime survives its wrap. */
function storeUptime(
  op: Op,
  row: number,
  n: number,
  bytes: Uint8Array,
  at: number,
  stride: number,
  exportMs: number,
  uptimeMs: number,
): void {
  const rows = op.rows as Float64Array
  if (op.length !== 4 || op.whereEmpty) {
    for (const end = row + n; row < end; row++, at += stride) {
      if (op.whereEmpty && rows[row] !== 0) continue
      rows[row] = exportMs + ((uint(bytes, at, op.length) - uptimeMs) | 0)
    }
    return
  }
  const uptime = uptimeMs | 0
  for (const end = row + n; row < end; row++, at += stride) {
    const value = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
    rows[row] = exportMs + ((value - uptime) | 0)
  }
}

/**
 * IPFIX has no uptime in its header. With the exporter's start in the record (IE 160) the uptime is the time since then; with
 * nothing at all the flow is taken to have ended at the export, so that at least its length is true.
 */
function storeUptimeWithoutHeader(
  program: Program,
  op: Op,
  row: number,
  n: number,
  bytes: Uint8Array,
  at: number,
  stride: number,
  context: RunContext,
): void {
  const rows = op.rows as Float64Array
  const { init, last } = program.uptime
  for (const end = row + n; row < end; row++, at += stride) {
    if (op.whereEmpty && rows[row] !== 0) continue
    const initMs = init ? uint(bytes, at + init.offset, init.length) : 0
    let uptimeMs = context.uptimeMs
    if (initMs > 0) uptimeMs = context.headerMs - initMs
    else if (uptimeMs < 0)
      uptimeMs = last ? uint(bytes, at + last.offset, last.length) : uint(bytes, at + op.offset, op.length)
    rows[row] = context.exportMs + ((uint(bytes, at + op.offset, op.length) - uptimeMs) | 0)
  }
}

/** Absolute times; lengths, as negative numbers, for rows of which one end is not known. A value of 0 is "not told". */
function storeTime(
  op: Op,
  row: number,
  n: number,
  bytes: Uint8Array,
  at: number,
  stride: number,
  context: RunContext,
): void {
  const rows = op.rows as Float64Array
  for (const end = row + n; row < end; row++, at += stride) {
    if (op.whereEmpty && rows[row] !== 0) continue
    switch (op.code) {
      case CODE.ms:
        rows[row] = uint(bytes, at, op.length)
        break
      case CODE.seconds:
        rows[row] = uint(bytes, at, op.length) * 1000
        break
      case CODE.ntp:
        rows[row] = ntpMs(u32(bytes, at), u32(bytes, at + 4))
        break
      case CODE.deltaUs:
        rows[row] = Math.floor(context.exportMs - uint(bytes, at, op.length) / 1000)
        break
      case CODE.durationMs:
        rows[row] = -uint(bytes, at, op.length)
        break
      case CODE.durationUs:
        rows[row] = -Math.round(uint(bytes, at, op.length) / 1000)
        break
    }
  }
}

/**
 * NTP timestamp (RFC 7011 §6.1.9, §6.1.10) → epoch ms. Some exporters send plain µs or ns since 1970 in these fields, which
 * read as NTP would lie before 1970.
 */
function ntpMs(high: number, low: number): number {
  if (high >= NTP_UNIX_SECONDS) return (high - NTP_UNIX_SECONDS) * 1000 + Math.floor((low / TWO_32) * 1000)
  const value = high * TWO_32 + low
  return Math.floor(high < 0x1000000 ? value / 1000 : value / 1_000_000)
}

const ICMP = 1
const ICMP_V6 = 58

/** ICMP type × 256 + code where the exporter left the port empty, as many put it there themselves. */
function storeIcmp(op: Op, row: number, n: number, bytes: Uint8Array, at: number, stride: number): void {
  const { ports, protocols } = op.rows as IcmpRows
  for (const end = row + n; row < end; row++, at += stride) {
    const protocol = protocols[row]
    if (ports[row] !== 0 || (protocol !== ICMP && protocol !== ICMP_V6 && protocol !== 0)) continue
    const value = uint(bytes, at + op.offset, op.length)
    if (op.code === CODE.icmp) ports[row] = value
    else ports[row] = (value << 8) | (op.length2 ? uint(bytes, at + op.offset2, op.length2) & 255 : 0)
  }
}

/** What the ICMP operations work on. */
export interface IcmpRows {
  ports: Uint16Array
  protocols: Uint8Array
}

/** 1 in N: told by the record, or by the options record of its sampler. 0 and nonsense leave the row as it is. */
function storeSampling(
  op: Op,
  row: number,
  n: number,
  bytes: Uint8Array,
  at: number,
  stride: number,
  context: RunContext,
): void {
  const rows = op.rows as Uint32Array
  for (const end = row + n; row < end; row++, at += stride) {
    if (op.whereEmpty && rows[row] !== 0) continue
    const value = uint(bytes, at + op.offset, op.length)
    const second = op.length2 ? uint(bytes, at + op.offset2, op.length2) : 0
    if (op.code === CODE.sampler) rows[row] = context.samplers?.get(value) ?? (value === 0 ? 1 : 0)
    else rows[row] = samplingRate(op.code, value, second)
  }
}

/** Packets looked at, and what was left out or looked from, → N of "1 in N"; 0 when it says nothing. */
export function samplingRate(code: number, value: number, second: number): number {
  let rate = value
  if (code === CODE.selectedSpace) rate = value > 0 ? (value + second) / value : 0
  else if (code === CODE.sizePopulation) rate = value > 0 ? second / value : 0
  rate = Math.round(rate)
  return rate >= 1 && rate < TWO_32 ? rate : 0
}
