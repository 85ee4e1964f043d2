// What is odd about each vendor's datagrams, beyond the captures: templates as the vendors document or send them, records made up.
// biome-ignore-all format: a template and a record read best in one line each
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
  type FieldValue,
  fieldSpecs,
  TEST_EXPORT_MS,
  type TemplateSpec,
} from './testing/encode.ts'

/** Template and data in two datagrams, as exporters send them; no problem may be counted. */
function decodeOf(version: 9 | 10, spec: TemplateSpec, records: readonly (readonly FieldValue[])[], padding = 0): Flow[] {
  const bench = decodingBench()
  const encode = version === 9 ? encodeNetflow9 : encodeIpfix
  assert.deepEqual(bench.decode(encode([encodeTemplates(version, [spec])])).problems, {})
  const { flows, problems, optionsRecords } = bench.decode(encode([encodeData(spec, records, padding)]))
  assert.deepEqual(problems, {})
  assert.equal(flows.length + optionsRecords, records.length)
  return flows
}

/** The named members of a flow. */
function members<K extends keyof Flow>(flow: Flow | undefined, ...names: K[]): Pick<Flow, K> {
  return Object.fromEntries(names.map((name) => [name, flow![name]])) as Pick<Flow, K>
}

const ago = (ms: number) => TEST_EXPORT_MS - ms
/** NTP timestamp of an epoch ms. */
const ntp = (ms: number) => (BigInt(Math.floor(ms / 1000) + 2_208_988_800) << 32n) | ((BigInt(ms % 1000) << 32n) / 1000n + 99n)

test('FortiGate 5.4: both counters of a session, application id of 9 bytes, NAT of the source only', () => {
  const spec: TemplateSpec = {
    id: 262,
    fields: fieldSpecs('1:8 23:8 2:4 24:4 22:4 21:4 7:2 11:2 10:2 14:2 4:1 95:9 65:2 89:1 136:1 8:4 12:4 225:4 226:4 227:2 228:2'),
  }
  const record = [748, 748, 6, 6, 3_599_000, 3_599_410, 45_380, 80, 8, 2, 6, 'x', 0x0c4c, 64, 3, '192.168.100.151', '182.50.136.239', '10.0.0.250', '0.0.0.0', 45_380, 0]
  const [flow] = decodeOf(9, spec, [record], 2)
  assert.deepEqual(members(flow, 'bytes', 'packets', 'natSrcIp', 'natSrcPort', 'natDstIp', 'natDstPort', 'endReason', 'revBytes'), {
    bytes: 748,
    packets: 6,
    natSrcIp: '10.0.0.250',
    natSrcPort: 45_380,
    natDstIp: undefined,
    natDstPort: undefined,
    endReason: 3,
    revBytes: undefined,
  })
  assert.equal(flow!.lastMs - flow!.firstMs, 410)
})

test('FortiGate: ICMP templates have no ports but type and code', () => {
  const spec: TemplateSpec = { id: 259, fields: fieldSpecs('1:8 23:8 2:4 24:4 22:4 21:4 10:2 14:2 32:2 4:1 8:4 12:4') }
  const [flow] = decodeOf(9, spec, [[84, 84, 1, 1, 3_599_000, 3_599_000, 1, 2, 0x0800, 1, '10.0.0.1', '192.0.2.1']])
  assert.deepEqual(members(flow, 'srcPort', 'dstPort', 'protocol'), { srcPort: 0, dstPort: 2_048, protocol: 1 })
})

