// Workload W, on which all figures are measured: NetFlow 9 with one template of 17 fields (53 bytes a record, as an EdgeRouter
// sends), 24 records a datagram, addresses and ports random within 1,000 local hosts and 50,000 remote ones.
import { encodeNetflow9, encodeSet, encodeTemplates, fieldSpecs, TEST_EXPORT_MS, type TemplateSpec } from './encode.ts'
import { seededRandom } from './seeded-random.ts'

export const WORKLOAD_W_RECORDS = 24
const LOCAL_HOSTS = 1_000
const REMOTE_HOSTS = 50_000

export const WORKLOAD_W_TEMPLATE: TemplateSpec = {
  id: 1024,
  fields: fieldSpecs('21:4 22:4 1:4 2:4 10:4 14:4 8:4 12:4 4:1 5:1 7:2 11:2 56:6 80:6 6:1 61:1 60:1'),
}
const RECORD_BYTES = 53

export interface WorkloadW {
  /** The datagram that defines the template; sequence number 0. */
  template: Buffer
  /** Data only, sequence numbers 1 and on. */
  datagrams: Buffer[]
  flows: number
  /** Sums of what the flows say, for checks. */
  bytes: number
  packets: number
}

export interface WorkloadWOptions {
  datagrams: number
  seed?: number
  records?: number
  exportMs?: number
  sourceId?: number
}

/** The same options give the same datagrams. */
export function workloadW(options: WorkloadWOptions): WorkloadW {
  const { seed = 1, records = WORKLOAD_W_RECORDS, exportMs = TEST_EXPORT_MS, sourceId = 0 } = options
  const random = seededRandom(seed)
  const uptimeMs = 86_400_000
  const header = { exportMs, uptimeMs, domain: sourceId }
  const template = encodeNetflow9([encodeTemplates(9, [WORKLOAD_W_TEMPLATE])], { ...header, sequence: 0, count: 1 })
  const datagrams: Buffer[] = []
  let bytes = 0
  let packets = 0
  for (let i = 0; i < options.datagrams; i++) {
    const set = Buffer.alloc(records * RECORD_BYTES)
    for (let record = 0; record < records; record++) {
      const at = record * RECORD_BYTES
      const lastMs = uptimeMs - random.below(1_000)
      const recordPackets = 1 + random.below(200)
      const recordBytes = recordPackets * (40 + random.below(1_400))
      const outbound = random.next() < 0.5
      const local = 0xc0a80000 + 256 + random.below(LOCAL_HOSTS)
      const remote = 0x17000000 + random.below(REMOTE_HOSTS) * 251
      const localPort = 32_768 + random.below(28_000)
      const remotePort = random.pick(PORTS)
      set.writeUInt32BE(lastMs, at)
      set.writeUInt32BE(lastMs - random.below(30_000), at + 4)
      set.writeUInt32BE(recordBytes, at + 8)
      set.writeUInt32BE(recordPackets, at + 12)
      set.writeUInt32BE(outbound ? 1 : 2, at + 16)
      set.writeUInt32BE(outbound ? 2 : 1, at + 20)
      set.writeUInt32BE(outbound ? local : remote, at + 24)
      set.writeUInt32BE(outbound ? remote : local, at + 28)
      set[at + 32] = random.next() < 0.7 ? 6 : 17
      set[at + 33] = 0
      set.writeUInt16BE(outbound ? localPort : remotePort, at + 34)
      set.writeUInt16BE(outbound ? remotePort : localPort, at + 36)
      set.writeUIntBE(0x0200_5e00_0000 + (local & 0xffff), at + (outbound ? 38 : 44), 6)
      set.writeUIntBE(0x0200_5e01_0001, at + (outbound ? 44 : 38), 6)
      set[at + 50] = 0x1b
      set[at + 51] = outbound ? 1 : 0
      set[at + 52] = 4
      bytes += recordBytes
      packets += recordPackets
    }
    const sets = [encodeSet(WORKLOAD_W_TEMPLATE.id, set)]
    datagrams.push(encodeNetflow9(sets, { ...header, sequence: i + 1, count: records }))
  }
  return { template, datagrams, flows: options.datagrams * records, bytes, packets }
}

const PORTS = [443, 443, 443, 443, 80, 53, 53, 123, 22, 25, 993, 8443, 3478, 5222, 1883] as const

/** Gives a NetFlow 9 datagram another export time and sequence number, in place: to send the same datagrams again and again. */
export function restamp(datagram: Buffer, exportMs: number, sequence: number): void {
  datagram.writeUInt32BE(Math.floor(exportMs / 1000), 8)
  datagram.writeUInt32BE(sequence >>> 0, 12)
}
