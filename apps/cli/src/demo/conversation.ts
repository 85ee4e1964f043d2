// One conversation between a device and somebody → the two flows that a router tells of it. In: ends, sizes, times. Pure.

import { ROUTER } from './network.ts'
import type { Random } from './random.ts'

export const PROTOCOLS = { icmp: 1, tcp: 6, udp: 17 } as const
const [SYN, RST, FULL] = [0x02, 0x14, 0x1b]
/** Interfaces of the router: inside, outside. */
const [INSIDE, OUTSIDE] = [2, 1]
const LARGEST_PAYLOAD = 1400

/** A flow as the router tells it. Times epoch ms; addresses dotted; MACs twelve hex digits. */
export interface DemoFlow {
  readonly startMs: number
  readonly endMs: number
  readonly srcIp: string
  readonly dstIp: string
  readonly srcPort: number
  readonly dstPort: number
  readonly protocol: number
  readonly tcpFlags: number
  readonly bytes: number
  readonly packets: number
  readonly srcMac: string
  readonly dstMac: string
  readonly inIf: number
  readonly outIf: number
  /** The router's outside address and port, where it translates; empty and 0 where it does not. */
  readonly natSrcIp: string
  readonly natSrcPort: number
}

/** A question to the router's name server and its answer. */
export interface Lookup {
  readonly atMs: number
  readonly client: string
  readonly clientPort: number
  readonly name: string
  /** The answer; empty: blocked. */
  readonly addresses: readonly string[]
  readonly isLocal: boolean
}

export interface Conversation {
  readonly client: { readonly ip: string; readonly mac: string }
  readonly server: { readonly ip: string; readonly port: number; readonly mac?: string | undefined }
  readonly protocol: keyof typeof PROTOCOLS
  readonly startMs: number
  readonly endMs: number
  readonly outBytes: number
  readonly inBytes: number
}

const isInside = (ip: string): boolean => ip.startsWith('192.168.')

/** There, and back. */
export function toFlows(conversation: Conversation, random: Random): [DemoFlow, DemoFlow] {
  const { client, server, protocol, startMs, endMs, outBytes, inBytes } = conversation
  const isOut = !isInside(server.ip)
  const port = random.whole(32_768, 60_999)
  const tcpFlags = protocol === 'tcp' ? FULL : 0
  const number = PROTOCOLS[protocol]
  const serverMac = server.mac ?? ROUTER.mac
  const packets = (bytes: number) => Math.max(1, Math.ceil(bytes / LARGEST_PAYLOAD))
  const out: DemoFlow = {
    ...{ startMs, endMs, srcIp: client.ip, dstIp: server.ip, srcPort: port, dstPort: server.port },
    ...{ protocol: number, tcpFlags, bytes: outBytes, packets: packets(outBytes + inBytes / 2) },
    ...{ srcMac: client.mac, dstMac: serverMac, inIf: INSIDE, outIf: isOut ? OUTSIDE : INSIDE },
    ...(isOut ? { natSrcIp: ROUTER.outside, natSrcPort: port } : { natSrcIp: '', natSrcPort: 0 }),
  }
  const back: DemoFlow = {
    ...{
      startMs: Math.min(endMs, startMs + 12),
      endMs,
      srcIp: server.ip,
      dstIp: client.ip,
      srcPort: server.port,
      dstPort: port,
    },
    ...{ protocol: number, tcpFlags, bytes: inBytes, packets: packets(inBytes) },
    ...{
      srcMac: serverMac,
      dstMac: client.mac,
      inIf: isOut ? OUTSIDE : INSIDE,
      outIf: INSIDE,
      natSrcIp: '',
      natSrcPort: 0,
    },
  }
  return [out, back]
}

/** A knock at a port: one SYN, and the refusal. */
export function toKnock(
  client: { readonly ip: string; readonly mac: string },
  server: { readonly ip: string; readonly port: number; readonly mac: string },
  atMs: number,
  random: Random,
): [DemoFlow, DemoFlow] {
  const conversation = {
    client,
    server,
    protocol: 'tcp',
    startMs: atMs,
    endMs: atMs + 1,
    outBytes: 44,
    inBytes: 40,
  } as const
  const [out, back] = toFlows(conversation, random)
  return [
    { ...out, tcpFlags: SYN, packets: 1 },
    { ...back, tcpFlags: RST, packets: 1 },
  ]
}