test('Palo Alto: NAT templates of both families, app and user of an enterprise without enterprise number', () => {
  const start = fieldSpecs('1:8 2:4 4:1 5:1 6:1 7:2')
  const end = fieldSpecs('21:4 22:4 32:2 61:1 148:8 233:1')
  const app = fieldSpecs('227:2 228:2 346:4 56701:32 56702:64')
  const v4: TemplateSpec = { id: 261, fields: [...start, ...fieldSpecs('8:4 10:4 11:2 12:4 14:4'), ...end, ...fieldSpecs('225:4 226:4'), ...app] }
  const v6: TemplateSpec = { id: 263, fields: [...start, ...fieldSpecs('27:16 10:4 11:2 28:16 14:4'), ...end, ...fieldSpecs('281:16 282:16'), ...app] }
  const first = [900, 3, 6, 0, 0x1b, 50_000]
  const last = [3_599_900, 3_599_000, 0, 0, 77n, 2]
  const names = [1_024, 443, 25_461, 'ssl', 'someone']
  const [flow4] = decodeOf(9, v4, [[...first, '10.0.0.1', 5, 443, '192.0.2.1', 6, ...last, '198.51.100.1', '192.0.2.1', ...names]])
  assert.deepEqual(members(flow4, 'srcIp', 'dstIp', 'natSrcIp', 'natSrcPort', 'natDstIp', 'natDstPort', 'direction'), {
    srcIp: '10.0.0.1',
    dstIp: '192.0.2.1',
    natSrcIp: '198.51.100.1',
    natSrcPort: 1_024,
    natDstIp: '192.0.2.1',
    natDstPort: 443,
    direction: 0,
  })
  const [flow6] = decodeOf(9, v6, [[...first, '2001:db8::1', 5, 443, '2001:db8:1::1', 6, ...last, '2001:db8:2::1', '2001:db8:1::1', ...names]])
  assert.deepEqual(members(flow6, 'srcIp', 'natSrcIp', 'natDstIp'), { srcIp: '2001:db8::1', natSrcIp: '2001:db8:2::1', natDstIp: '2001:db8:1::1' })
})

test('Cisco NBAR: application names are options with long texts; the flow has ports by protocol beside the ports', () => {
  const names: TemplateSpec = { id: 260, scopes: fieldSpecs('1:4'), fields: fieldSpecs('95:4 96:24 94:55') }
  assert.deepEqual(decodeOf(9, names, [[168_755_571, 0x0100000d, 'argus', 'ARGUS'], [168_755_571, 0x05000026, 'snmp', 'SNMP']]), [])
  const flows: TemplateSpec = {
    id: 262,
    fields: fieldSpecs('8:4 12:4 44:4 15:4 16:2 17:2 7:2 11:2 182:2 181:2 10:4 14:4 1:4 2:4 22:4 21:4 95:4 56:6 80:6 4:1 5:1 61:1 48:1 195:1 54:2'),
  }
  const record = ['10.10.172.60', '10.30.19.180', '0.0.0.0', '0.0.0.0', 0, 0, 45_269, 161, 0, 161, 1, 0, 2_794, 36, 3_598_000, 3_599_000, 0x05000026, '00:18:19:9e:6c:01', '1c:df:0f:7e:c3:58', 17, 0, 0, 0, 0, 0]
  const [flow] = decodeOf(9, flows, [record], 3)
  assert.deepEqual(members(flow, 'srcPort', 'dstPort', 'srcMac', 'dstMac', 'sampling', 'bytes'), {
    srcPort: 45_269,
    dstPort: 161,
    srcMac: '00:18:19:9e:6c:01',
    dstMac: '1c:df:0f:7e:c3:58',
    sampling: 1,
    bytes: 2_794,
  })
})

test('Cisco WLC: a client by MAC and address, no ports, no peer, DSCP', () => {
  const spec: TemplateSpec = { id: 261, fields: fieldSpecs('365:6 366:4 147:33 95:4 61:1 1:8 2:8 195:1 367:6') }
  const [flow] = decodeOf(9, spec, [['02:00:5e:00:00:07', '10.0.0.7', 'guest', 0x0d000001, 1, 5_000, 12, 46, '02:00:5e:00:00:99']], 1)
  assert.deepEqual(members(flow, 'srcIp', 'dstIp', 'srcMac', 'srcPort', 'dstPort', 'bytes', 'packets', 'tos', 'direction'), {
    srcIp: '10.0.0.7',
    dstIp: '0.0.0.0',
    srcMac: '02:00:5e:00:00:07',
    srcPort: 0,
    dstPort: 0,
    bytes: 5_000,
    packets: 12,
    tos: 184,
    direction: 1,
  })
})

