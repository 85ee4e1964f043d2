// The one table of flow columns. Everything that knows columns (builder, wire, Flow, Parquet, docs, later the filter
// language) reads it, so that a new column is one new row here. Source of meanings: docs/flow-batch.md.

/**
 * How a column's values are held:
 * - `time`: epoch ms in memory; on the wire ms after the batch's `base`
 * - `u8` `u16` `u32`: unsigned integers of at most that width
 * - `count`: unsigned integers, exact below 2^53, saturating above
 * - `address`: IPv4 as an integer in network order, or 16 bytes (IPv4 mapped)
 * - `mac`: 6 bytes
 * - `index`: index into a dictionary of the batch; 0 is "no value"
 */
export type ColumnKind = 'time' | 'u8' | 'u16' | 'u32' | 'count' | 'address' | 'mac' | 'index'

/** The dictionaries of a batch. `exporter` holds `{ip, domain, version}`, the others strings. */
export type DictionaryName = 'exporter' | 'net' | 'name' | 'org' | 'asset' | 'service' | 'rule'

export interface ColumnSpec {
  readonly kind: ColumnKind
  /** Column of the Parquet files; an address is two columns, `<parquet>4` and `<parquet>6`. */
  readonly parquet: string
  /** Name in the filter language. */
  readonly field: string
  /** The dictionary that an `index` column points into. */
  readonly dictionary?: DictionaryName
  /** Name in `Flow` (JSON); the column's own name where not given. */
  readonly json?: string
  /** The value that an absent column stands for; 0 where not given. */
  readonly absent?: number
  /** One line for `docs/flow-batch.md`. */
  readonly meaning: string
}

