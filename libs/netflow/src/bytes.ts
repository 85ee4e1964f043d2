// Big-endian reads of a datagram. The caller has checked the bounds.

export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!

export const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0

/** An unsigned integer of 1 to 8 bytes (RFC 7011 §6.2, reduced-size encoding); rounded above 2^53. */
export function uint(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let i = 0; i < length; i++) value = value * 256 + bytes[at + i]!
  return value
}

/** `uint` of a view. */
export function viewUint(view: DataView, at: number, length: number): number {
  if (length === 8) return view.getUint32(at) * 4_294_967_296 + view.getUint32(at + 4)
  if (length === 4) return view.getUint32(at)
  let value = 0
  for (let i = 0; i < length; i++) value = value * 256 + view.getUint8(at + i)
  return value
}

/** Are all bytes from `at` to before `end` zero? */
export function allZero(bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (bytes[i] !== 0) return false
  return true
}

export function equalBytes(a: Uint8Array, b: Uint8Array, bAt: number, bEnd: number): boolean {
  if (a.length !== bEnd - bAt) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[bAt + i]) return false
  return true
}

/** A copy of a part, with memory of its own. */
export const copyBytes = (bytes: Uint8Array, at: number, end: number): Uint8Array =>
  Uint8Array.prototype.slice.call(bytes, at, end)
