// Which fields of a record become which values of a flow, and what wins when several could.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Flow } from '@netbehave/schema'
import { decodingBench } from './testing/decoding.ts'
import {
  encodeData,
  encodeFixed,
  encodeIpfix,
  encodeNetflow9,
  encodeTemplates,
  type FieldSpec,
  type FieldValue,
  fieldSpecs,
} from './testing/encode.ts'

type Row = readonly [...FieldSpec, FieldValue]

/** One record of the given fields: `[element, length, value]` or `[element, length, enterprise, value]`. */
function flowOf(version: 9 | 10, ...fields: (readonly [number, number, FieldValue] | Row)[]): Flow {
  const specs = fields.map(
    (field): FieldSpec => (field.length === 4 ? [field[0], field[1], field[2] as number] : [field[0], field[1]]),
  )
  const spec = { id: 256, fields: specs }
  const sets = [encodeTemplates(version, [spec]), encodeData(spec, [fields.map((field) => field.at(-1) as FieldValue)])]
  const { flows, problems } = decodingBench().decode(version === 9 ? encodeNetflow9(sets) : encodeIpfix(sets))
  assert.deepEqual(problems, {})
  assert.equal(flows.length, 1)
  return flows[0]!
}

const protocolTcp = [4, 1, 6] as const
const protocolIcmp = [4, 1, 1] as const

