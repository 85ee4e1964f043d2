// What filters mean, flow by flow; among them each defect of the original that must not come back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FilterError, tryParse } from './index.ts'
import { isMatch, matching } from './testing/matching.ts'

const T = 1_767_700_000_000
const flow = { first: T, last: T }

test('defect of the original: > is not compared as <', () => {
  const flows = [29, 30, 31].map((bytes) => ({ ...flow, bytes }))
  assert.deepEqual(matching('bytes > 30', flows), [2])
  assert.deepEqual(matching('bytes >= 30', flows), [1, 2])
  assert.deepEqual(matching('bytes < 30', flows), [0])
  assert.deepEqual(matching('bytes <= 30', flows), [0, 1])
})

test('defect of the original: != with a wildcard is no positive match', () => {
  const flows = ['www.example.com', 'example.net'].map((dstName) => ({ ...flow, dstName }))
  assert.deepEqual(matching('dst.name = *.example.com', flows), [0])
  assert.deepEqual(matching('dst.name != *.example.com', flows), [1])
  assert.deepEqual(matching('dst/domain!=*.example.com', flows), [1])
})

test('defect of the original: != with a CIDR block is no positive match', () => {
  const flows = ['10.1.2.3', '192.0.2.1', '2001:db8::1'].map((srcIp) => ({ ...flow, srcIp }))
  assert.deepEqual(matching('src.ip = 10.0.0.0/8', flows), [0])
  assert.deepEqual(matching('src.ip != 10.0.0.0/8', flows), [1, 2])
  assert.deepEqual(matching('src.ip != 2001:db8::/32', flows), [0, 1])
})

test('defect of the original: a * in the middle of a value matches', () => {
  const flows = ['a.example.com', 'a.b.example.com', 'example.com', 'xa.example.com'].map((dstName) => ({
    ...flow,
    dstName,
  }))
  assert.deepEqual(matching('dst.name = a*.com', flows), [0, 1])
  assert.deepEqual(matching('dst.name = a*example*', flows), [0, 1])
  const addresses = ['10.0.0.1', '10.9.8.1', '10.9.8.11', '110.0.0.1', '10.0.1.5'].map((srcIp) => ({ ...flow, srcIp }))
  assert.deepEqual(matching('src.ip = 10.*.1', addresses), [0, 1])
  assert.deepEqual(matching('src.ip = 10.*1', addresses), [0, 1, 2])
  assert.deepEqual(matching('src.ip = 10.*.1.*', addresses), [4])
})

test('defect of the original: two or more conditions match, with and without a space after the comma', () => {
  const one = { ...flow, srcIp: '10.0.0.1', dstPort: 443, protocol: 6 }
  for (const filter of [
    'src.ip=10.0.0.1, dst.port=443',
    'src.ip=10.0.0.1,dst.port=443 ,proto=TCP',
    'src.ip=10.0.0.1 dst.port=443',
  ]) {
    assert.ok(isMatch(filter, one), filter)
  }
  assert.ok(!isMatch('src.ip=10.0.0.1, dst.port=80', one))
})

test('defect of the original: an unknown field is an error, not ignored', () => {
  for (const filter of [
    'src/nothing=1',
    'bytes>1, nothing=1',
    'nothing exists',
    'nothing in (1)',
    'bytes > @nothing',
  ]) {
    assert.ok(tryParse(filter) instanceof FilterError, filter)
  }
})

test('a comparison with a missing value is false, also !=; its contrary is true', () => {
  for (const filter of [
    'dst.name != x',
    'dst.name !~ x',
    'dst.name not in (x)',
    'vlan != 5',
    'vlan < 5',
    'direction != in',
    'src.mac != 00:00:00:00:00:01',
    'nat.src.ip != 10.0.0.1',
    'src.net != @dst.net',
    'vlan != @nat.src.port',
    'name != x',
  ]) {
    assert.ok(!isMatch(filter, flow), filter)
    assert.ok(isMatch(`not (${filter})`, flow), `not (${filter})`)
  }
  for (const field of [
    'dst.name',
    'vlan',
    'direction',
    'src.mac',
    'nat.src.ip',
    'nat',
    'exporter',
    'name',
    'service',
  ]) {
    assert.ok(!isMatch(`${field} exists`, flow), field)
    assert.ok(isMatch(`not ${field} exists`, flow), field)
  }
  assert.ok(!isMatch('site exists', flow, ''))
})

test('what every flow has can be 0', () => {
  assert.deepEqual(
    matching('port = 0 and bytes = 0 and tos = 0 and flags = 0 and src.ip = 0.0.0.0 and packets < 1', [flow]),
    [0],
  )
  assert.ok(isMatch('src.ip exists and bytes exists and protocol exists', flow))
})

test('either side: = holds on one side at least, != on neither', () => {
  const flows = [
    { ...flow, srcName: 'x', dstName: 'y' },
    { ...flow, srcName: 'y', dstName: 'z' },
    { ...flow, dstName: 'x' },
    { ...flow, srcName: 'y' },
    flow,
  ]
  assert.deepEqual(matching('name = x', flows), [0, 2])
  assert.deepEqual(matching('name != x', flows), [1, 3])
  assert.deepEqual(matching('not name = x', flows), [1, 3, 4])
  assert.deepEqual(matching('name not in (x, z)', flows), [3])
  assert.deepEqual(matching('name exists', flows), [0, 1, 2, 3])
  const ports = [
    { ...flow, srcPort: 443, dstPort: 5 },
    { ...flow, srcPort: 5, dstPort: 6 },
  ]
  assert.deepEqual(matching('port = https', ports), [0])
  assert.deepEqual(matching('port != 440..450', ports), [1])
  assert.deepEqual(matching('port < 6', ports), [0, 1])
})

