// A flow as text for people: one aligned line, or with everything that is known below it.
import type { Flow } from '@netbehave/schema'
import { formatDuration, formatTime, shortNumber } from './numbers.ts'
import { printable } from './printable.ts'
import { icmpMeaning, isIcmp, protocolName } from './protocols.ts'

/** An IPv4 address with its port. */
const ENDPOINT_WIDTH = 21

/** Time, protocol, ends, service, bytes, packets, and the names of the ends where there are any. */
export function formatFlowLine(flow: Flow): string {
  const { protocol, srcPort, dstPort } = flow
  const icmp = isIcmp(protocol)
  const service = icmp ? icmpMeaning(protocol, dstPort) : (flow.service ?? '')
  const parts = [
    formatTime(flow.firstMs),
    protocolName(protocol).padEnd(6),
    `${endpoint(flow.srcIp, icmp ? 0 : srcPort)} → ${endpoint(flow.dstIp, icmp ? 0 : dstPort)}`,
    printable(service).padEnd(10),
    `${shortNumber(flow.bytes)}B`.padStart(6),
    `${shortNumber(flow.packets)}p`.padStart(6),
    names(flow),
  ]
  return parts.join('  ').trimEnd()
}

/** Members that the line shows already. */
const IN_LINE = new Set<string>(['firstMs', 'srcIp', 'dstIp', 'srcPort', 'dstPort', 'protocol', 'service'])

/** The line, and under it every other member of the flow as name=value. */
export function formatFlowWide(flow: Flow): string {
  const { lastMs, firstMs, ...others } = flow
  const rest = Object.entries(others)
    .filter(([name]) => !IN_LINE.has(name))
    .map(([name, value]) => `${name}=${printable(String(value))}`)
  return `${formatFlowLine(flow)}\n    duration=${formatDuration(lastMs - firstMs).replace(' ', '')} ${rest.join(' ')}`
}

/** Port 0 is no port: of protocols without ports, and of fragments. */
function endpoint(ip: string, port: number): string {
  const text = port === 0 ? ip : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
  return text.padEnd(ENDPOINT_WIDTH)
}

function names({ srcName, dstName }: Flow): string {
  if (!srcName && !dstName) return ''
  return `${printable(srcName ?? '·')} → ${printable(dstName ?? '·')}`
}