export const COLUMNS = {
  first: {
    kind: 'time',
    parquet: 'first_ms',
    json: 'firstMs',
    field: 'first',
    meaning: 'start of the flow, epoch ms UTC',
  },
  last: { kind: 'time', parquet: 'last_ms', json: 'lastMs', field: 'last', meaning: 'end of the flow, epoch ms UTC' },
  srcIp: { kind: 'address', parquet: 'src_ip', field: 'src.ip', meaning: 'source address' },
  dstIp: { kind: 'address', parquet: 'dst_ip', field: 'dst.ip', meaning: 'destination address' },
  srcPort: { kind: 'u16', parquet: 'src_port', field: 'src.port', meaning: 'source port' },
  dstPort: {
    kind: 'u16',
    parquet: 'dst_port',
    field: 'dst.port',
    meaning: 'destination port; ICMP: type × 256 + code',
  },
  protocol: { kind: 'u8', parquet: 'protocol', field: 'protocol', meaning: 'IANA protocol number' },
  tcpFlags: { kind: 'u8', parquet: 'tcp_flags', field: 'flags', meaning: 'TCP flags seen, or-ed' },
  tos: { kind: 'u8', parquet: 'tos', field: 'tos', meaning: 'type of service / traffic class' },
  bytes: { kind: 'count', parquet: 'bytes', field: 'bytes', meaning: 'octets, as exported, not scaled by sampling' },
  packets: {
    kind: 'count',
    parquet: 'packets',
    field: 'packets',
    meaning: 'packets, as exported, not scaled by sampling',
  },
  sampling: {
    kind: 'u32',
    parquet: 'sampling',
    field: 'sampling',
    absent: 1,
    meaning: '1 in N packets was looked at; absent = 1',
  },
  inIf: { kind: 'u32', parquet: 'in_if', field: 'in.if', meaning: 'input interface (SNMP index)' },
  outIf: { kind: 'u32', parquet: 'out_if', field: 'out.if', meaning: 'output interface (SNMP index)' },
  vlan: { kind: 'u16', parquet: 'vlan', field: 'vlan', meaning: 'VLAN id' },
  srcMac: { kind: 'mac', parquet: 'src_mac', field: 'src.mac', meaning: 'source MAC' },
  dstMac: { kind: 'mac', parquet: 'dst_mac', field: 'dst.mac', meaning: 'destination MAC' },
  exporter: {
    kind: 'index',
    parquet: 'exporter',
    field: 'exporter',
    dictionary: 'exporter',
    meaning: 'what sent the record',
  },
  direction: {
    kind: 'u8',
    parquet: 'direction',
    field: 'direction',
    absent: 255,
    meaning: 'IE 61: 0 ingress, 1 egress, 255 not told',
  },
  endReason: {
    kind: 'u8',
    parquet: 'end_reason',
    field: 'end.reason',
    meaning: 'IE 136: 1 idle, 2 active timeout, 3 end, 4 forced, 5 resources',
  },
  natSrcIp: {
    kind: 'address',
    parquet: 'nat_src_ip',
    field: 'nat.src.ip',
    meaning: 'source address after translation',
  },
  natDstIp: {
    kind: 'address',
    parquet: 'nat_dst_ip',
    field: 'nat.dst.ip',
    meaning: 'destination address after translation',
  },
  natSrcPort: { kind: 'u16', parquet: 'nat_src_port', field: 'nat.src.port', meaning: 'source port after translation' },
  natDstPort: {
    kind: 'u16',
    parquet: 'nat_dst_port',
    field: 'nat.dst.port',
    meaning: 'destination port after translation',
  },
  denat: {
    kind: 'u8',
    parquet: 'denat',
    field: 'nat',
    meaning: "inside host put back by: 0 nothing, 1 the exporter's own fields, 2 a remembered pair, 3 a guess",
  },
  srcAs: { kind: 'u32', parquet: 'src_as', field: 'src.as', meaning: 'source AS number' },
  dstAs: { kind: 'u32', parquet: 'dst_as', field: 'dst.as', meaning: 'destination AS number' },
  revBytes: {
    kind: 'count',
    parquet: 'rev_bytes',
    field: 'rev.bytes',
    meaning: 'octets of the reverse direction (biflow)',
  },
  revPackets: {
    kind: 'count',
    parquet: 'rev_packets',
    field: 'rev.packets',
    meaning: 'packets of the reverse direction (biflow)',
  },
  srcNet: { kind: 'index', parquet: 'src_net', field: 'src.net', dictionary: 'net', meaning: 'network of the source' },
  dstNet: {
    kind: 'index',
    parquet: 'dst_net',
    field: 'dst.net',
    dictionary: 'net',
    meaning: 'network of the destination',
  },
  srcName: {
    kind: 'index',
    parquet: 'src_name',
    field: 'src.name',
    dictionary: 'name',
    meaning: 'DNS name of the source',
  },
  dstName: {
    kind: 'index',
    parquet: 'dst_name',
    field: 'dst.name',
    dictionary: 'name',
    meaning: 'DNS name of the destination',
  },
  srcNameHow: {
    kind: 'u8',
    parquet: 'src_name_how',
    field: 'src.name.how',
    meaning: "0 none, 1 this client's own query, 2 another client's, 3 hosts/DHCP",
  },
  dstNameHow: {
    kind: 'u8',
    parquet: 'dst_name_how',
    field: 'dst.name.how',
    meaning: "0 none, 1 this client's own query, 2 another client's, 3 hosts/DHCP",
  },
  srcOrg: {
    kind: 'index',
    parquet: 'src_org',
    field: 'src.org',
    dictionary: 'org',
    meaning: 'holder of the source address',
  },
  dstOrg: {
    kind: 'index',
    parquet: 'dst_org',
    field: 'dst.org',
    dictionary: 'org',
    meaning: 'holder of the destination address',
  },
  srcAsset: {
    kind: 'index',
    parquet: 'src_asset',
    field: 'src.asset',
    dictionary: 'asset',
    meaning: 'name of the source asset',
  },
  dstAsset: {
    kind: 'index',
    parquet: 'dst_asset',
    field: 'dst.asset',
    dictionary: 'asset',
    meaning: 'name of the destination asset',
  },
  service: {
    kind: 'index',
    parquet: 'service',
    field: 'service',
    dictionary: 'service',
    meaning: 'service by protocol and port',
  },
  serviceSide: {
    kind: 'u8',
    parquet: 'service_side',
    field: 'service.side',
    meaning: 'which side serves: 0 unknown, 1 source, 2 destination',
  },
  rule: { kind: 'index', parquet: 'rule', field: 'rule', dictionary: 'rule', meaning: 'first rule that matched' },
} as const satisfies Record<string, ColumnSpec>

export type ColumnName = keyof typeof COLUMNS
export type ColumnsOf<K extends ColumnKind> = {
  [N in ColumnName]: (typeof COLUMNS)[N]['kind'] extends K ? N : never
}[ColumnName]
export type TimeColumn = ColumnsOf<'time'>
export type AddressColumn = ColumnsOf<'address'>
export type MacColumn = ColumnsOf<'mac'>
export type IndexColumn = ColumnsOf<'index'>
/** Columns whose values are plain numbers. */
export type NumberColumn = ColumnsOf<'u8' | 'u16' | 'u32' | 'count'>

export const COLUMN_NAMES = Object.keys(COLUMNS) as readonly ColumnName[]

/** The row of the table for a column, with the optional members. */
export function columnSpec(name: ColumnName): ColumnSpec {
  return COLUMNS[name]
}
