// The demo's flows as IPFIX messages of one exporter (RFC 7011). In: flows. Out: datagrams; the templates are in the first, and then
// once a minute. Two templates: with the address after NAT, and without.
//
//   message: version 10 (2) | length (2) | export time, s (4) | sequence: records sent before (4) | observation domain (4) | sets
//   set:     id (2) | length with these 4 bytes (2) | records
import type { DemoFlow } from './conversation.ts'

const VERSION = 10
const DOMAIN = 77
const TEMPLATE_SET = 2
const [PLAIN, TRANSLATED] = [256, 257]
const HEADER_BYTES = 16
const SET_HEADER_BYTES = 4
/** So many records of the longer kind, and the templates, stay below 1,400 bytes: no fragments. */
export const FLOWS_IN_DATAGRAM = 18
const TEMPLATE_INTERVAL_MS = 60_000

/** Information element, bytes: IANA "IPFIX Information Elements". In the order in which `writeRecord` writes them. */
const FIELDS: readonly (readonly [element: number, bytes: number])[] = [
  [8, 4], // sourceIPv4Address
  [12, 4], // destinationIPv4Address
  [7, 2], // sourceTransportPort
  [11, 2], // destinationTransportPort
  [4, 1], // protocolIdentifier
  [6, 1], // tcpControlBits
  [1, 8], // octetDeltaCount
  [2, 8], // packetDeltaCount
  [152, 8], // flowStartMilliseconds
  [153, 8], // flowEndMilliseconds
  [10, 2], // ingressInterface
  [14, 2], // egressInterface
  [56, 6], // sourceMacAddress
  [80, 6], // destinationMacAddress
]
const NAT_FIELDS: typeof FIELDS = [
  [225, 4], // postNATSourceIPv4Address
  [227, 2], // postNAPTSourceTransportPort
]

export interface IpfixWriter {
  /** One datagram of at most `FLOWS_IN_DATAGRAM` flows. Its sequence number is right when datagrams are sent in the order of the calls. */
  write(flows: readonly DemoFlow[], exportMs: number): Uint8Array
}

export function createIpfixWriter(): IpfixWriter {
  let sequence = 0
  let templatesMs = Number.NEGATIVE_INFINITY

  function write(flows: readonly DemoFlow[], exportMs: number): Uint8Array {
    const sets: Buffer[] = []
    if (exportMs - templatesMs >= TEMPLATE_INTERVAL_MS) {
      templatesMs = exportMs
      sets.push(
        writeSet(TEMPLATE_SET, [writeTemplate(PLAIN, FIELDS), writeTemplate(TRANSLATED, [...FIELDS, ...NAT_FIELDS])]),
      )
    }
    const isTranslated = ({ natSrcIp }: DemoFlow) => natSrcIp !== ''
    const [translated, plain] = [flows.filter(isTranslated), flows.filter((flow) => !isTranslated(flow))]
    if (plain.length > 0) sets.push(writeSet(PLAIN, plain.map(writeRecord)))
    if (translated.length > 0) sets.push(writeSet(TRANSLATED, translated.map(writeRecord)))
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUInt16BE(VERSION, 0)
    header.writeUInt16BE(HEADER_BYTES + sets.reduce((sum, { length }) => sum + length, 0), 2)
    header.writeUInt32BE(Math.floor(exportMs / 1000), 4)
    header.writeUInt32BE(sequence, 8)
    header.writeUInt32BE(DOMAIN, 12)
    sequence = (sequence + flows.length) >>> 0
    return Buffer.concat([header, ...sets])
  }

  return { write }
}

function writeSet(id: number, contents: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(SET_HEADER_BYTES)
  header.writeUInt16BE(id, 0)
  header.writeUInt16BE(SET_HEADER_BYTES + contents.reduce((sum, { length }) => sum + length, 0), 2)
  return Buffer.concat([header, ...contents])
}

function writeTemplate(id: number, fields: typeof FIELDS): Buffer {
  const bytes = Buffer.alloc(4 + fields.length * 4)
  bytes.writeUInt16BE(id, 0)
  bytes.writeUInt16BE(fields.length, 2)
  for (const [i, [element, length]] of fields.entries()) {
    bytes.writeUInt16BE(element, 4 + i * 4)
    bytes.writeUInt16BE(length, 6 + i * 4)
  }
  return bytes
}

const lengthOf = (fields: typeof FIELDS): number => fields.reduce((sum, [, bytes]) => sum + bytes, 0)
const RECORD_BYTES = lengthOf(FIELDS)
const NAT_BYTES = lengthOf(NAT_FIELDS)

function writeRecord(flow: DemoFlow): Buffer {
  const isTranslated = flow.natSrcIp !== ''
  const bytes = Buffer.alloc(RECORD_BYTES + (isTranslated ? NAT_BYTES : 0))
  let at = writeIp(bytes, flow.srcIp, 0)
  at = writeIp(bytes, flow.dstIp, at)
  at = bytes.writeUInt16BE(flow.srcPort, at)
  at = bytes.writeUInt16BE(flow.dstPort, at)
  at = bytes.writeUInt8(flow.protocol, at)
  at = bytes.writeUInt8(flow.tcpFlags, at)
  for (const number of [flow.bytes, flow.packets, flow.startMs, flow.endMs])
    at = bytes.writeBigUInt64BE(BigInt(number), at)
  at = bytes.writeUInt16BE(flow.inIf, at)
  at = bytes.writeUInt16BE(flow.outIf, at)
  for (const mac of [flow.srcMac, flow.dstMac]) at += bytes.write(mac, at, 'hex')
  if (!isTranslated) return bytes
  bytes.writeUInt16BE(flow.natSrcPort, writeIp(bytes, flow.natSrcIp, at))
  return bytes
}

function writeIp(bytes: Buffer, ip: string, at: number): number {
  for (const octet of ip.split('.')) at = bytes.writeUInt8(Number(octet), at)
  return at
}