test('Cisco ASA 9 (NSEL): initiator and responder, event time, user names, ICMP identifiers in the ports', () => {
  const spec: TemplateSpec = {
    id: 263,
    fields: fieldSpecs('148:4 8:4 7:2 10:2 12:4 11:2 14:2 4:1 176:1 177:1 225:4 226:4 227:2 228:2 233:1 33002:2 323:8 231:4 232:4 152:8 33000:12 33001:12 40000:65'),
  }
  const record = (protocol: number, srcPort: number, dstPort: number, type: number) => [
    742_820_223, '192.168.0.1', srcPort, 3, '192.0.2.18', dstPort, 4, protocol, type, 0, '198.51.100.1', '192.0.2.18', 30_000, dstPort, 2, 2_030, ago(100), 69, 14_178, ago(5_100), '', '', 'someone',
  ]
  const [tcp, ping] = decodeOf(9, spec, [record(6, 56_651, 80, 0), record(1, 17_549, 0, 8)])
  assert.deepEqual(members(tcp, 'bytes', 'revBytes', 'natSrcIp', 'natSrcPort', 'firstMs', 'lastMs'), {
    bytes: 69,
    revBytes: 14_178,
    natSrcIp: '198.51.100.1',
    natSrcPort: 30_000,
    firstMs: ago(5_100),
    lastMs: ago(100),
  })
  assert.deepEqual(members(ping, 'srcPort', 'dstPort'), { srcPort: 17_549, dstPort: 0 }, 'the exporter’s own reading of the ports')
})

test('Citrix NetScaler: many templates, enterprise fields, padding fields, long cookies, NTP microseconds', () => {
  const common = fieldSpecs('138:4 144:4 148:8 5951/129:4 5951/128:4 60:1 4:1 210:2 8:4 12:4 7:2 11:2 2:8 1:8 6:1 5951/130:8 154:8 155:8 10:4 14:4 5951/151:4')
  const http: TemplateSpec = { id: 258, fields: [...common, ...fieldSpecs('5951/140:v 5951/141:v 5951/330:2')] }
  const tcp: TemplateSpec = { id: 257, fields: [...common, ...fieldSpecs('5951/132:4')] }
  const values = [167_954_698, 3, 14_460_661, 1_068_114_985, 14_460_661, 4, 6, 0, '192.168.0.1', '10.0.0.1', 51_053, 443, 2, 1_541, 24, 84_025_344, ntp(ago(400)), ntp(ago(150)), 8, 2_147_483_651, 240_189_440]
  const bench = decodingBench()
  bench.decode(encodeIpfix([encodeTemplates(10, [http, tcp])]))
  const { flows, problems } = bench.decode(
    encodeIpfix([encodeData(http, [[...values, 'GET', 'c'.repeat(700), 0], [...values, '', '', 0]]), encodeData(tcp, [[...values, 83]])]),
  )
  assert.deepEqual(problems, {})
  assert.equal(flows.length, 3)
  for (const flow of flows) {
    assert.deepEqual(members(flow, 'srcIp', 'dstIp', 'dstPort', 'bytes', 'packets', 'tcpFlags', 'outIf', 'firstMs', 'lastMs'), {
      srcIp: '192.168.0.1',
      dstIp: '10.0.0.1',
      dstPort: 443,
      bytes: 1_541,
      packets: 2,
      tcpFlags: 24,
      outIf: 2_147_483_651,
      firstMs: ago(400),
      lastMs: ago(150),
    })
  }
})