test('texts are compared without regard to case, whole unless there is a * or ~', () => {
  const flows = ['GOOGLE', 'Google LLC', 'Ärzte'].map((srcOrg) => ({ ...flow, srcOrg }))
  assert.deepEqual(matching('src.org = google', flows), [0])
  assert.deepEqual(matching('src.org = "google llc"', flows), [1])
  assert.deepEqual(matching('src.org ~ OOG', flows), [0, 1])
  assert.deepEqual(matching('src.org ~ g*l', flows), [0, 1])
  assert.deepEqual(matching('src.org !~ oog', flows), [2])
  assert.deepEqual(matching('src.org = ä*', flows), [2])
  assert.deepEqual(matching('src.org = "*"', flows), [0, 1, 2])
  assert.deepEqual(matching('src.org = "\\*"', flows), [])
})

test('flags: = is exactly these, ~ is at least these', () => {
  const flows = [2, 18, 27, 0].map((tcpFlags) => ({ ...flow, tcpFlags }))
  assert.deepEqual(matching('flags = SYN', flows), [0])
  assert.deepEqual(matching('flags ~ SYN', flows), [0, 1, 2])
  assert.deepEqual(matching('flags ~ SYN+ACK', flows), [1, 2])
  assert.deepEqual(matching('flags !~ SYN', flows), [3])
})

test('IPv6: address, block, range, and IPv4 addresses beside them', () => {
  const flows = ['2001:db8::1', '2001:db8:ffff::', 'fe80::1', '10.0.0.1', '::'].map((srcIp) => ({ ...flow, srcIp }))
  assert.deepEqual(matching('src.ip = 2001:db8::1', flows), [0])
  assert.deepEqual(matching('src.ip = 2001:db8::/32', flows), [0, 1])
  assert.deepEqual(matching('src.ip = ::1..2001:db8::1', flows), [0])
  assert.deepEqual(matching('src.ip = ::/0', flows), [0, 1, 2, 4])
  assert.deepEqual(matching('src.ip = ::ffff:10.0.0.0/104', flows), [3])
  assert.deepEqual(matching('src.ip = 0.0.0.0/0', flows), [3])
  assert.deepEqual(matching('src.ip in (10.*, fe80::/10)', flows), [2, 3])
  assert.deepEqual(matching('ip.version = 6', flows), [0, 1, 2, 4])
})

test('an exporter has a version and a domain, a flow without one has neither', () => {
  const flows = ['192.0.2.1', '2001:db8::9', undefined].map((exporter) => ({ ...flow, ...(exporter && { exporter }) }))
  assert.deepEqual(matching('exporter.version = 9', flows), [0])
  assert.deepEqual(matching('exporterVersion = IPFIX', flows), [1])
  assert.deepEqual(matching('exporter_version != 9', flows), [1])
  assert.deepEqual(matching('exporter.version exists', flows), [0, 1])
  assert.deepEqual(matching('exporter.domain = 3', flows), [1])
  assert.deepEqual(matching('exporter/domain < 3', flows), [0, 2])
  assert.deepEqual(matching('exporter.version = 9', flows.slice(0, 1)), [0], 'one exporter for all')
})

test('two fields of a flow are compared with @', () => {
  const flows = [
    { ...flow, srcNet: 'home', dstNet: 'HOME', srcPort: 5, dstPort: 5, srcIp: '10.0.0.1', natSrcIp: '10.0.0.1' },
    { ...flow, srcNet: 'home', dstNet: 'guest', srcPort: 5, dstPort: 6, srcIp: '10.0.0.1', natSrcIp: '192.0.2.1' },
  ]
  assert.deepEqual(matching('src.net = @dst.net', flows), [0])
  assert.deepEqual(matching('src.net != @dst.net', flows), [1])
  assert.deepEqual(matching('src.port < @dst.port', flows), [1])
  assert.deepEqual(matching('src.ip != @nat.src.ip', flows), [1])
})

test('duration is the time from first to last, in ms or with a unit', () => {
  const flows = [0, 999, 1000, 60_000].map((ms) => ({ first: T, last: T + ms }))
  assert.deepEqual(matching('duration >= 1s', flows), [2, 3])
  assert.deepEqual(matching('duration = 999', flows), [1])
  assert.deepEqual(matching('duration = 1s..1m', flows), [2, 3])
})

test('a bare word is found in names, orgs, assets, service and rule, and is an address where it can be one', () => {
  const flows = [
    { ...flow, dstName: 'www.example.com' },
    { ...flow, srcOrg: 'Example Inc' },
    { ...flow, dstAsset: 'example-printer' },
    { ...flow, service: 'example' },
    { ...flow, rule: 'no example' },
    { ...flow, srcNet: 'example' },
    { ...flow, srcIp: '192.168.1.7' },
    { ...flow, dstIp: '192.168.10.7', dstName: 'host-192.168.1.7' },
  ]
  assert.deepEqual(matching('example', flows), [0, 1, 2, 3, 4])
  assert.deepEqual(matching('*.example.com', flows), [0])
  assert.deepEqual(matching('192.168.1.7', flows), [6, 7])
  assert.deepEqual(matching('192.168.0.0/16', flows), [6, 7])
  assert.deepEqual(matching('192.168.1', flows), [6, 7])
  assert.deepEqual(matching('192.168.10', flows), [7])
  assert.deepEqual(matching('example -org~inc', flows), [0, 2, 3, 4])
})

test('a letter that small ASCII letters hide behind is folded before it is compared', () => {
  const flows = ['KELVIN.\u212aelvin', 'kelvin.kelvin'].map((dstName) => ({ ...flow, dstName }))
  assert.deepEqual(matching('dst.name = *.kelvin', flows), [0, 1])
})
