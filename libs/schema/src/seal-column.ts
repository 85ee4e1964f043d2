// Wide columns → the narrowest form that holds them. One function per array type, each with loops of its own: a loop that
// sees several array types runs five times slower, and this is run over every column of every flow.
import { IPV6_BYTES, writeMappedIpv4 } from './address.ts'
import type { AddressRows } from './address-rows.ts'
import type { ColumnMemory } from './column-memory.ts'
import type { ColumnArray, ColumnData } from './flow-batch.ts'

/** `undefined` when all `n` values are `absent`, one number when they are equal, else an array. */
export function sealUint8(values: Uint8Array, n: number, absent: number, memory: ColumnMemory): ColumnData | undefined {
  const head = values[0]!
  for (let i = 1; i < n; i++) if (values[i] !== head) return copyUint8(values, n, memory)
  return head === absent ? undefined : head
}

export function sealUint16(
  values: Uint16Array,
  n: number,
  absent: number,
  memory: ColumnMemory,
): ColumnData | undefined {
  const head = values[0]!
  let differ = 0
  let all = 0
  for (let i = 0; i < n; i++) {
    differ |= values[i]! ^ head
    all |= values[i]!
  }
  if (differ === 0) return head === absent ? undefined : head
  if (all > 0xff) return copyUint16(values, n, memory)
  const narrowed = memory.uint8(n)
  for (let i = 0; i < n; i++) narrowed[i] = values[i]!
  return narrowed
}

export function sealUint32(
  values: Uint32Array,
  n: number,
  absent: number,
  memory: ColumnMemory,
): ColumnData | undefined {
  const head = values[0]!
  let differ = 0
  let all = 0
  for (let i = 0; i < n; i++) {
    differ |= values[i]! ^ head
    all |= values[i]!
  }
  if (differ === 0) return head === absent ? undefined : head
  all >>>= 0
  if (all > 0xffff) return copyUint32(values, n, memory)
  if (all <= 0xff) {
    const narrowed = memory.uint8(n)
    for (let i = 0; i < n; i++) narrowed[i] = values[i]!
    return narrowed
  }
  const narrowed = memory.uint16(n)
  for (let i = 0; i < n; i++) narrowed[i] = values[i]!
  return narrowed
}

/** Whole numbers of any size, relative to `base`. With a base, equal values are a number even when that is 0. */
export function sealFloat64(
  values: Float64Array,
  n: number,
  base: number | undefined,
  memory: ColumnMemory,
): ColumnData | undefined {
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
    return least >= -0x80000000 && most <= 0x7fffffff
      ? fillInt32(values, n, from, memory)
      : fillFloat64(values, n, from, memory)
  if (most <= 0xff) return fillUint8(values, n, from, memory)
  if (most <= 0xffff) return fillUint16(values, n, from, memory)
  return most <= 0xffffffff ? fillUint32(values, n, from, memory) : fillFloat64(values, n, from, memory)
}

function fillUint8(values: Float64Array, n: number, base: number, memory: ColumnMemory): ColumnArray {
  const filled = memory.uint8(n)
  for (let i = 0; i < n; i++) filled[i] = values[i]! - base
  return filled
}

function fillUint16(values: Float64Array, n: number, base: number, memory: ColumnMemory): ColumnArray {
  const filled = memory.uint16(n)
  for (let i = 0; i < n; i++) filled[i] = values[i]! - base
  return filled
}

function fillUint32(values: Float64Array, n: number, base: number, memory: ColumnMemory): ColumnArray {
  const filled = memory.uint32(n)
  for (let i = 0; i < n; i++) filled[i] = values[i]! - base
  return filled
}

function fillInt32(values: Float64Array, n: number, base: number, memory: ColumnMemory): ColumnArray {
  const filled = memory.int32(n)
  for (let i = 0; i < n; i++) filled[i] = values[i]! - base
  return filled
}

function fillFloat64(values: Float64Array, n: number, base: number, memory: ColumnMemory): ColumnArray {
  const filled = memory.float64(n)
  for (let i = 0; i < n; i++) filled[i] = values[i]! - base
  return filled
}

/** IPv4 integers when all are, else 16 bytes a flow; nothing when no flow has an address. */
export function sealAddresses(rows: AddressRows, n: number, memory: ColumnMemory): ColumnData | undefined {
  if (!rows.any6) {
    const v4 = rows.v4
    let any = 0
    for (let i = 0; i < n; i++) any |= v4[i]!
    return any === 0 ? undefined : copyUint32(v4, n, memory)
  }
  const bytes = copyUint8(rows.v6, n * IPV6_BYTES, memory)
  for (let i = 0; i < n; i++) if (!rows.is6[i]) writeMappedIpv4(bytes, i * IPV6_BYTES, rows.v4[i]!)
  return bytes
}

/** Bytes as they are; nothing when all are 0. */
export function sealBytes(rows: Uint8Array, length: number, memory: ColumnMemory): ColumnData | undefined {
  for (let i = 0; i < length; i++) if (rows[i] !== 0) return copyUint8(rows, length, memory)
  return undefined
}

function copyUint8(values: Uint8Array, n: number, memory: ColumnMemory): Uint8Array {
  const copy = memory.uint8(n)
  copy.set(values.subarray(0, n))
  return copy
}

function copyUint16(values: Uint16Array, n: number, memory: ColumnMemory): Uint16Array {
  const copy = memory.uint16(n)
  copy.set(values.subarray(0, n))
  return copy
}

function copyUint32(values: Uint32Array, n: number, memory: ColumnMemory): Uint32Array {
  const copy = memory.uint32(n)
  copy.set(values.subarray(0, n))
  return copy
}
