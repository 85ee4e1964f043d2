// The information elements that have a place in a flow: IANA "IPFIX Information Elements" (NetFlow 9 field types are its
// first 127), RFC 5103's reverse elements, Cisco's ASA types above 32768 (NetFlow 9 only), VMware's tenant fields.
// Everything else is skipped by its length. Adding a column: add the elements that fill it here.
import type { ColumnName } from '@netbehave/schema'

/**
 * How the bytes become the column's value:
 * - `uint` unsigned integer of 1–8 bytes · `dscp` six bits, shifted to their place in the traffic class
 * - `v4` `v6` `mac` addresses of exactly 4, 16, 6 bytes
 * - `uptime` ms since the exporter's start · `seconds` `ms` `ntp` since an epoch · `delta-us` µs before the export
 * - `duration-ms` `duration-us` length of the flow, for where only one end is told
 * - `init` the exporter's start, epoch ms
 * - `icmp` type × 256 + code · `icmp-type` `icmp-code` the same in two fields
 * - `rate` 1 in N · `selected`/`space` `size`/`population` the same in two fields · `sampler` id of a sampler or selector
 */
export type ElementKind =
  | 'uint'
  | 'dscp'
  | 'v4'
  | 'v6'
  | 'mac'
  | 'uptime'
  | 'seconds'
  | 'ms'
  | 'ntp'
  | 'delta-us'
  | 'duration-ms'
  | 'duration-us'
  | 'init'
  | 'icmp'
  | 'icmp-type'
  | 'icmp-code'
  | 'rate'
  | 'selected'
  | 'space'
  | 'size'
  | 'population'
  | 'sampler'

export interface Element {
  readonly column: ColumnName
  readonly kind: ElementKind
  /** Among the elements of a template that fill one column the lowest rank is taken. */
  readonly rank: number
  /** Taken too, beside one of lower rank, for records in which that one was zero. */
  readonly whereEmpty: boolean
}

type Row = readonly [id: number, column: ColumnName, kind: ElementKind, rank?: number, mode?: 'where-empty']

