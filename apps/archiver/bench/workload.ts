// Workload W with names (docs/performance.md): batches as an enricher publishes them, for the archiver's benchmarks. Seeded.
import { encodeFlowBatch, FlowBatchBuilder } from '@netbehave/schema'

export interface WorkloadOptions {
  readonly flowsPerBatch: number
  /** Epoch ms of the first flow, and ms of one batch. */
  readonly startMs: number
  readonly batchMs: number
  readonly seed?: number
}

const LOCAL_HOSTS = 1000
const REMOTE_HOSTS = 50_000
const SERVICES = [443, 443, 443, 80, 53, 53, 123, 22, 993, 5222] as const
const SERVICE_NAMES: Record<number, string> = {
  443: 'https',
  80: 'http',
  53: 'domain',
  123: 'ntp',
  22: 'ssh',
  993: 'imaps',
  5222: 'xmpp-client',
}

/** Encoded batches, one a call: 1,000 local hosts and 50,000 remote ones, names for nine remote hosts of ten. */
export function createWorkload({ flowsPerBatch, startMs, batchMs, seed = 1 }: WorkloadOptions): () => Uint8Array {
  const random = createRandom(seed)
  const below = (n: number) => random() % n
  const exporter = { ip: '10.0.0.1', domain: 0, version: 9 }
  let batches = 0
  return () => {
    const builder = new FlowBatchBuilder(flowsPerBatch)
    const { rows, dictionaries } = builder
    const batchStartMs = startMs + batches * batchMs
    const exporterIndex = builder.exporters.add(exporter)
    const home = dictionaries.net.add('home')
    const external = dictionaries.net.add('external')
    for (let i = 0; i < flowsPerBatch; i++) {
      const local = below(LOCAL_HOSTS)
      const remote = below(REMOTE_HOSTS)
      const outbound = below(2) === 0
      const port = SERVICES[below(SERVICES.length)]!
      const localPort = 32_768 + below(28_000)
      const packets = 1 + below(1 + below(200))
      const name = remote % 10 === 0 ? 0 : dictionaries.name.add(`host-${remote}.cdn-${remote % 97}.example.net`)
      const localName = dictionaries.name.add(`device-${local}.home.arpa`)
      const org = dictionaries.org.add(`Example Networks ${remote % 400}`)
      const service = dictionaries.service.add(SERVICE_NAMES[port]!)
      rows.first[i] = batchStartMs + Math.floor((i * batchMs) / flowsPerBatch)
      rows.last[i] = rows.first[i]! + below(60_000)
      rows.srcIp.v4[i] = outbound ? 0xc0a80000 + local : 0x50000000 + remote * 7919
      rows.dstIp.v4[i] = outbound ? 0x50000000 + remote * 7919 : 0xc0a80000 + local
      rows.srcPort[i] = outbound ? localPort : port
      rows.dstPort[i] = outbound ? port : localPort
      rows.protocol[i] = port === 53 || port === 123 ? 17 : 6
      rows.tcpFlags[i] = port === 53 || port === 123 ? 0 : 0x1b
      rows.tos[i] = below(16) === 0 ? 0x20 : 0
      rows.packets[i] = packets
      rows.bytes[i] = packets * (60 + below(1400))
      rows.inIf[i] = outbound ? 1 : 2
      rows.outIf[i] = outbound ? 2 : 1
      rows.srcMac.set([2, 0, 0, 0, local >> 8, local & 255], i * 6)
      rows.dstMac.set([2, 0, 0, 0, 255, 254], i * 6)
      rows.exporter[i] = exporterIndex
      rows.direction[i] = outbound ? 1 : 0
      rows.srcNet[i] = outbound ? home : external
      rows.dstNet[i] = outbound ? external : home
      rows.srcName[i] = outbound ? localName : name
      rows.dstName[i] = outbound ? name : localName
      rows.srcNameHow[i] = outbound ? 3 : 1
      rows.dstNameHow[i] = outbound ? 1 : 3
      rows[outbound ? 'dstOrg' : 'srcOrg'][i] = org
      rows.service[i] = service
      rows.serviceSide[i] = outbound ? 2 : 1
    }
    for (const column of TOUCHED) builder.touch(column)
    builder.commit(flowsPerBatch)
    const batch = builder.seal({ site: 'home', collector: 'bench', seq: batches++, received: batchStartMs + batchMs })
    return encodeFlowBatch(batch)
  }
}

const TOUCHED = [
  'first',
  'last',
  'srcIp',
  'dstIp',
  'srcPort',
  'dstPort',
  'protocol',
  'tcpFlags',
  'tos',
  'packets',
  'bytes',
  'inIf',
  'outIf',
  'srcMac',
  'dstMac',
  'exporter',
  'direction',
  'srcNet',
  'dstNet',
  'srcName',
  'dstName',
  'srcNameHow',
  'dstNameHow',
  'srcOrg',
  'dstOrg',
  'service',
  'serviceSide',
] as const

/** xorshift32 (Marsaglia 2003). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
