// A frame of a capture → the UDP datagram in it, or why there is none. Never throws; every read is inside the frame.
// Link layers: Ethernet (with VLAN tags), Linux cooked v1 and v2, raw IP, BSD loopback. IPv4 (RFC 791), IPv6 (RFC 8200).
import { formatIpv4, formatIpv6 } from '@netbehave/schema'
import type { Frame } from './frame.ts'

export interface UdpDatagram {
  readonly srcIp: string
  readonly srcPort: number
  readonly dstIp: string
  readonly dstPort: number
  /** A view of the frame's bytes. */
  readonly payload: Uint8Array
}

/** Why a frame gives no datagram. `link-type`: one that is not read here; `cut`: the capture has not all of it. */
export type NoDatagram = 'link-type' | 'not-ip' | 'not-udp' | 'fragment' | 'cut'

const LINK = {
  BSD_LOOPBACK: 0,
  ETHERNET: 1,
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  RAW: 101,
  LOOP_OPENBSD: 108,
  LINUX_COOKED: 113,
  IPV4: 228,
  IPV6: 229,
  LINUX_COOKED_2: 276,
} as const
const ETHERTYPE_IPV4 = 0x0800
const ETHERTYPE_IPV6 = 0x86dd
/** 802.1Q, 802.1ad and its older number: 4 bytes, then another type. */
const VLAN_TAGS = [0x8100, 0x88a8, 0x9100]
const UDP = 17
const UDP_HEADER_BYTES = 8
const IPV6_HEADER_BYTES = 40
const FRAGMENT = 44
const AUTHENTICATION = 51
/** Hop-by-hop, routing, destination options, mobility: type(1) length in 8 bytes beyond the first 8 (1) … */
const IPV6_EXTENSIONS = [0, 43, 60, 135]

export function findUdp(frame: Frame): UdpDatagram | NoDatagram {
  const at = networkLayer(frame)
  if (typeof at === 'string') return at
  const { bytes } = frame
  const version = at < bytes.length ? bytes[at]! >> 4 : 0
  if (version === 4) return readIpv4(bytes, at)
  return version === 6 ? readIpv6(bytes, at) : at >= bytes.length && frame.isCut ? 'cut' : 'not-ip'
}

/** Where the IP header begins. */
function networkLayer({ linkType, bytes }: Frame): number | NoDatagram {
  switch (linkType) {
    case LINK.ETHERNET:
      return skipEthertype(bytes, 12)
    case LINK.LINUX_COOKED:
      return skipEthertype(bytes, 14)
    case LINK.LINUX_COOKED_2:
      return isIp(u16(bytes, 0)) ? 20 : 'not-ip'
    case LINK.BSD_LOOPBACK:
    case LINK.LOOP_OPENBSD:
      return 4
    case LINK.RAW:
    case LINK.RAW_BSD:
    case LINK.RAW_OPENBSD:
    case LINK.IPV4:
    case LINK.IPV6:
      return 0
    default:
      return 'link-type'
  }
}

function skipEthertype(bytes: Uint8Array, typeAt: number): number | NoDatagram {
  let at = typeAt
  while (VLAN_TAGS.includes(u16(bytes, at))) at += 4
  return isIp(u16(bytes, at)) ? at + 2 : 'not-ip'
}

const isIp = (ethertype: number): boolean => ethertype === ETHERTYPE_IPV4 || ethertype === ETHERTYPE_IPV6

function readIpv4(bytes: Uint8Array, at: number): UdpDatagram | NoDatagram {
  const headerBytes = (bytes[at]! & 15) * 4
  if (at + 20 > bytes.length) return 'cut'
  if (headerBytes < 20) return 'not-ip'
  if (bytes[at + 9] !== UDP) return 'not-udp'
  // More fragments, or an offset: the rest is elsewhere.
  if ((u16(bytes, at + 6) & 0x3fff) !== 0) return 'fragment'
  return readUdp(bytes, at + headerBytes, formatIpv4(u32(bytes, at + 12)), formatIpv4(u32(bytes, at + 16)))
}

function readIpv6(bytes: Uint8Array, at: number): UdpDatagram | NoDatagram {
  if (at + IPV6_HEADER_BYTES > bytes.length) return 'cut'
  let next = bytes[at + 6]!
  let payloadAt = at + IPV6_HEADER_BYTES
  while (next !== UDP) {
    if (payloadAt + 8 > bytes.length) return 'cut'
    if (next === FRAGMENT) {
      // A fragment header on a whole datagram (RFC 6946) has offset 0 and no more to come.
      if ((u16(bytes, payloadAt + 2) & 0xfff9) !== 0) return 'fragment'
      next = bytes[payloadAt]!
      payloadAt += 8
    } else if (next === AUTHENTICATION || IPV6_EXTENSIONS.includes(next)) {
      const unit = next === AUTHENTICATION ? 4 : 8
      const base = 8
      next = bytes[payloadAt]!
      payloadAt += base + bytes[payloadAt + 1]! * unit
    } else return 'not-udp'
  }
  return readUdp(bytes, payloadAt, formatIpv6(bytes, at + 8), formatIpv6(bytes, at + 24))
}

function readUdp(bytes: Uint8Array, at: number, srcIp: string, dstIp: string): UdpDatagram | NoDatagram {
  if (at + UDP_HEADER_BYTES > bytes.length) return 'cut'
  const length = u16(bytes, at + 4)
  if (length < UDP_HEADER_BYTES) return 'not-udp'
  if (at + length > bytes.length) return 'cut'
  const payload = bytes.subarray(at + UDP_HEADER_BYTES, at + length)
  return { srcIp, srcPort: u16(bytes, at), dstIp, dstPort: u16(bytes, at + 2), payload }
}

/** Bytes beyond the end read as 0; whoever cares looks at the length. */
const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 65_536 + u16(bytes, at + 2)
