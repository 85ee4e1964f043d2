// Flows that prove "exactly once" after a crash: flow k says in its counters which of its key's flows it is, so that the
// sums of a day tell for each single flow how often it was kept. In: numbers. Out: batches, NetFlow 5 datagrams.
import { encodeFlowBatch, FlowBatchBuilder } from '@netbehave/schema'

/** Different keys (addresses, ports); flow k has key k mod KEYS. */
export const KEYS = 250_000
/** Flows of one key: flow k is occurrence floor(k / KEYS). */
export const OCCURRENCES = 4
export const FLOWS = KEYS * OCCURRENCES

/** 10.1.0.0, the near side, and 198.18.0.0, a range that RFC 2544 §C.2.2 sets apart for benchmarks. */
const NEAR = 0x0a010000
const FAR = 0xc6120000
const NEAR_HOSTS = 1000
const FAR_PORT = 443
const UDP = 17

/** Odd keys are flows of yesterday, when the clock of the test's zone says 2 o'clock. */
const YESTERDAY_MS = 3.5 * 3_600_000
const DURATION_MS = 1500

export interface NumberedFlow {
  readonly srcIp: number
  readonly dstIp: number
  readonly srcPort: number
  readonly dstPort: number
  readonly bytes: number
  readonly packets: number
  readonly agoMs: number
}

/** Flow k. Its bytes are one digit of base 16: a day's sum for its key is `0x1111` when each was kept once. */
export function numberedFlow(k: number): NumberedFlow {
  const key = k % KEYS
  const occurrence = Math.floor(k / KEYS)
  return {
    srcIp: NEAR + 1 + (key % NEAR_HOSTS),
    dstIp: FAR + (key >>> 16),
    srcPort: key & 0xffff,
    dstPort: FAR_PORT,
    bytes: 16 ** occurrence,
    packets: occurrence + 1,
    agoMs: key % 2 === 1 ? YESTERDAY_MS : 0,
  }
}

/** The key of a flow by its far address and near port; the inverse of `numberedFlow`. */
export const keyOf = (dstIp: number, srcPort: number): number => (dstIp - FAR) * 65_536 + srcPort

/** What a day's table must say of a key of which every flow was kept once. */
export const WHOLE_KEY = { hits: OCCURRENCES, bytes: 0x1111, packets: 1 + 2 + 3 + 4 } as const

const builder = new FlowBatchBuilder()
const EXPORTER = { ip: '192.0.2.1', domain: 0, version: 9 }

/** Flows `from` to `from + count` (at most 4,096) as a collector publishes them. */
export function numberedBatch(from: number, count: number, nowMs: number, seq: number): Uint8Array {
  const { rows } = builder
  const exporter = builder.exporters.add(EXPORTER)
  for (let i = 0; i < count; i++) {
    const flow = numberedFlow(from + i)
    rows.first[i] = nowMs - flow.agoMs - DURATION_MS
    rows.last[i] = nowMs - flow.agoMs
    rows.srcIp.v4[i] = flow.srcIp
    rows.dstIp.v4[i] = flow.dstIp
    rows.srcPort[i] = flow.srcPort
    rows.dstPort[i] = flow.dstPort
    rows.protocol[i] = UDP
    rows.bytes[i] = flow.bytes
    rows.packets[i] = flow.packets
    rows.exporter[i] = exporter
  }
  for (const column of COLUMNS_USED) builder.touch(column)
  builder.commit(count)
  return encodeFlowBatch(builder.seal({ site: 'home', collector: 'numbered', seq, received: nowMs }))
}
const COLUMNS_USED = [
  'first',
  'last',
  'srcIp',
  'dstIp',
  'srcPort',
  'dstPort',
  'protocol',
  'bytes',
  'packets',
  'exporter',
] as const

/** Records of a NetFlow 5 datagram; at most 30 fit, and FLOWS is a multiple of it. */
export const V5_RECORDS = 25
const V5_HEADER_BYTES = 24
const V5_RECORD_BYTES = 48
/** What the exporter claims to have been up. */
const UPTIME_MS = 36_000_000

/**
 * Flows `from` to `from + 25` as a NetFlow 5 datagram (Cisco's "NetFlow Export Datagram Format", tables B-3 and B-4):
 * header version 0, count 2, uptime 4, seconds 8, nanoseconds 12, sequence 16; record srcaddr 0, dstaddr 4, packets 16,
 * octets 20, first 24, last 28, srcport 32, dstport 34, protocol 38.
 */
export function numberedDatagram(from: number, nowMs: number, flowOf = numberedFlow): Uint8Array {
  const bytes = new Uint8Array(V5_HEADER_BYTES + V5_RECORDS * V5_RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 5)
  view.setUint16(2, V5_RECORDS)
  view.setUint32(4, UPTIME_MS)
  view.setUint32(8, Math.floor(nowMs / 1000))
  view.setUint32(12, (nowMs % 1000) * 1_000_000)
  view.setUint32(16, from)
  for (let i = 0; i < V5_RECORDS; i++) {
    const at = V5_HEADER_BYTES + i * V5_RECORD_BYTES
    const flow = flowOf(from + i)
    view.setUint32(at, flow.srcIp)
    view.setUint32(at + 4, flow.dstIp)
    view.setUint32(at + 16, flow.packets)
    view.setUint32(at + 20, flow.bytes)
    view.setUint32(at + 24, UPTIME_MS - flow.agoMs - DURATION_MS)
    view.setUint32(at + 28, UPTIME_MS - flow.agoMs)
    view.setUint16(at + 32, flow.srcPort)
    view.setUint16(at + 34, flow.dstPort)
    bytes[at + 38] = UDP
  }
  return bytes
}
