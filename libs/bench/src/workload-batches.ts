// Workload W as a collector publishes it: decoded, networks named, encoded. In: how many batches. Out: messages.
import { createDecoder } from '@netbehave/netflow'
import { workloadW } from '@netbehave/netflow/testing'
import { BATCH_FLOWS, encodeFlowBatch, FlowBatchBuilder } from '@netbehave/schema'

const FROM = { ip: '192.0.2.1', port: 2055 }
const LOCAL_PREFIX = 0xc0a8

/** Batches of 4,096 flows that have just ended. The same flows on every call. */
export function workloadBatches(count: number, receivedMs: number): Uint8Array[] {
  const { template, datagrams } = workloadW({ datagrams: Math.ceil((count * BATCH_FLOWS) / 24), exportMs: receivedMs })
  const decoder = createDecoder()
  const builder = new FlowBatchBuilder()
  const batches: Uint8Array[] = []
  const seal = () => {
    nameNetworks(builder)
    const fields = { site: 'home', collector: 'bench', seq: batches.length, received: receivedMs }
    batches.push(encodeFlowBatch(builder.seal(fields)))
  }
  for (const datagram of [template, ...datagrams]) decoder.decode(datagram, FROM, receivedMs, builder, seal)
  if (builder.full) seal()
  return batches.slice(0, count)
}

function nameNetworks(builder: FlowBatchBuilder): void {
  const { rows, dictionaries, length } = builder
  const [home, external] = [dictionaries.net.add('home'), dictionaries.net.add('external')]
  for (let i = 0; i < length; i++) {
    rows.srcNet[i] = rows.srcIp.v4[i]! >>> 16 === LOCAL_PREFIX ? home : external
    rows.dstNet[i] = rows.dstIp.v4[i]! >>> 16 === LOCAL_PREFIX ? home : external
  }
  builder.touch('srcNet')
  builder.touch('dstNet')
}