/** IANA (enterprise number 0). */
const IANA: readonly Row[] = [
  // counters: delta before total; initiator (ASA, NBAR) and post (v9 OUT_BYTES) where no plain counter is there
  [1, 'bytes', 'uint'], // octetDeltaCount
  [231, 'bytes', 'uint', 1], // initiatorOctets
  [23, 'bytes', 'uint', 2], // postOctetDeltaCount
  [85, 'bytes', 'uint', 3], // octetTotalCount
  [171, 'bytes', 'uint', 4], // postOctetTotalCount
  [352, 'bytes', 'uint', 5], // layer2OctetDeltaCount
  [353, 'bytes', 'uint', 6], // layer2OctetTotalCount
  [2, 'packets', 'uint'], // packetDeltaCount
  [298, 'packets', 'uint', 1], // initiatorPackets
  [24, 'packets', 'uint', 2], // postPacketDeltaCount
  [86, 'packets', 'uint', 3], // packetTotalCount
  [172, 'packets', 'uint', 4], // postPacketTotalCount
  [232, 'revBytes', 'uint', 1], // responderOctets
  [299, 'revPackets', 'uint', 1], // responderPackets
  // addresses: of two families in one template the one that is not zero
  [8, 'srcIp', 'v4'], // sourceIPv4Address
  [27, 'srcIp', 'v6', 1, 'where-empty'], // sourceIPv6Address
  [366, 'srcIp', 'v4', 2, 'where-empty'], // staIPv4Address (wireless controllers)
  [12, 'dstIp', 'v4'], // destinationIPv4Address
  [28, 'dstIp', 'v6', 1, 'where-empty'], // destinationIPv6Address
  [225, 'natSrcIp', 'v4'], // postNATSourceIPv4Address
  [281, 'natSrcIp', 'v6', 1, 'where-empty'], // postNATSourceIPv6Address
  [226, 'natDstIp', 'v4'], // postNATDestinationIPv4Address
  [282, 'natDstIp', 'v6', 1, 'where-empty'], // postNATDestinationIPv6Address
  // ports, protocol
  [7, 'srcPort', 'uint'], // sourceTransportPort
  [182, 'srcPort', 'uint', 1, 'where-empty'], // tcpSourcePort
  [180, 'srcPort', 'uint', 2, 'where-empty'], // udpSourcePort
  [11, 'dstPort', 'uint'], // destinationTransportPort
  [183, 'dstPort', 'uint', 1, 'where-empty'], // tcpDestinationPort
  [181, 'dstPort', 'uint', 2, 'where-empty'], // udpDestinationPort
  [227, 'natSrcPort', 'uint'], // postNAPTSourceTransportPort
  [228, 'natDstPort', 'uint'], // postNAPTDestinationTransportPort
  [32, 'dstPort', 'icmp', 10, 'where-empty'], // icmpTypeCodeIPv4
  [139, 'dstPort', 'icmp', 11, 'where-empty'], // icmpTypeCodeIPv6
  [176, 'dstPort', 'icmp-type', 12, 'where-empty'], // icmpTypeIPv4
  [177, 'dstPort', 'icmp-code', 12, 'where-empty'], // icmpCodeIPv4
  [178, 'dstPort', 'icmp-type', 13, 'where-empty'], // icmpTypeIPv6
  [179, 'dstPort', 'icmp-code', 13, 'where-empty'], // icmpCodeIPv6
  [4, 'protocol', 'uint'], // protocolIdentifier
  [193, 'protocol', 'uint', 1, 'where-empty'], // nextHeaderIPv6
  [5, 'tos', 'uint'], // ipClassOfService
  [195, 'tos', 'dscp', 1], // ipDiffServCodePoint
  [55, 'tos', 'uint', 2], // postIpClassOfService
  [98, 'tos', 'dscp', 3], // postIpDiffServCodePoint
  [6, 'tcpFlags', 'uint'], // tcpControlBits, 1 or 2 bytes: the low 8 bits
  // where it passed
  [10, 'inIf', 'uint'], // ingressInterface
  [252, 'inIf', 'uint', 1, 'where-empty'], // ingressPhysicalInterface
  [14, 'outIf', 'uint'], // egressInterface
  [253, 'outIf', 'uint', 1, 'where-empty'], // egressPhysicalInterface
  [58, 'vlan', 'uint'], // vlanId
  [243, 'vlan', 'uint', 1, 'where-empty'], // dot1qVlanId
  [59, 'vlan', 'uint', 2, 'where-empty'], // postVlanId
  [254, 'vlan', 'uint', 3, 'where-empty'], // postDot1qVlanId
  [56, 'srcMac', 'mac'], // sourceMacAddress
  [81, 'srcMac', 'mac', 1, 'where-empty'], // postSourceMacAddress
  [365, 'srcMac', 'mac', 2, 'where-empty'], // staMacAddress: the wireless client
  [80, 'dstMac', 'mac'], // destinationMacAddress
  [57, 'dstMac', 'mac', 1, 'where-empty'], // postDestinationMacAddress
  [16, 'srcAs', 'uint'], // bgpSourceAsNumber
  [129, 'srcAs', 'uint', 1], // bgpPrevAdjacentAsNumber
  [17, 'dstAs', 'uint'], // bgpDestinationAsNumber
  [128, 'dstAs', 'uint', 1], // bgpNextAdjacentAsNumber
  [61, 'direction', 'uint'], // flowDirection
  [136, 'endReason', 'uint'], // flowEndReason
  // times: the most exact first; observation times where there is no end
  [152, 'first', 'ms'], // flowStartMilliseconds
  [154, 'first', 'ntp', 1, 'where-empty'], // flowStartMicroseconds
  [156, 'first', 'ntp', 2, 'where-empty'], // flowStartNanoseconds
  [158, 'first', 'delta-us', 3, 'where-empty'], // flowStartDeltaMicroseconds
  [22, 'first', 'uptime', 4, 'where-empty'], // flowStartSysUpTime
  [150, 'first', 'seconds', 5, 'where-empty'], // flowStartSeconds
  [153, 'last', 'ms'], // flowEndMilliseconds
  [155, 'last', 'ntp', 1, 'where-empty'], // flowEndMicroseconds
  [157, 'last', 'ntp', 2, 'where-empty'], // flowEndNanoseconds
  [159, 'last', 'delta-us', 3, 'where-empty'], // flowEndDeltaMicroseconds
  [21, 'last', 'uptime', 4, 'where-empty'], // flowEndSysUpTime
  [151, 'last', 'seconds', 5, 'where-empty'], // flowEndSeconds
  [323, 'last', 'ms', 6, 'where-empty'], // observationTimeMilliseconds
  [324, 'last', 'ntp', 7, 'where-empty'], // observationTimeMicroseconds
  [325, 'last', 'ntp', 8, 'where-empty'], // observationTimeNanoseconds
  [322, 'last', 'seconds', 9, 'where-empty'], // observationTimeSeconds
  [258, 'last', 'ms', 10, 'where-empty'], // collectionTimeMilliseconds
  [161, 'first', 'duration-ms', 20, 'where-empty'], // flowDurationMilliseconds
  [162, 'first', 'duration-us', 21, 'where-empty'], // flowDurationMicroseconds
  [160, 'first', 'init', 30, 'where-empty'], // systemInitTimeMilliseconds
  // sampling
  [34, 'sampling', 'rate'], // samplingInterval
  [50, 'sampling', 'rate', 1, 'where-empty'], // samplerRandomInterval
  [305, 'sampling', 'selected', 2, 'where-empty'], // samplingPacketInterval
  [306, 'sampling', 'space', 2, 'where-empty'], // samplingPacketSpace
  [309, 'sampling', 'size', 3, 'where-empty'], // samplingSize
  [310, 'sampling', 'population', 3, 'where-empty'], // samplingPopulation
  [48, 'sampling', 'sampler', 20, 'where-empty'], // samplerId
  [302, 'sampling', 'sampler', 21, 'where-empty'], // selectorId
]

