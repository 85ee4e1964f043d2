// Packets of invented conversations as they lie on an Ethernet, with right lengths and checksums.
// In: addresses, ports, sizes. Out: frames. Fails: RangeError on an address that is none.
// Layouts: IPv4 RFC 791 §3.1, IPv6 RFC 8200 §3, UDP RFC 768, TCP RFC 9293 §3.1, ICMP RFC 792, ICMPv6 RFC 4443 §2.1.
import { parseAddressBytes } from '@netbehave/schema'

export type Protocol = 'tcp' | 'udp' | 'icmp' | 'icmp6'

/** IANA protocol numbers. */
export const PROTOCOL_NUMBERS: Readonly<Record<Protocol, number>> = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 }

export interface Packet {
  /** Epoch ms, whole. */
  readonly atMs: number
  readonly protocol: Protocol
  readonly srcIp: string
  readonly dstIp: string
  /** 0 with ICMP. */
  readonly srcPort: number
  /** With ICMP: type × 256 + code. */
  readonly dstPort: number
  /** Bytes after the TCP, UDP or ICMP header. */
  readonly payloadBytes: number
  /** TCP only: FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  readonly tcpFlags?: number
}

const ETHERNET_HEADER_BYTES = 14
const IPV4_HEADER_BYTES = 20
const IPV6_HEADER_BYTES = 40
const TRANSPORT_HEADER_BYTES: Readonly<Record<Protocol, number>> = { tcp: 20, udp: 8, icmp: 8, icmp6: 8 }
const ETHERTYPE_IPV4 = 0x0800
const ETHERTYPE_IPV6 = 0x86dd
/** Locally administered, unicast. */
const MACS = Uint8Array.of(0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1)

const isIpv6 = (packet: Packet): boolean => packet.srcIp.includes(':')

/** Length of the whole IP packet: what NetFlow's octet counters count (RFC 5102 §5.10.1). */
export function ipLengthBytes(packet: Packet): number {
  const header = isIpv6(packet) ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES
  return header + TRANSPORT_HEADER_BYTES[packet.protocol] + packet.payloadBytes
}

/** The Ethernet frame of a packet, without preamble and check sequence. */
export function encodeFrame(packet: Packet): Uint8Array {
  const ipv6 = isIpv6(packet)
  const frame = new Uint8Array(ETHERNET_HEADER_BYTES + ipLengthBytes(packet))
  frame.set(MACS)
  const view = new DataView(frame.buffer)
  view.setUint16(12, ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4)
  const ip = frame.subarray(ETHERNET_HEADER_BYTES)
  const src = addressBytes(packet.srcIp, ipv6)
  const dst = addressBytes(packet.dstIp, ipv6)
  const transport = ip.subarray(ipv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES)
  if (ipv6) writeIpv6Header(ip, packet, transport.length, src, dst)
  else writeIpv4Header(ip, packet, src, dst)
  writeTransport(transport, packet)
  writeChecksum(transport, packet, src, dst)
  return frame
}

function addressBytes(text: string, ipv6: boolean): Uint8Array {
  const bytes = parseAddressBytes(text)
  if (bytes === undefined) throw new RangeError(`${text} is no address`)
  return ipv6 ? bytes : bytes.subarray(12)
}

function writeIpv4Header(ip: Uint8Array, packet: Packet, src: Uint8Array, dst: Uint8Array): void {
  const view = viewOf(ip)
  ip[0] = 0x45 // version 4, header of five 32-bit words
  view.setUint16(2, ip.length)
  view.setUint16(6, 0x4000) // do not fragment
  ip[8] = 64
  ip[9] = PROTOCOL_NUMBERS[packet.protocol]
  ip.set(src, 12)
  ip.set(dst, 16)
  view.setUint16(10, checksum([ip.subarray(0, IPV4_HEADER_BYTES)]))
}

function writeIpv6Header(ip: Uint8Array, packet: Packet, payload: number, src: Uint8Array, dst: Uint8Array): void {
  ip[0] = 0x60
  viewOf(ip).setUint16(4, payload)
  ip[6] = PROTOCOL_NUMBERS[packet.protocol]
  ip[7] = 64
  ip.set(src, 8)
  ip.set(dst, 24)
}

function writeTransport(bytes: Uint8Array, packet: Packet): void {
  const view = viewOf(bytes)
  if (packet.protocol === 'icmp' || packet.protocol === 'icmp6') {
    view.setUint16(0, packet.dstPort)
    return
  }
  view.setUint16(0, packet.srcPort)
  view.setUint16(2, packet.dstPort)
  if (packet.protocol === 'udp') {
    view.setUint16(4, bytes.length)
    return
  }
  bytes[12] = 0x50 // header of five 32-bit words
  bytes[13] = packet.tcpFlags ?? 0x10
  view.setUint16(14, 65_535)
}

/** The checksum field is 0 until here. ICMP's covers the message only, the others' a pseudo header too (RFC 8200 §8.1). */
function writeChecksum(transport: Uint8Array, packet: Packet, src: Uint8Array, dst: Uint8Array): void {
  const at = { tcp: 16, udp: 6, icmp: 2, icmp6: 2 }[packet.protocol]
  const pseudo = new Uint8Array(8)
  viewOf(pseudo).setUint32(0, transport.length)
  pseudo[7] = PROTOCOL_NUMBERS[packet.protocol]
  const parts = packet.protocol === 'icmp' ? [transport] : [src, dst, pseudo, transport]
  viewOf(transport).setUint16(at, checksum(parts) || 0xffff)
}

/** RFC 1071; every part but the last has an even length. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0
  for (const part of parts) for (let i = 0; i < part.length; i += 2) sum += (part[i]! << 8) | (part[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