/** Each line: what is sent, and what must be in the flow. */
// biome-ignore format: one case a line
const CASES: readonly [
  name: string,
  fields: (readonly [number, number, FieldValue] | Row)[],
  expected: Partial<Flow>,
][] = [
  ['IPv4 addresses and ports', [[8, 4, '10.0.0.1'], [12, 4, '192.0.2.1'], [7, 2, 40_000], [11, 2, 443]], { srcIp: '10.0.0.1', dstIp: '192.0.2.1', srcPort: 40_000, dstPort: 443 }],
  ['IPv6 addresses', [[27, 16, '2001:db8::1'], [28, 16, 'fe80::2']], { srcIp: '2001:db8::1', dstIp: 'fe80::2' }],
  ['both families: IPv4 told', [[27, 16, '::'], [28, 16, '::'], [8, 4, '10.0.0.1'], [12, 4, '10.0.0.2']], { srcIp: '10.0.0.1', dstIp: '10.0.0.2' }],
  ['both families: IPv6 told', [[8, 4, '0.0.0.0'], [12, 4, '0.0.0.0'], [27, 16, '2001:db8::1'], [28, 16, '2001:db8::2']], { srcIp: '2001:db8::1', dstIp: '2001:db8::2' }],
  ['NAT', [[225, 4, '198.51.100.1'], [226, 4, '192.0.2.80'], [227, 2, 1024], [228, 2, 8080]], { natSrcIp: '198.51.100.1', natDstIp: '192.0.2.80', natSrcPort: 1024, natDstPort: 8080 }],
  ['NAT of IPv6', [[281, 16, '2001:db8::1'], [282, 16, '2001:db8::2']], { natSrcIp: '2001:db8::1', natDstIp: '2001:db8::2' }],
  ['ports by protocol', [[182, 2, 1], [183, 2, 2]], { srcPort: 1, dstPort: 2 }],
  ['UDP ports', [[180, 2, 3], [181, 2, 4]], { srcPort: 3, dstPort: 4 }],
  ['delta before total', [[85, 8, 9_999], [1, 8, 10], [86, 8, 999], [2, 8, 1]], { bytes: 10, packets: 1 }],
  ['a delta of zero is a value', [[85, 8, 9_999], [1, 8, 0], [86, 8, 999], [2, 8, 0]], { bytes: 0, packets: 0 }],
  ['totals alone', [[85, 8, 9_999], [86, 8, 999]], { bytes: 9_999, packets: 999 }],
  ['out counters alone', [[23, 4, 77], [24, 4, 7]], { bytes: 77, packets: 7 }],
  ['in before out counters', [[23, 4, 77], [24, 4, 7], [1, 4, 5], [2, 4, 1]], { bytes: 5, packets: 1 }],
  ['an in counter of zero is a value too', [[23, 4, 77], [24, 4, 7], [1, 4, 0], [2, 4, 0]], { bytes: 0, packets: 0 }],
  ['initiator and responder', [[231, 8, 100], [232, 8, 2_000], [298, 8, 3], [299, 8, 4]], { bytes: 100, revBytes: 2_000, packets: 3, revPackets: 4 }],
  ['interfaces', [[10, 4, 17], [14, 2, 18]], { inIf: 17, outIf: 18 }],
  ['physical interfaces where there is no other', [[252, 4, 7], [253, 4, 8]], { inIf: 7, outIf: 8 }],
  ['VLAN', [[58, 2, 100], [59, 2, 200]], { vlan: 100 }],
  ['VLAN of 802.1Q', [[243, 2, 300]], { vlan: 300 }],
  ['VLAN on the way out', [[58, 2, 0], [59, 2, 200]], { vlan: 200 }],
  ['MACs', [[56, 6, '02:00:5e:00:00:01'], [80, 6, '02:00:5e:00:00:02']], { srcMac: '02:00:5e:00:00:01', dstMac: '02:00:5e:00:00:02' }],
  ['MACs on the way out', [[81, 6, '02:00:5e:00:00:03'], [57, 6, '02:00:5e:00:00:04']], { srcMac: '02:00:5e:00:00:03', dstMac: '02:00:5e:00:00:04' }],
  ['AS numbers of 4 bytes', [[16, 4, 4_200_000_001], [17, 4, 65_002]], { srcAs: 4_200_000_001, dstAs: 65_002 }],
  ['AS numbers of 2 bytes', [[16, 2, 65_001], [17, 2, 65_002]], { srcAs: 65_001, dstAs: 65_002 }],
  ['adjacent AS numbers where there is no other', [[129, 4, 65_001], [128, 4, 65_002]], { srcAs: 65_001, dstAs: 65_002 }],
  ['TCP flags of 1 byte', [protocolTcp, [6, 1, 0x1b]], { tcpFlags: 0x1b }],
  ['TCP flags of 2 bytes: the low 8 bits', [protocolTcp, [6, 2, 0x0112]], { tcpFlags: 0x12 }],
  ['traffic class', [[5, 1, 184]], { tos: 184 }],
  ['DSCP where there is no traffic class', [[195, 1, 46]], { tos: 184 }],
  ['traffic class before DSCP', [[195, 1, 46], [5, 1, 185]], { tos: 185 }],
  ['direction and end', [[61, 1, 1], [136, 1, 3]], { direction: 1, endReason: 3 }],
  ['direction ingress is told too', [[61, 1, 0]], { direction: 0 }],
  ['ICMP type and code in one', [protocolIcmp, [32, 2, 0x0800]], { dstPort: 2048 }],
  ['ICMPv6 type and code in one', [[4, 1, 58], [139, 2, 0x8600]], { dstPort: 34_304 }],
  ['ICMP type and code in two', [protocolIcmp, [177, 1, 3], [176, 1, 3]], { dstPort: 771 }],
  ['ICMPv6 type and code in two', [[4, 1, 58], [178, 1, 128], [179, 1, 0]], { dstPort: 32_768 }],
  ['ICMP type without a code', [protocolIcmp, [176, 1, 8]], { dstPort: 2048 }],
  ['ICMP in the port by the exporter', [protocolIcmp, [11, 2, 2048], [32, 2, 0]], { dstPort: 2048 }],
  ['ICMP with an empty port', [protocolIcmp, [7, 2, 0], [11, 2, 0], [32, 2, 0x0301]], { dstPort: 769 }],
  ['no ICMP in TCP flows', [protocolTcp, [11, 2, 0], [32, 2, 0x0301]], { dstPort: 0 }],
  ['next hops are no addresses', [[15, 4, '10.9.9.9'], [18, 4, '10.9.9.8'], [62, 16, '2001:db8::9']], { srcIp: '0.0.0.0', dstIp: '0.0.0.0' }],
  ['wireless client', [[365, 6, '02:00:5e:00:00:07'], [366, 4, '10.0.0.7'], [1, 8, 5]], { srcMac: '02:00:5e:00:00:07', srcIp: '10.0.0.7', bytes: 5 }],
]