test('VMware distributed switch: outer addresses, tenant fields only where there is nothing else', () => {
  const plain = fieldSpecs('1:8 2:8 152:8 153:8 7:2 11:2 10:4 14:4 4:1 136:1 6:1 5:1 53:1 61:1 351:8 6876/888:1 6876/889:1 6876/890:1')
  const tenant = fieldSpecs('6876/880:1 6876/881:4 6876/882:4 6876/886:2 6876/887:2')
  const values = [100, 2, ago(3_000), ago(1_000), 61_209, 8_472, 3, 11, 17, 1, 2, 0, 128, 1, 5_000, 2, 0, 1]
  const vxlan: TemplateSpec = { id: 266, fields: [...fieldSpecs('8:4 12:4'), ...plain, ...tenant] }
  const [outer] = decodeOf(10, vxlan, [['172.18.65.21', '172.18.65.211', ...values, 6, '10.1.1.1', '10.1.1.2', 40_000, 443]])
  assert.deepEqual(members(outer, 'srcIp', 'dstIp', 'dstPort', 'protocol'), { srcIp: '172.18.65.21', dstIp: '172.18.65.211', dstPort: 8_472, protocol: 17 })
  assert.equal(outer!.lastMs - outer!.firstMs, 2_000)
  const inner: TemplateSpec = { id: 268, fields: [...fieldSpecs('1:8'), ...tenant] }
  const [only] = decodeOf(10, inner, [[5, 6, '10.1.1.1', '10.1.1.2', 40_000, 443]])
  assert.deepEqual(members(only, 'srcIp', 'dstIp', 'srcPort', 'dstPort', 'protocol'), { srcIp: '10.1.1.1', dstIp: '10.1.1.2', srcPort: 40_000, dstPort: 443, protocol: 6 })
})

test('Nokia BRAS: a NAT log with a subscriber of variable length and no counters', () => {
  const spec: TemplateSpec = { id: 256, fields: fieldSpecs('637/91:2 637/92:2 8:4 12:4 7:2 11:2 4:1 152:8 148:8 637/93:v') }
  const [flow] = decodeOf(10, spec, [[100, 0, '10.0.1.228', '10.0.0.34', 5_878, 80, 6, ago(10), 3_389_049_088, 'USER1@10.10.0.123']])
  assert.deepEqual(members(flow, 'srcIp', 'dstIp', 'srcPort', 'dstPort', 'bytes', 'firstMs', 'lastMs'), {
    srcIp: '10.0.1.228',
    dstIp: '10.0.0.34',
    srcPort: 5_878,
    dstPort: 80,
    bytes: 0,
    firstMs: ago(10),
    lastMs: ago(10),
  })
})

test('carrier-grade NAT events (Nokia, A10, Juniper): creation and deletion are rows with both sides', () => {
  const spec: TemplateSpec = { id: 300, fields: fieldSpecs('230:1 323:8 4:1 8:4 7:2 225:4 227:2 12:4 11:2 226:4 228:2 234:4 361:2 362:2') }
  const event = (kind: number) => [kind, ago(20), 6, '100.64.0.9', 40_000, '198.51.100.7', 2_000, '192.0.2.1', 443, '192.0.2.1', 443, 1, 2_000, 2_063]
  const flows = decodeOf(10, spec, [event(1), event(2)])
  for (const flow of flows) {
    assert.deepEqual(members(flow, 'srcIp', 'srcPort', 'natSrcIp', 'natSrcPort', 'natDstIp', 'natDstPort', 'lastMs'), {
      srcIp: '100.64.0.9',
      srcPort: 40_000,
      natSrcIp: '198.51.100.7',
      natSrcPort: 2_000,
      natDstIp: '192.0.2.1',
      natDstPort: 443,
      lastMs: ago(20),
    })
  }
})

test('Huawei NetStream: 25 fields with padding as a field, reduced interfaces, 64-bit counters', () => {
  const fields = (counter: number) => fieldSpecs(`8:4 12:4 15:4 2:${counter} 1:${counter} 22:4 21:4 18:4 10:2 14:2 7:2 11:2 16:2 17:2 58:2 59:2 232:2 6:1 4:1 5:1 9:1 13:1 61:1 89:1 210:3`)
  const values = ['10.108.219.53', '10.111.112.204', '10.108.252.41', 4, 200, 3_271_940, 3_599_000, '0.0.0.0', 8, 31, 45_587, 2_598, 0, 0, 0, 0, 0, 0x18, 6, 0, 24, 25, 1, 0, 0]
  for (const counter of [4, 8]) {
    const [flow] = decodeOf(9, { id: 1_315, fields: fields(counter) }, [values])
    assert.deepEqual(members(flow, 'bytes', 'packets', 'inIf', 'outIf', 'tcpFlags', 'direction', 'srcPort', 'dstPort'), {
      bytes: 200,
      packets: 4,
      inIf: 8,
      outIf: 31,
      tcpFlags: 24,
      direction: 1,
      srcPort: 45_587,
      dstPort: 2_598,
    })
  }
})

