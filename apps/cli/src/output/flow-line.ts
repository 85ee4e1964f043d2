// A flow as text for people: one aligned line, or with everything that is known below it.
import type { Flow } from '@netbehave/schema'
import { formatDuration, formatTime, shortNumber } from './numbers.ts'
import { printable } from './printable.ts'
import { icmpMeaning, isIcmp, protocolName } from './protocols.ts'

/** What an IPv4 address with its port takes, and most names of services; a column grows with the first that takes more. */
const ENDPOINT_WIDTH = 21
const SERVICE_WIDTH = 10
/** Wider than any address with its port; names of services are cut by it. */
const WIDEST = 47

/** Formats the lines of one output, which stay aligned: a column that grew for an IPv6 address keeps its width. */
export function createFlowLineFormatter(): (flow: Flow) => string {
  let endpointWidth = ENDPOINT_WIDTH
  let serviceWidth = SERVICE_WIDTH

  return (flow) => {
    const { protocol } = flow
    const hasPorts = !isIcmp(protocol)
    const src = endpoint(flow.srcIp, hasPorts ? flow.srcPort : 0)
    const dst = endpoint(flow.dstIp, hasPorts ? flow.dstPort : 0)
    const service = printable(hasPorts ? (flow.service ?? '') : icmpMeaning(protocol, flow.dstPort))
    endpointWidth = Math.min(Math.max(endpointWidth, src.length, dst.length), WIDEST)
    serviceWidth = Math.min(Math.max(serviceWidth, service.length), WIDEST)
    const parts = [
      formatTime(flow.firstMs),
      protocolName(protocol).padEnd(7),
      `${src.padEnd(endpointWidth)} → ${dst.padEnd(endpointWidth)}`,
      service.padEnd(serviceWidth),
      `${shortNumber(flow.bytes)}B`.padStart(6),
      `${shortNumber(flow.packets)}p`.padStart(6),
      names(flow),
    ]
    return parts.join('  ').trimEnd()
  }
}

/** Members that the line shows already. */
const IN_LINE = new Set<string>(['firstMs', 'srcIp', 'dstIp', 'srcPort', 'dstPort', 'protocol', 'service'])

/** The line, and under it every other member of the flow as name=value. */
export function createFlowWideFormatter(): (flow: Flow) => string {
  const formatLine = createFlowLineFormatter()
  return (flow) => {
    const { lastMs, firstMs, ...others } = flow
    const rest = Object.entries(others)
      .filter(([name]) => !IN_LINE.has(name))
      .map(([name, value]) => `${name}=${printable(String(value))}`)
    return `${formatLine(flow)}\n    duration=${formatDuration(lastMs - firstMs).replace(' ', '')} ${rest.join(' ')}`
  }
}

/** Port 0 is no port: of protocols without ports, and of fragments. */
function endpoint(ip: string, port: number): string {
  if (port === 0) return ip
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

function names({ srcName, dstName }: Flow): string {
  if (!srcName && !dstName) return ''
  return `${printable(srcName ?? '·')} → ${printable(dstName ?? '·')}`
}