for (const [name, fields, expected] of CASES) {
  test(`${name}: the same in NetFlow 9 and IPFIX`, () => {
    for (const version of [9, 10] as const) {
      const flow = flowOf(version, ...fields)
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, flow[key as keyof Flow]])), expected)
    }
  })
}

test('reverse elements of RFC 5103 are the other direction, never the flow itself', () => {
  const flow = flowOf(10, [1, 8, 29305, 700], [2, 8, 29305, 7], [8, 4, 29305, '10.0.0.9'], [1, 8, 100], [2, 8, 1])
  assert.deepEqual([flow.bytes, flow.packets, flow.revBytes, flow.revPackets, flow.srcIp], [100, 1, 700, 7, '0.0.0.0'])
})

test('elements of other enterprises are not IANA’s of the same number', () => {
  assert.equal(flowOf(10, [8, 4, 5951, '10.0.0.9'], [1, 8, 5]).srcIp, '0.0.0.0')
})

test('NAT and firewall events are rows as they are, with their NAT fields', () => {
  const event = flowOf(
    10,
    [230, 1, 1],
    [233, 1, 1],
    [323, 8, Date.UTC(2026, 0, 6, 11, 59)],
    [8, 4, '10.0.0.1'],
    [225, 4, '198.51.100.1'],
    [7, 2, 5_000],
    [227, 2, 6_000],
    [12, 4, '192.0.2.1'],
    [11, 2, 443],
    protocolTcp,
  )
  assert.deepEqual(
    [event.srcIp, event.srcPort, event.natSrcIp, event.natSrcPort, event.dstIp, event.dstPort, event.bytes],
    ['10.0.0.1', 5_000, '198.51.100.1', 6_000, '192.0.2.1', 443, 0],
  )
  assert.deepEqual([event.firstMs, event.lastMs], [Date.UTC(2026, 0, 6, 11, 59), Date.UTC(2026, 0, 6, 11, 59)])
})

test('NetFlow 1, 5 and 7 records fill what their layouts hold', () => {
  const record = {
    srcIp: '10.0.0.1',
    dstIp: '192.0.2.1',
    inIf: 3,
    outIf: 4,
    packets: 5,
    bytes: 3_000_000_000,
    firstMs: 3_590_000,
    lastMs: 3_599_500,
    srcPort: 40_000,
    dstPort: 443,
    tcpFlags: 0x1b,
    protocol: 6,
    tos: 8,
    srcAs: 65_001,
    dstAs: 65_002,
  }
  const exportMs = Date.UTC(2026, 0, 6, 12) + 250
  for (const version of [1, 5, 7] as const) {
    const { flows, problems } = decodingBench().decode(
      encodeFixed(version, [record, record], { exportMs, domain: 0x0102 }),
    )
    assert.deepEqual(problems, {})
    const { firstMs, lastMs, srcAs, dstAs, ...same } = flows[1]!
    assert.deepEqual([firstMs, lastMs], [exportMs - 10_000, exportMs - 500])
    assert.deepEqual([srcAs, dstAs], version === 1 ? [undefined, undefined] : [65_001, 65_002])
    const { firstMs: _first, lastMs: _last, srcAs: _src, dstAs: _dst, ...listed } = record
    for (const [name, value] of Object.entries(listed))
      assert.equal(same[name as keyof typeof same], value, `v${version} ${name}`)
    assert.deepEqual(
      [same.exporter, same.exporterDomain, same.exporterVersion],
      ['192.0.2.1', version === 5 ? 0x0102 : 0, version],
    )
  }
})

test('several IPFIX messages in one payload are decoded one after the other', () => {
  const spec = {
    id: 256,
    fields: fieldSpecs('8:4 1:4'),
  }
  const one = encodeIpfix([encodeTemplates(10, [spec]), encodeData(spec, [['10.0.0.1', 1]])], { domain: 1 })
  const two = encodeIpfix([encodeTemplates(10, [spec]), encodeData(spec, [['10.0.0.2', 2]])], { domain: 2 })
  const { flows, problems } = decodingBench().decode(Buffer.concat([one, two, one]))
  assert.deepEqual(problems, {})
  assert.deepEqual(
    flows.map(({ bytes, exporterDomain }) => [bytes, exporterDomain]),
    [
      [1, 1],
      [2, 2],
      [1, 1],
    ],
  )
})
