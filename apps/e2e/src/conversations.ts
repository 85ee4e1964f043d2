// Invented conversations as packets: a page fetched by TCP, names asked by UDP, pings; IPv4 and IPv6.
// Addresses are those of RFC 5737 and RFC 3849 on the far side, RFC 1918 and RFC 3849 on the near.
import type { Packet, Protocol } from './packets.ts'

const SYN = 2
const PSH_ACK = 24
const ACK = 16
const SYN_ACK = 18

export interface ConversationOptions {
  /** Epoch ms of the first packet. */
  readonly startMs: number
  readonly count: number
  /** Number of the first conversation; the flows of each number up to 199 differ from those of all others. */
  readonly firstNumber?: number
}

/** `count` conversations of six kinds, taking turns, 40 ms apart. */
export function mixedConversations({ startMs, count, firstNumber = 0 }: ConversationOptions): Packet[] {
  const makers = [tcpFetch, udpQuestion, ping, tcpFetchIpv6, udpQuestionIpv6, ping6]
  const packets: Packet[] = []
  for (let k = 0; k < count; k++) {
    const i = firstNumber + k
    packets.push(...makers[i % makers.length]!(i, startMs + k * 40))
  }
  return packets
}

type Ends = { protocol: Protocol; client: string; clientPort: number; server: string; serverPort: number }

function towards(ends: Ends, side: 'server' | 'client', atMs: number, payloadBytes: number, tcpFlags = ACK): Packet {
  const { protocol, client, clientPort, server, serverPort } = ends
  const path =
    side === 'server'
      ? { srcIp: client, srcPort: clientPort, dstIp: server, dstPort: serverPort }
      : { srcIp: server, srcPort: serverPort, dstIp: client, dstPort: clientPort }
  return { protocol, ...path, atMs, payloadBytes, ...(protocol === 'tcp' ? { tcpFlags } : {}) }
}

function fetchPackets(ends: Ends, i: number, atMs: number): Packet[] {
  return [
    towards(ends, 'server', atMs, 0, SYN),
    towards(ends, 'client', atMs + 21, 0, SYN_ACK),
    towards(ends, 'server', atMs + 22, 0),
    towards(ends, 'server', atMs + 25, 100 + (i % 300), PSH_ACK),
    ...Array.from({ length: 2 + (i % 5) }, (_, k) => towards(ends, 'client', atMs + 60 + k * 7, 1400 - i, PSH_ACK)),
    towards(ends, 'server', atMs + 1250 + i, 0),
  ]
}

function questionPackets(ends: Ends, i: number, atMs: number): Packet[] {
  return [towards(ends, 'server', atMs, 30 + (i % 40)), towards(ends, 'client', atMs + 13 + (i % 7), 90 + i)]
}

const near4 = (i: number) => `192.168.1.${10 + (i % 50)}`
const near6 = (i: number) => `2001:db8:1::${(10 + (i % 50)).toString(16)}`

function tcpFetch(i: number, atMs: number): Packet[] {
  const ends = { client: near4(i), clientPort: 40_000 + i, server: `198.51.100.${1 + (i % 200)}`, serverPort: 443 }
  return fetchPackets({ protocol: 'tcp', ...ends }, i, atMs)
}

function tcpFetchIpv6(i: number, atMs: number): Packet[] {
  const ends = { client: near6(i), clientPort: 40_000 + i, server: '2001:db8:ffff::443', serverPort: 443 }
  return fetchPackets({ protocol: 'tcp', ...ends }, i, atMs)
}

function udpQuestion(i: number, atMs: number): Packet[] {
  const ends = { client: near4(i), clientPort: 50_000 + i, server: '203.0.113.53', serverPort: 53 }
  return questionPackets({ protocol: 'udp', ...ends }, i, atMs)
}

function udpQuestionIpv6(i: number, atMs: number): Packet[] {
  const ends = { client: near6(i), clientPort: 50_000 + i, server: '2001:db8:ffff::53', serverPort: 53 }
  return questionPackets({ protocol: 'udp', ...ends }, i, atMs)
}

/** Echo and its reply: type 8 and 0, as `type × 256 + code`. */
function ping(i: number, atMs: number): Packet[] {
  const there = { protocol: 'icmp' as const, srcIp: near4(i), dstIp: `198.51.100.${1 + (i % 200)}`, srcPort: 0 }
  const back = { ...there, srcIp: there.dstIp, dstIp: there.srcIp }
  return [
    { ...there, dstPort: 8 * 256, atMs, payloadBytes: 56 },
    { ...back, dstPort: 0, atMs: atMs + 9, payloadBytes: 56 },
    { ...there, dstPort: 8 * 256, atMs: atMs + 1000, payloadBytes: 56 },
    { ...back, dstPort: 0, atMs: atMs + 1011, payloadBytes: 56 },
  ]
}

/** ICMPv6 echo: types 128 and 129. */
function ping6(i: number, atMs: number): Packet[] {
  const there = {
    protocol: 'icmp6' as const,
    srcIp: near6(i),
    dstIp: `2001:db8:ffff::${(i + 1).toString(16)}`,
    srcPort: 0,
  }
  return [
    { ...there, dstPort: 128 * 256, atMs, payloadBytes: 56 },
    { ...there, srcIp: there.dstIp, dstIp: there.srcIp, dstPort: 129 * 256, atMs: atMs + 9, payloadBytes: 56 },
  ]
}
