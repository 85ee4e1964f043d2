// Addresses as numbers and bytes, and as text. In memory an IPv4 address is an unsigned 32-bit integer in network order,
// an IPv6 address 16 bytes, an IPv4 among IPv6 the mapped form ::ffff:0:0/96 (RFC 4291 §2.5.5.2). Text is RFC 5952.
import ipaddr from 'ipaddr.js'

export const IPV6_BYTES = 16
export const MAC_BYTES = 6

/** IPv4 integer → dotted text. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
}

/** Are the 16 bytes at `offset` an IPv4-mapped address? */
export function isMappedIpv4(bytes: Uint8Array, offset = 0): boolean {
  for (let i = 0; i < 10; i++) if (bytes[offset + i] !== 0) return false
  return bytes[offset + 10] === 255 && bytes[offset + 11] === 255
}

/** The IPv4 integer in the last 4 of the 16 bytes at `offset`. */
export function mappedIpv4(bytes: Uint8Array, offset = 0): number {
  return (
    ((bytes[offset + 12]! << 24) | (bytes[offset + 13]! << 16) | (bytes[offset + 14]! << 8) | bytes[offset + 15]!) >>> 0
  )
}

/** Writes an IPv4 integer as 16 mapped bytes at `offset`. */
export function writeMappedIpv4(bytes: Uint8Array, offset: number, address: number): void {
  bytes.fill(0, offset, offset + 10)
  bytes[offset + 10] = 255
  bytes[offset + 11] = 255
  bytes[offset + 12] = address >>> 24
  bytes[offset + 13] = address >>> 16
  bytes[offset + 14] = address >>> 8
  bytes[offset + 15] = address
}

/** 16 bytes at `offset` → text; a mapped address as dotted IPv4. */
export function formatIpv6(bytes: Uint8Array, offset = 0): string {
  if (isMappedIpv4(bytes, offset)) return formatIpv4(mappedIpv4(bytes, offset))
  return new ipaddr.IPv6([...bytes.subarray(offset, offset + IPV6_BYTES)]).toRFC5952String()
}

/** 6 bytes at `offset` → `aa:bb:cc:dd:ee:ff`. */
export function formatMac(bytes: Uint8Array, offset = 0): string {
  let text = ''
  for (let i = 0; i < MAC_BYTES; i++) text += (i ? ':' : '') + bytes[offset + i]!.toString(16).padStart(2, '0')
  return text
}

/** Text → IPv4 integer, or 16 bytes; undefined when it is no address. A mapped address becomes its IPv4 integer. */
export function parseAddress(text: string): number | Uint8Array | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipv4Integer(ipaddr.IPv4.parse(text).toByteArray())
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined
  const bytes = Uint8Array.from(ipaddr.IPv6.parse(text).toByteArray())
  return isMappedIpv4(bytes) ? mappedIpv4(bytes) : bytes
}

/** Text → 16 bytes (IPv4 mapped); undefined when it is no address. */
export function parseAddressBytes(text: string): Uint8Array | undefined {
  const address = parseAddress(text)
  if (typeof address !== 'number') return address
  const bytes = new Uint8Array(IPV6_BYTES)
  writeMappedIpv4(bytes, 0, address)
  return bytes
}

/** Text `a:b:c:d:e:f` (also with `-` or `.`) → 6 bytes; undefined when it is no MAC. */
export function parseMac(text: string): Uint8Array | undefined {
  const hex = text.replaceAll(/[:.-]/g, '')
  return /^[0-9a-f]{12}$/i.test(hex)
    ? Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16))
    : undefined
}

function ipv4Integer(octets: number[]): number {
  return ((octets[0]! << 24) | (octets[1]! << 16) | (octets[2]! << 8) | octets[3]!) >>> 0
}