/** RFC 5103 §6.1: the reverse direction of a biflow. */
const REVERSE: readonly Row[] = [
  [1, 'revBytes', 'uint'],
  [85, 'revBytes', 'uint', 2],
  [2, 'revPackets', 'uint'],
  [86, 'revPackets', 'uint', 2],
]

/** Cisco ASA, before IANA had numbers for them; NetFlow 9 has no enterprise bit. */
const ASA: readonly Row[] = [
  [40001, 'natSrcIp', 'v4', 5], // NF_F_XLATE_SRC_ADDR_IPV4
  [40002, 'natDstIp', 'v4', 5], // NF_F_XLATE_DST_ADDR_IPV4
  [40003, 'natSrcPort', 'uint', 5], // NF_F_XLATE_SRC_PORT
  [40004, 'natDstPort', 'uint', 5], // NF_F_XLATE_DST_PORT
]

/** VMware NSX: the flow inside a tunnel, where the record has no plain address. */
const VMWARE: readonly Row[] = [
  [880, 'protocol', 'uint', 9], // tenantProtocol
  [881, 'srcIp', 'v4', 9], // tenantSourceIPv4
  [882, 'dstIp', 'v4', 9], // tenantDestIPv4
  [883, 'srcIp', 'v6', 10], // tenantSourceIPv6
  [884, 'dstIp', 'v6', 10], // tenantDestIPv6
  [886, 'srcPort', 'uint', 9], // tenantSourcePort
  [887, 'dstPort', 'uint', 9], // tenantDestPort
]

/** Enterprise numbers (IANA "Private Enterprise Numbers") whose elements we read. */
export const REVERSE_PEN = 29305
const VMWARE_PEN = 6876

/**
 * Firewall events say the ICMP identifier in their port fields (seen from ASA 8.4 and 9.x) and the type in fields of their
 * own: in templates with one of these the ports stay as they are.
 */
export const FIREWALL_EVENT_ELEMENTS: ReadonlySet<number> = new Set([40005, 33002])

const elements = new Map<number, Element>()
for (const [pen, rows] of [
  [0, IANA],
  [0, ASA],
  [REVERSE_PEN, REVERSE],
  [VMWARE_PEN, VMWARE],
] as const) {
  for (const [id, column, kind, rank = 0, mode] of rows) {
    elements.set(pen * 65_536 + id, { column, kind, rank, whereEmpty: mode === 'where-empty' })
  }
}

/** What an element fills; undefined for those that have no place in a flow. */
export const elementFor = (pen: number, id: number): Element | undefined => elements.get(pen * 65_536 + id)

/** Elements that options records teach (read-options.ts), enterprise number 0. */
export const IE = {
  interface: 10,
  egressInterface: 14,
  samplingInterval: 34,
  exportedOctets: 40,
  exportedMessages: 41,
  exportedFlows: 42,
  samplerId: 48,
  samplerRandomInterval: 50,
  interfaceName: 82,
  interfaceDescription: 83,
  systemInitMs: 160,
  ignoredPackets: 164,
  notSentFlows: 166,
  notSentPackets: 167,
  notSentOctets: 168,
  selectorId: 302,
  samplingPacketInterval: 305,
  samplingPacketSpace: 306,
  samplingSize: 309,
  samplingPopulation: 310,
} as const
