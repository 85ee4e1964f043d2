// For tests: flows from plain objects, through the steps that need no broker.
import { type Flow, type FlowBatch, flowsToBatches } from '@netbehave/schema'

/** A flow of `home` with these members; TCP from 192.168.1.10 to 203.0.113.5, ports 50000 and 443, where nothing is said. */
export function flowOf(members: Partial<Flow> = {}): Flow {
  return {
    ...{
      site: 'home',
      firstMs: 1_767_700_000_000,
      lastMs: 1_767_700_001_000,
      srcIp: '192.168.1.10',
      dstIp: '203.0.113.5',
    },
    ...{ srcPort: 50_000, dstPort: 443, protocol: 6, bytes: 1000, packets: 10, sampling: 1, srcNet: 'home' },
    ...{ dstNet: 'external' },
    ...members,
  }
}

/** One batch, received at this time. */
export function batchOf(flows: readonly Flow[], receivedMs = 1_767_700_002_000): FlowBatch {
  const [batch] = [...flowsToBatches(flows)]
  batch!.fields.received = receivedMs
  return batch!
}
