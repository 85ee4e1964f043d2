// Wide columns → the narrowest form that holds them. One function per array type, each with loops of its own: a loop that
// sees several array types runs five times slower, and this is run over every column of every flow.
import { IPV6_BYTES, writeMappedIpv4 } from './address.ts'
import type { AddressRows } from './address-rows.ts'
import type { ColumnArray, ColumnData } from './flow-batch.ts'

/** `undefined` when all `n` values are `absent`, one number when they are equal, else an array. */
export function sealUint8(values: Uint8Array, n: number, absent: number): ColumnData | undefined {
  const head = values[0]!
  for (let i = 1; i < n; i++) if (values[i] !== head) return values.slice(0, n)
  return head === absent ? undefined : head
}

export function sealUint16(values: Uint16Array, n: number, absent: number): ColumnData | undefined {
  const head = values[0]!
  let differ = 0
  let all = 0
  for (let i = 0; i < n; i++) {
    differ |= values[i]! ^ head
    all |= values[i]!
  }
  if (differ === 0) return head === absent ? undefined : head
  if (all > 0xff) return values.slice(0, n)
  const narrowed = new Uint8Array(n)
  for (let i = 0; i < n; i++) narrowed[i] = values[i]!
  return narrowed
}

export function sealUint32(values: Uint32Array, n: number, absent: number): ColumnData | undefined {
  const head = values[0]!
  let differ = 0
  let all = 0
  for (let i = 0; i < n; i++) {
    differ |= values[i]! ^ head
    all |= values[i]!
  }
  if (differ === 0) return head === absent ? undefined : head
  all >>>= 0
  if (all > 0xffff) return values.slice(0, n)
  if (all <= 0xff) {
    const narrowed = new Uint8Array(n)
    for (let i = 0; i < n; i++) narrowed[i] = values[i]!
    return narrowed
  }
  const narrowed = new Uint16Array(n)
  for (let i = 0; i < n; i++) narrowed[i] = values[i]!
  return narrowed
}

/** Whole numbers of any size, relative to `base`. With a base, equal values are a number even when that is 0. */
export function sealFloat64(values: Float64Array, n: number, base: number | undefined): ColumnData | undefined {
  let least = values[0]!
  let most = least
  for (let i = 1; i < n; i++) {
    const value = values[i]!
    if (value < least) least = value
    if (value > most) most = value
  }
  const from = base ?? 0
  least -= from
  most -= from
  if (least === most) return least === 0 && base === undefined ? undefined : least
  if (least < 0)
    return least >= -0x80000000 && most <= 0x7fffffff ? fillInt32(values, n, from) : fillFloat64(values, n, from)
  if (most <= 0xff) return fillUint8(values, n, from)
  if (most <= 0xffff) return fillUint16(values, n, from)
  return most <= 0xffffffff ? fillUint32(values, n, from) : fillFloat64(values, n, from)
}

function fillUint8(values: Float64Array, n: number, base: number): ColumnArray {
  const filled = new Uint8Array(n)
  for (let i = 0; i < n; i++) filled[i] = values[i]! - base
  return filled
}

function fillUint16(values: Float64Array, n: number, base: number): ColumnArray {
  const filled = new Uint16Array(n)
  for (let i = 0; i < n; i++) filled[i] = values[i]! - base
  return filled
}

function fillUint32(values: Float64Array, n: number, base: number): ColumnArray {
  const filled = new Uint32Array(n)
  for (let i = 0; i < n; i++) filled[i] = values[i]! - base
  return filled
}

function fillInt32(values: Float64Array, n: number, base: number): ColumnArray {
  const filled = new Int32Array(n)
  for (let i = 0; i < n; i++) filled[i] = values[i]! - base
  return filled
}

function fillFloat64(values: Float64Array, n: number, base: number): ColumnArray {
  const filled = new Float64Array(n)
  for (let i = 0; i < n; i++) filled[i] = values[i]! - base
  return filled
}

/** IPv4 integers when all are, else 16 bytes a flow; nothing when no flow has an address. */
export function sealAddresses(rows: AddressRows, n: number): ColumnData | undefined {
  if (!rows.any6) {
    const v4 = rows.v4
    let any = 0
    for (let i = 0; i < n; i++) any |= v4[i]!
    return any === 0 ? undefined : v4.slice(0, n)
  }
  const bytes = rows.v6.slice(0, n * IPV6_BYTES)
  for (let i = 0; i < n; i++) if (!rows.is6[i]) writeMappedIpv4(bytes, i * IPV6_BYTES, rows.v4[i]!)
  return bytes
}

/** Bytes as they are; nothing when all are 0. */
export function sealBytes(rows: Uint8Array, length: number): ColumnData | undefined {
  for (let i = 0; i < length; i++) if (rows[i] !== 0) return rows.slice(0, length)
  return undefined
}
