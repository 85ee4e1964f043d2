// One flow as people and other programs read it: JSON of CLI, API, websocket and exports. Nobody builds it on the hot path.
import { z } from 'zod'

const text = z.string()
const count = z.number().min(0)
const port = z.number().int().min(0).max(65_535)
const nameHow = z.number().int().min(0).max(3)

/** A flow. Times are epoch ms UTC; counters are as exported, not scaled by `sampling`. Absent members: no value. */
export const Flow = z.strictObject({
  site: text,
  firstMs: z.number(),
  lastMs: z.number(),
  srcIp: text,
  dstIp: text,
  srcPort: port,
  dstPort: port.describe('for ICMP: type × 256 + code'),
  protocol: z.number().int().min(0).max(255),
  tcpFlags: count.optional(),
  tos: count.optional(),
  bytes: count,
  packets: count,
  sampling: count,
  inIf: count.optional(),
  outIf: count.optional(),
  vlan: count.optional(),
  srcMac: text.optional(),
  dstMac: text.optional(),
  exporter: text.optional().describe('address of the exporter'),
  exporterDomain: count.optional().describe('observation domain, source id or engine'),
  exporterVersion: count.optional().describe('1, 5, 7, 9 or 10 (IPFIX)'),
  direction: count.optional(),
  endReason: count.optional(),
  natSrcIp: text.optional(),
  natDstIp: text.optional(),
  natSrcPort: port.optional(),
  natDstPort: port.optional(),
  denat: count.optional().describe("1 exporter's fields, 2 remembered pair, 3 guess"),
  srcAs: count.optional(),
  dstAs: count.optional(),
  revBytes: count.optional(),
  revPackets: count.optional(),
  srcNet: text.optional(),
  dstNet: text.optional(),
  srcName: text.optional(),
  dstName: text.optional(),
  srcNameHow: nameHow.optional(),
  dstNameHow: nameHow.optional(),
  srcOrg: text.optional(),
  dstOrg: text.optional(),
  srcAsset: text.optional(),
  dstAsset: text.optional(),
  service: text.optional(),
  serviceSide: count.optional().describe('1 source, 2 destination serves'),
  rule: text.optional(),
})
export type Flow = z.infer<typeof Flow>
