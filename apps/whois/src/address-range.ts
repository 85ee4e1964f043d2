// Addresses and blocks of both families as 16 bytes and as 128-bit numbers; IPv4 is the mapped form ::ffff:0:0/96, so that one
// order holds both. In: text or bytes. Nothing fails: what is no address or block is undefined.
import { formatIpv6, IPV6_BYTES, isMappedIpv4, parseAddressBytes } from '@netbehave/schema'

export type Family = 4 | 6

/** Both ends belong to it. */
export interface AddressRange {
  readonly start: bigint
  readonly end: bigint
}

/** Bits before those of an IPv4 address in its mapped form. */
const MAPPED_BITS = 96
const ADDRESS_BITS = 128

export const toValue = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

export const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(2 * IPV6_BYTES, '0'), 'hex')

/** IPv4 dotted, IPv6 as in RFC 5952. */
export const toText = (value: bigint): string => formatIpv6(toBytes(value))

export const familyOf = (value: bigint): Family => (isMappedIpv4(toBytes(value)) ? 4 : 6)

export function parseValue(text: string): bigint | undefined {
  const bytes = parseAddressBytes(text)
  return bytes && toValue(bytes)
}

export const contains = ({ start, end }: AddressRange, value: bigint): boolean => start <= value && value <= end

/** Bits that the difference of the ends takes: 0 for one address, 8 for a /24 of IPv4, at most 128. */
export function widthBits({ start, end }: AddressRange): number {
  const difference = end - start
  return difference === 0n ? 0 : difference.toString(2).length
}

export interface Block extends AddressRange {
  readonly family: Family
  /** As written: 8 for 10.0.0.0/8. */
  readonly prefixLength: number
}

/** `10.0.0.0/8`, `2001:db8::/32`; bits beyond the length are ignored. */
export function parseBlock(text: string): Block | undefined {
  const [address = '', length = '', ...more] = text.split('/')
  const value = parseValue(address)
  if (value === undefined || more.length > 0 || !/^\d{1,3}$/.test(length)) return undefined
  // ::ffff:0:0/96 itself is IPv6's; only dotted text is IPv4.
  const family: Family = address.includes(':') ? 6 : 4
  const prefixLength = Number(length)
  const hostBits = BigInt(ADDRESS_BITS - prefixLength - (family === 4 ? MAPPED_BITS : 0))
  if (hostBits < 0n) return undefined
  const start = (value >> hostBits) << hostBits
  return { family, prefixLength, start, end: start + (1n << hostBits) - 1n }
}
