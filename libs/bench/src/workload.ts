// Workload W, on which all figures are measured (docs/performance.md): NetFlow 9, one template of 17 fields (53 bytes a
// record) as an EdgeRouter sends, 24 records a datagram, addresses and ports random within 1,000 local hosts and 50,000
// remote ones. In: a seed. Out: datagrams that are stamped with time and sequence when they are sent.
// Layout: RFC 3954 §5 (header 20 bytes: version, count, uptime 4, seconds 8, sequence 12, source id 16).

export const RECORDS = 24
export const RECORD_BYTES = 53
const HEADER_BYTES = 20
const SET_HEADER_BYTES = 4
const TEMPLATE_ID = 256
const LOCAL_HOSTS = 1000
const REMOTE_HOSTS = 50_000
const UPTIME_MS = 3_600_000

/** RFC 3954 §8: field types and lengths. */
const FIELDS: readonly (readonly [type: number, bytes: number])[] = [
  [21, 4], // last switched
  [22, 4], // first switched
  [1, 4], // bytes
  [2, 4], // packets
  [10, 4], // input interface
  [14, 4], // output interface
  [8, 4], // source address
  [12, 4], // destination address
  [4, 1], // protocol
  [5, 1], // type of service
  [7, 2], // source port
  [11, 2], // destination port
  [56, 6], // source MAC
  [57, 6], // destination MAC
  [6, 1], // TCP flags
  [61, 1], // direction
  [60, 1], // IP version
]

/** A small, fast, seeded generator (xorshift32, Marsaglia 2003): the same flows on every run. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed | 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** The datagram that tells the template. */
export function templateDatagram(): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + SET_HEADER_BYTES + 4 + FIELDS.length * 4)
  const view = new DataView(bytes.buffer)
  writeHeader(view, 1)
  view.setUint16(HEADER_BYTES, 0)
  view.setUint16(HEADER_BYTES + 2, bytes.length - HEADER_BYTES)
  view.setUint16(HEADER_BYTES + 4, TEMPLATE_ID)
  view.setUint16(HEADER_BYTES + 6, FIELDS.length)
  for (const [i, [type, length]] of FIELDS.entries()) {
    view.setUint16(HEADER_BYTES + 8 + i * 4, type)
    view.setUint16(HEADER_BYTES + 10 + i * 4, length)
  }
  return bytes
}

/** One flow of W as numbers; the local host is in 10.0.0.0/8, the remote one in 44.0.0.0/8. */
export interface WorkloadFlow {
  srcIp: number
  dstIp: number
  srcPort: number
  dstPort: number
  protocol: number
  bytes: number
  packets: number
  durationMs: number
  tcpFlags: number
  isOutgoing: boolean
}

const SERVICE_PORTS = [443, 443, 443, 443, 80, 53, 53, 123, 993, 22, 8080, 3478]

export function workloadFlow(random: (below: number) => number): WorkloadFlow {
  const local = 0x0a000000 + 1 + random(LOCAL_HOSTS)
  const remote = 0x2c000000 + random(REMOTE_HOSTS) * 251
  const isOutgoing = random(2) === 0
  const isTcp = random(4) > 0
  const port = SERVICE_PORTS[random(SERVICE_PORTS.length)]!
  const client = 1024 + random(64_511)
  const packets = 1 + random(200)
  return {
    srcIp: isOutgoing ? local : remote,
    dstIp: isOutgoing ? remote : local,
    srcPort: isOutgoing ? client : port,
    dstPort: isOutgoing ? port : client,
    protocol: isTcp ? 6 : 17,
    bytes: packets * (40 + random(1460)),
    packets,
    durationMs: random(60_000),
    tcpFlags: isTcp ? 27 : 0,
    isOutgoing,
  }
}

/** A datagram of 24 records. */
export function dataDatagram(random: (below: number) => number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + SET_HEADER_BYTES + RECORDS * RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  writeHeader(view, RECORDS)
  view.setUint16(HEADER_BYTES, TEMPLATE_ID)
  view.setUint16(HEADER_BYTES + 2, bytes.length - HEADER_BYTES)
  for (let i = 0; i < RECORDS; i++) {
    writeRecord(view, HEADER_BYTES + SET_HEADER_BYTES + i * RECORD_BYTES, workloadFlow(random))
  }
  return bytes
}

function writeHeader(view: DataView, count: number): void {
  view.setUint16(0, 9)
  view.setUint16(2, count)
  view.setUint32(4, UPTIME_MS)
}

function writeRecord(view: DataView, at: number, flow: WorkloadFlow): void {
  view.setUint32(at, UPTIME_MS - 100)
  view.setUint32(at + 4, UPTIME_MS - 100 - flow.durationMs)
  view.setUint32(at + 8, flow.bytes)
  view.setUint32(at + 12, flow.packets)
  view.setUint32(at + 16, flow.isOutgoing ? 2 : 1)
  view.setUint32(at + 20, flow.isOutgoing ? 1 : 2)
  view.setUint32(at + 24, flow.srcIp)
  view.setUint32(at + 28, flow.dstIp)
  view.setUint8(at + 32, flow.protocol)
  view.setUint16(at + 34, flow.srcPort)
  view.setUint16(at + 36, flow.dstPort)
  view.setUint16(at + 38, 0x0200)
  view.setUint32(at + 40, flow.isOutgoing ? flow.srcIp : 1)
  view.setUint16(at + 44, 0x0200)
  view.setUint32(at + 46, flow.isOutgoing ? 1 : flow.dstIp)
  view.setUint8(at + 50, flow.tcpFlags)
  view.setUint8(at + 51, flow.isOutgoing ? 1 : 0)
  view.setUint8(at + 52, 4)
}

/** Writes export time and sequence number (v9: of the datagram) into a datagram that is about to be sent. */
export function stamp(datagram: Uint8Array, epochMs: number, sequence: number): void {
  const seconds = Math.floor(epochMs / 1000)
  writeUint32(datagram, 8, seconds)
  writeUint32(datagram, 12, sequence)
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
