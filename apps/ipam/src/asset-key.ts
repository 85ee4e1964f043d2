// The address of an asset: 16 bytes in the database, text outside. Which addresses are no device's.
import { formatIpv6, IPV6_BYTES, isMappedIpv4, parseAddressBytes, writeMappedIpv4 } from '@netbehave/schema'

const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

/** Text that a contract let through → 16 bytes. Most are IPv4, for which the general way is the dear part of a look-up. */
export function ipBytes(ip: string): Uint8Array {
  const octets = DOTTED.exec(ip)
  if (octets !== null) {
    const bytes = new Uint8Array(IPV6_BYTES)
    const [, a, b, c, d] = octets
    writeMappedIpv4(bytes, 0, ((Number(a) << 24) | (Number(b) << 16) | (Number(c) << 8) | Number(d)) >>> 0)
    return bytes
  }
  const bytes = parseAddressBytes(ip)
  if (bytes === undefined) throw new RangeError(`"${ip}" is no address`)
  return bytes
}

export const ipText = (bytes: Uint8Array): string => formatIpv6(bytes)

export const familyOf = (bytes: Uint8Array): 4 | 6 => (isMappedIpv4(bytes) ? 4 : 6)

/** Why an address can be no device's: a word for the counters; undefined: it can. The broadcast of one network cannot be told from here. */
export function refusalOf(bytes: Uint8Array): 'multicast' | 'broadcast' | 'unspecified' | 'loopback' | undefined {
  if (!isMappedIpv4(bytes)) {
    if (bytes[0] === 0xff) return 'multicast'
    for (let i = 0; i < IPV6_BYTES - 1; i++) if (bytes[i] !== 0) return undefined
    return bytes[15] === 0 ? 'unspecified' : bytes[15] === 1 ? 'loopback' : undefined
  }
  const first = bytes[12]!
  if (first === 0) return 'unspecified' // 0.0.0.0/8, "this network" (RFC 1122 §3.2.1.3)
  if (first === 127) return 'loopback'
  if (first >= 224 && first < 240) return 'multicast'
  return bytes.subarray(12).every((byte) => byte === 255) ? 'broadcast' : undefined
}
