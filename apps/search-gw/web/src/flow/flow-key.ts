import type { Flow } from '@netbehave/schema/api'

/** Two rows with the same key are the same flow, as live view and history tell it. */
export const flowKey = (flow: Flow): string =>
  [
    flow.site,
    flow.firstMs,
    flow.lastMs,
    flow.srcIp,
    flow.srcPort,
    flow.dstIp,
    flow.dstPort,
    flow.protocol,
    flow.bytes,
    flow.packets,
    flow.exporter ?? '',
  ].join(' ')
