// A capture file of packets, and what an exporter must make of it. Format: draft-ietf-opsawg-pcap.
// In: packets in any order. Out: file bytes, and the flows that they are.
import { encodeFrame, ipLengthBytes, type Packet, PROTOCOL_NUMBERS } from './packets.ts'

const MAGIC_MICROSECONDS = 0xa1b2c3d4
const LINKTYPE_ETHERNET = 1
const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16

/** One direction of a conversation: what a flow record must say. Times are epoch ms. */
export interface ExpectedFlow {
  readonly srcIp: string
  readonly dstIp: string
  readonly srcPort: number
  readonly dstPort: number
  /** IANA number. */
  readonly protocol: number
  bytes: number
  packets: number
  firstMs: number
  lastMs: number
}

/** Capture file: header, then each packet by time. */
export function encodePcap(packets: readonly Packet[]): Uint8Array {
  const frames = byTime(packets).map((packet) => ({ atMs: packet.atMs, frame: encodeFrame(packet) }))
  const length = frames.reduce((sum, { frame }) => sum + RECORD_HEADER_BYTES + frame.length, FILE_HEADER_BYTES)
  const file = new Uint8Array(length)
  const view = new DataView(file.buffer)
  view.setUint32(0, MAGIC_MICROSECONDS)
  view.setUint16(4, 2)
  view.setUint16(6, 4)
  view.setUint32(16, 65_535)
  view.setUint32(20, LINKTYPE_ETHERNET)
  let at = FILE_HEADER_BYTES
  for (const { atMs, frame } of frames) {
    view.setUint32(at, Math.floor(atMs / 1000))
    view.setUint32(at + 4, (atMs % 1000) * 1000)
    view.setUint32(at + 8, frame.length)
    view.setUint32(at + 12, frame.length)
    file.set(frame, at + RECORD_HEADER_BYTES)
    at += RECORD_HEADER_BYTES + frame.length
  }
  return file
}

/** The flows of the packets: one for each protocol, addresses and ports, in order of their first packet. */
export function expectedFlows(packets: readonly Packet[]): ExpectedFlow[] {
  const flows = new Map<string, ExpectedFlow>()
  for (const packet of byTime(packets)) {
    const { srcIp, dstIp, srcPort, dstPort, atMs } = packet
    const protocol = PROTOCOL_NUMBERS[packet.protocol]
    const key = flowKey({ srcIp, dstIp, srcPort, dstPort, protocol })
    const flow = flows.get(key) ?? {
      ...{ srcIp, dstIp, srcPort, dstPort, protocol, bytes: 0, packets: 0 },
      ...{ firstMs: atMs, lastMs: atMs },
    }
    flow.bytes += ipLengthBytes(packet)
    flow.packets++
    flow.lastMs = atMs
    flows.set(key, flow)
  }
  return [...flows.values()]
}

/** Text that is the same for records of one flow. */
export function flowKey(flow: Pick<ExpectedFlow, 'srcIp' | 'dstIp' | 'srcPort' | 'dstPort' | 'protocol'>): string {
  return `${flow.protocol} ${flow.srcIp} ${flow.srcPort} > ${flow.dstIp} ${flow.dstPort}`
}

const byTime = (packets: readonly Packet[]): Packet[] => packets.toSorted((a, b) => a.atMs - b.atMs)