test('H3C NetStream: a sampling rate of its own in each record, where it says one', () => {
  const spec: TemplateSpec = { id: 3_281, fields: fieldSpecs('2:8 1:8 22:4 21:4 8:4 12:4 7:2 11:2 4:1 43:2 35:1 0:1 34:4 93:4 92:4') }
  const values = (rate: number) => [3, 300, 3_590_000, 3_599_000, '10.0.0.1', '192.0.2.1', 1, 2, 17, 0, 0, 0, rate, 0, 0xffff_ffff]
  assert.deepEqual(decodeOf(9, spec, [values(0), values(1_000)]).map(({ sampling }) => sampling), [1, 1_000])
})

test('OpenBSD pflow: NetFlow 5, and IPFIX with milliseconds of 8 bytes for both families', () => {
  const v5 = decodingBench().decode(encodeFixed(5, [{ srcIp: '192.168.0.1', dstIp: '192.168.0.17', bytes: 6_425, packets: 8, srcPort: 80, dstPort: 64_026, protocol: 6 }]))
  assert.equal(v5.flows[0]!.bytes, 6_425)
  const rest = fieldSpecs('10:4 14:4 2:8 1:8 152:8 153:8 7:2 11:2 5:1 4:1')
  const values = [1, 1, 8, 6_425, ago(38_000), ago(36_000), 80, 64_026, 0, 6]
  const expected = { bytes: 6_425, packets: 8, firstMs: ago(38_000), lastMs: ago(36_000), dstPort: 64_026 }
  const [v4] = decodeOf(10, { id: 256, fields: [...fieldSpecs('8:4 12:4'), ...rest] }, [['192.168.0.1', '192.168.0.17', ...values]])
  assert.deepEqual(members(v4, 'srcIp', 'bytes', 'packets', 'firstMs', 'lastMs', 'dstPort'), { srcIp: '192.168.0.1', ...expected })
  const [v6] = decodeOf(10, { id: 257, fields: [...fieldSpecs('27:16 28:16'), ...rest] }, [['2001:db8::1', '2001:db8::2', ...values]])
  assert.deepEqual(members(v6, 'srcIp', 'bytes', 'packets', 'firstMs', 'lastMs', 'dstPort'), { srcIp: '2001:db8::1', ...expected })
})

test('YAF: biflow by reverse elements, lists of variable length that are skipped', () => {
  const spec: TemplateSpec = {
    id: 45_841,
    fields: fieldSpecs('152:8 153:8 1:8 29305/1:8 2:8 29305/2:8 8:4 12:4 7:2 11:2 58:2 4:1 136:1 6871/14:1 6871/21:4 293:v'),
  }
  const [flow] = decodeOf(10, spec, [[ago(900), ago(100), 500, 9_000, 5, 9, '10.0.0.1', '192.0.2.1', 40_000, 443, 0, 6, 3, 0, 30, Buffer.alloc(300, 7)]])
  assert.deepEqual(members(flow, 'bytes', 'revBytes', 'packets', 'revPackets', 'endReason'), { bytes: 500, revBytes: 9_000, packets: 5, revPackets: 9, endReason: 3 })
})

test('Cisco ASR 1000: absolute milliseconds in NetFlow 9', () => {
  const spec: TemplateSpec = { id: 259, fields: fieldSpecs('8:4 12:4 5:1 4:1 7:2 11:2 10:4 95:4 15:4 14:4 61:1 1:4 2:4 152:8 153:8') }
  const [flow] = decodeOf(9, spec, [['10.111.111.242', '10.12.100.13', 0, 6, 52_435, 56_290, 4, 0x0d00051e, '10.10.5.100', 16, 1, 965, 7, ago(500), ago(250)]], 1)
  assert.deepEqual(members(flow, 'firstMs', 'lastMs', 'inIf', 'outIf'), { firstMs: ago(500), lastMs: ago(250), inIf: 4, outIf: 16 })
})
