// Random flows, as a batch and as rows of the archive's columns, made from the same plain objects; and random filters.
import {
  COLUMN_NAMES,
  type ColumnName,
  columnSpec,
  type FlowBatch,
  FlowBatchBuilder,
  isMappedIpv4,
  mappedIpv4,
  parseAddressBytes,
  parseMac,
} from '@netbehave/schema'
import fc from 'fast-check'

/** Values by column, as text where people would write text; what is left out, the flow does not have. */
export type PlainFlow = { [N in ColumnName]?: number | string }

export const ADDRESSES = [
  '10.0.0.1',
  '10.0.0.2',
  '10.1.5.1',
  '192.168.1.1',
  '192.168.10.20',
  '8.8.8.8',
  '0.0.0.0',
  '255.255.255.255',
]
export const ADDRESSES6 = [
  '2001:db8::1',
  '2001:db8:1::',
  'fe80::1',
  '::',
  '::1',
  'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
]
export const MACS = ['00:1b:21:0a:0b:0c', '00:1b:21:ff:ff:ff', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:01']
export const TEXTS = [
  'example.com',
  'www.example.com',
  'WWW.Example.COM',
  'a_b%c',
  'GOOGLE LLC',
  'google',
  'ÄRZTE.example',
  'ärzte.example',
  'ΟΔΟΣ',
  'οδος',
  'İstanbul',
  'a*b',
  "o'neil",
  'x\\y',
  'home',
  '10.0.0.1',
  '😀.example',
  '\ud800broken',
]
const NUMBERS: Partial<Record<ColumnName, number[]>> = {
  srcPort: [0, 22, 80, 443, 8080, 65_535],
  dstPort: [0, 53, 443, 853, 2048, 40_000],
  protocol: [1, 2, 6, 17, 58, 255],
  tcpFlags: [0, 2, 16, 18, 27, 255],
  tos: [0, 8, 184],
  bytes: [0, 29, 40, 1000, 1500, 10_000_000, 4_294_967_296, Number.MAX_SAFE_INTEGER],
  packets: [0, 1, 2, 100],
  direction: [0, 1, 7],
  vlan: [1, 5, 100, 4094],
  first: [1_767_700_000_000, 1_767_700_000_500, 1_767_700_010_000],
  last: [1_767_700_000_000, 1_767_700_000_999, 1_767_700_010_000, 1_767_700_070_000],
}

const flow: fc.Arbitrary<PlainFlow> = fc
  .record(Object.fromEntries(COLUMN_NAMES.map((name) => [name, columnValue(name)])), {
    requiredKeys: ['first', 'last'],
  })
  .map((values) => values as PlainFlow)

function columnValue(name: ColumnName): fc.Arbitrary<number | string> {
  switch (columnSpec(name).kind) {
    case 'address':
      return fc.constantFrom(...ADDRESSES, ...ADDRESSES6)
    case 'mac':
      return fc.constantFrom(...MACS)
    case 'index':
      return name === 'exporter' ? fc.constantFrom('192.0.2.1', '2001:db8::9') : fc.constantFrom(...TEXTS)
    default:
      return fc.constantFrom(...(NUMBERS[name] ?? [1, 2, 3]))
  }
}

const isIpv4 = (flow: PlainFlow): boolean => !Object.values(flow).some((value) => ADDRESSES6.includes(String(value)))

/** Three kinds: anything, IPv4 only (addresses as integers), flows that all have the same values (columns of one value). */
export const flows: fc.Arbitrary<PlainFlow[]> = fc.oneof(
  fc.array(flow, { minLength: 1, maxLength: 60 }),
  fc.array(flow, { minLength: 1, maxLength: 60 }).map((all) => all.filter(isIpv4)),
  fc.tuple(flow, fc.nat({ max: 10 })).map(([one, n]) => Array.from({ length: n + 1 }, () => one)),
)

const exporterOf = (ip: string) => ({ ip, domain: ip.includes(':') ? 3 : 0, version: ip.includes(':') ? 10 : 9 })
const EXPORTERS = new Map<string, { ip: string; domain: number; version: number }>()

export function toBatch(all: readonly PlainFlow[], site = 'home'): FlowBatch {
  const builder = new FlowBatchBuilder(Math.max(all.length, 1))
  all.forEach((flow, row) => {
    for (const [column, value] of Object.entries(flow) as [ColumnName, number | string][]) {
      builder.touch(column)
      putValue(builder, column, row, value)
    }
  })
  builder.commit(all.length)
  return builder.seal({ site, collector: 'test', seq: 1, received: 1_767_700_000_000 })
}

function putValue(builder: FlowBatchBuilder, column: ColumnName, row: number, value: number | string): void {
  const { kind, dictionary } = columnSpec(column)
  if (kind === 'address') builder.rows[column as 'srcIp'].set6(row, parseAddressBytes(String(value))!, 0)
  else if (kind === 'mac') builder.rows[column as 'srcMac'].set(parseMac(String(value))!, row * 6)
  else if (kind !== 'index') builder.rows[column as 'bytes'][row] = Number(value)
  else if (dictionary === 'exporter') {
    const entry = EXPORTERS.get(String(value)) ?? exporterOf(String(value))
    EXPORTERS.set(entry.ip, entry)
    builder.rows.exporter[row] = builder.exporters.add(entry)
  } else builder.rows[column as 'srcName'][row] = builder.dictionaries[dictionary!].add(String(value))
}

/** The value of one Parquet column (`part` as libs/history has it) of a flow; null where the archive has none. */
export function archiveValue(flow: PlainFlow, column: ColumnName, part: string): number | string | Uint8Array | null {
  const value = flow[column]
  const { absent = 0 } = columnSpec(column)
  switch (part) {
    case 'ipv4':
    case 'ipv6': {
      const isFlowAddress = column === 'srcIp' || column === 'dstIp'
      if (value === undefined || (value === '0.0.0.0' && !isFlowAddress))
        return isFlowAddress && part === 'ipv4' ? 0 : null
      const bytes = parseAddressBytes(String(value))!
      if (isMappedIpv4(bytes)) return part === 'ipv4' ? mappedIpv4(bytes) : null
      return part === 'ipv6' ? bytes : null
    }
    case 'mac':
      return value === undefined ? null : parseMac(String(value))!
    case 'text':
    case 'exporter':
      return value === undefined ? null : String(value).toWellFormed()
    case 'value':
      return value ?? absent
    default:
      return value === undefined ? 0 : exporterOf(String(value))[part as 'domain' | 'version']
  }
}
