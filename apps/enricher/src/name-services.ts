// Part of step enrich: the service of a flow and the side that serves it, from protocol and ports. In: a batch. Out: the batch with
// columns `service` and `serviceSide`. Fails: never.
import { Dictionary, type FlowBatch } from '@netbehave/schema'
import type { ServiceTable } from './service-table.ts'

/** Values of column `serviceSide`. */
export const SERVICE_SIDE = { unknown: 0, source: 1, destination: 2 } as const

export function createNameServices(services: ServiceTable): (batch: FlowBatch) => FlowBatch {
  /** Dictionary index of each service in the batch at hand; 0 until it turns up. */
  const indices = new Uint16Array(services.names.length)

  return (batch) => {
    const n = batch.length
    const protocol = batch.numbers('protocol')
    const srcPort = batch.numbers('srcPort')
    const dstPort = batch.numbers('dstPort')
    const service = new Uint8Array(n)
    let wide: Uint16Array | undefined
    const side = new Uint8Array(n)
    const dictionary = new Dictionary()
    indices.fill(0)
    for (let i = 0; i < n; i++) {
      const table = services.byProtocol[protocol[i]!]
      if (table === undefined) continue
      const src = srcPort[i]!
      const dst = dstPort[i]!
      const srcRank = table.rank[src]!
      const dstRank = table.rank[dst]!
      if (srcRank === 0 && dstRank === 0) continue
      // The better known port serves; of two equally known the lower. The same port on both sides tells no side.
      const srcServes = srcRank > dstRank || (srcRank === dstRank && src < dst)
      const position = table.name[srcServes ? src : dst]!
      let index = indices[position]!
      if (index === 0) {
        index = dictionary.add(services.names[position]!)
        indices[position] = index
        if (index > 255 && wide === undefined) wide = Uint16Array.from(service)
      }
      if (wide === undefined) service[i] = index
      else wide[i] = index
      side[i] = src === dst ? SERVICE_SIDE.unknown : srcServes ? SERVICE_SIDE.source : SERVICE_SIDE.destination
    }
    if (dictionary.size === 1) return batch
    return batch.with({ service: wide ?? service, serviceSide: side }, { service: dictionary.entries() })
  }
}
