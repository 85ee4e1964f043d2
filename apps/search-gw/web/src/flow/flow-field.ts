// Every member of a flow as people read it: its label, its text, and the condition of a filter that a click makes of it.
import type { Flow } from '@netbehave/schema/api'
import { bytes, count } from '../format/numbers.ts'
import { icmpMeaning, isIcmp, protocolName, tcpFlags } from '../format/protocols.ts'

export interface FlowField {
  readonly member: keyof Flow
  readonly label: string
  /** Of the filter language; absent: no filter asks for it. */
  readonly field?: string
  readonly text?: (value: never, flow: Flow) => string
  /** What stands in the filter in place of the value. */
  readonly asked?: (value: never) => string
}

const HOW: Readonly<Record<number, string>> = {
  1: 'asked for by this client',
  2: 'asked for by another client',
  3: 'from the hosts file, DHCP or reverse DNS',
}
const NAT: Readonly<Record<number, string>> = {
  1: "the exporter's own fields",
  2: 'a remembered pair',
  3: 'a guess',
}
const END: Readonly<Record<number, string>> = {
  1: 'idle',
  2: 'active timeout',
  3: 'end of the connection',
  4: 'forced',
  5: 'lack of resources',
}
const DIRECTIONS: Readonly<Record<number, string>> = { 0: 'ingress', 1: 'egress' }
const VERSIONS: Readonly<Record<number, string>> = { 10: 'IPFIX' }
const SIDES: Readonly<Record<number, string>> = { 1: 'source', 2: 'destination' }

const named = (names: Readonly<Record<number, string>>) => (value: number) => names[value] ?? String(value)
const counted = (value: number) => count(value)
const port = (value: number, flow: Flow) => (isIcmp(flow.protocol) ? '–' : String(value))

export interface FlowFieldGroup {
  readonly title: string
  readonly fields: readonly FlowField[]
}

const side = (which: 'src' | 'dst', title: string): FlowFieldGroup => {
  const field = (member: keyof Flow, label: string, name: string, more: Partial<FlowField> = {}): FlowField => ({
    member,
    label,
    field: `${which}.${name}`,
    ...more,
  })
  return {
    title,
    fields: [
      field(`${which}Asset`, 'Asset', 'asset'),
      field(`${which}Name`, 'Name', 'name'),
      { member: `${which}NameHow`, label: 'Name is', text: named(HOW) },
      field(`${which}Ip`, 'Address', 'ip'),
      field(`${which}Port`, 'Port', 'port', { text: port }),
      field(`${which}Net`, 'Network', 'net'),
      field(`${which}Org`, 'Holder', 'org'),
      field(`${which}As`, 'AS number', 'as'),
      field(`${which}Mac`, 'MAC', 'mac'),
    ],
  }
}

export const FLOW_FIELDS: readonly FlowFieldGroup[] = [
  {
    title: 'What',
    fields: [
      { member: 'service', label: 'Service', field: 'service' },
      { member: 'serviceSide', label: 'Served by', text: named(SIDES) },
      { member: 'rule', label: 'Rule', field: 'rule' },
      { member: 'protocol', label: 'Protocol', field: 'protocol', text: protocolName },
      { member: 'bytes', label: 'Bytes', text: (value: number) => `${bytes(value)} (${count(value)})` },
      { member: 'packets', label: 'Packets', text: counted },
      { member: 'revBytes', label: 'Bytes back', text: (value: number) => `${bytes(value)} (${count(value)})` },
      { member: 'revPackets', label: 'Packets back', text: counted },
      { member: 'tcpFlags', label: 'TCP flags', text: tcpFlags },
      { member: 'tos', label: 'TOS', field: 'tos' },
      { member: 'sampling', label: 'Sampling', field: 'sampling', text: (value: number) => `1 in ${count(value)}` },
    ],
  },
  side('src', 'Source'),
  side('dst', 'Destination'),
  {
    title: 'Translation (NAT)',
    fields: [
      { member: 'denat', label: 'Inside host by', field: 'nat', text: named(NAT) },
      { member: 'natSrcIp', label: 'Source outside', field: 'nat.src.ip' },
      { member: 'natSrcPort', label: 'Its port', field: 'nat.src.port' },
      { member: 'natDstIp', label: 'Destination outside', field: 'nat.dst.ip' },
      { member: 'natDstPort', label: 'Its port', field: 'nat.dst.port' },
    ],
  },
  {
    title: 'Where it was seen',
    fields: [
      { member: 'site', label: 'Site', field: 'site' },
      { member: 'exporter', label: 'Exporter', field: 'exporter' },
      { member: 'exporterDomain', label: 'Domain', field: 'exporter.domain' },
      { member: 'exporterVersion', label: 'Version', field: 'exporter.version', text: named(VERSIONS) },
      { member: 'inIf', label: 'Interface in', field: 'in.if' },
      { member: 'outIf', label: 'Interface out', field: 'out.if' },
      { member: 'vlan', label: 'VLAN', field: 'vlan' },
      {
        member: 'direction',
        label: 'Direction',
        field: 'direction',
        text: named(DIRECTIONS),
        asked: named(DIRECTIONS),
      },
      { member: 'endReason', label: 'Ended by', text: named(END) },
    ],
  },
]

/** The text of a member; undefined when the flow has none. */
export function textOf(entry: FlowField, flow: Flow): string | undefined {
  const value = flow[entry.member]
  if (value === undefined || value === '') return undefined
  return entry.text ? entry.text(value as never, flow) : String(value)
}

/** What a row says under "service": the name, ICMP's type, or nothing. */
export function serviceOf(flow: Flow): string {
  if (isIcmp(flow.protocol)) return icmpMeaning(flow.protocol, flow.dstPort)
  return flow.service ?? ''
}
