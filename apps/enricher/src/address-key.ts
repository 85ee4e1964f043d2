// Addresses as keys of Maps. In: rows of an address column, or text. Fails: never.
import {
  type AddressView,
  formatIpv4,
  formatIpv6,
  IPV6_BYTES,
  isMappedIpv4,
  mappedIpv4,
  parseAddress,
} from '@netbehave/schema'

/** IPv4 as a signed 32-bit integer (what V8 keeps without allocating), IPv6 as 16 Latin-1 characters. */
export type AddressKey = number | string

/** The address in row `i`; undefined where there is none (0.0.0.0 and ::). */
export function keyAt(view: AddressView, i: number): AddressKey | undefined {
  if (view.v4) return view.v4[i]! | 0 || undefined
  const at = i * IPV6_BYTES
  return isMappedIpv4(view.v6, at) ? mappedIpv4(view.v6, at) | 0 || undefined : keyOfBytes(view.v6, at)
}

/** Undefined for what is no address, and for 0.0.0.0 and ::. */
export function keyOfText(text: string): AddressKey | undefined {
  const address = parseAddress(text)
  if (address === undefined) return undefined
  return typeof address === 'number' ? address | 0 || undefined : keyOfBytes(address, 0)
}

export function textOfKey(key: AddressKey): string {
  if (typeof key === 'number') return formatIpv4(key >>> 0)
  return formatIpv6(Uint8Array.from(key, (character) => character.charCodeAt(0)))
}

const UNSPECIFIED = '\0'.repeat(IPV6_BYTES)

function keyOfBytes(bytes: Uint8Array, at: number): string | undefined {
  const key = String.fromCharCode(...bytes.subarray(at, at + IPV6_BYTES))
  return key === UNSPECIFIED ? undefined : key
}
