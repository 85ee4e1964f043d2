import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Flow, FlowBatchBuilder } from '@netbehave/schema'
import { createNameServices } from './name-services.ts'
import { readServiceTable } from './service-table.ts'

const TCP = 6
const UDP = 17
const services = readServiceTable('')

function enriched(rows: [protocol: number, srcPort: number, dstPort: number][], table = services): Flow[] {
  const batch = new FlowBatchBuilder(70_000)
  rows.forEach(([protocol, srcPort, dstPort], i) => {
    batch.rows.protocol[i] = protocol
    batch.rows.srcPort[i] = srcPort
    batch.rows.dstPort[i] = dstPort
  })
  for (const column of ['protocol', 'srcPort', 'dstPort'] as const) batch.touch(column)
  batch.commit(rows.length)
  const sealed = createNameServices(table)(batch.seal({ site: 's', collector: 'c', seq: 1, received: 1 }))
  return rows.map((_, i) => sealed.row(i))
}
const service = (protocol: number, srcPort: number, dstPort: number, table = services) => {
  const [flow] = enriched([[protocol, srcPort, dstPort]], table)
  return [flow!.service, flow!.serviceSide]
}

test('the better known port names the flow and is the serving side, in either direction', () => {
  assert.deepEqual(service(TCP, 50_000, 443), ['https', 2])
  assert.deepEqual(service(TCP, 443, 50_000), ['https', 1])
  assert.deepEqual(service(UDP, 53, 5353), ['dns', 1])
  assert.deepEqual(service(TCP, 8080, 2049), ['http-alt', 1])
})

test('names of the overlay go before those of IANA', () => {
  assert.deepEqual(service(TCP, 50_000, 3389), ['rdp', 2])
  assert.deepEqual(service(UDP, 50_000, 443), ['quic', 2])
  assert.deepEqual(service(TCP, 50_000, 631), ['ipp', 2])
})

test('one port on both sides names the service and tells no side', () => {
  assert.deepEqual(service(UDP, 123, 123), ['ntp', undefined])
})

test('two unknown ports, and protocols without ports, have no service', () => {
  assert.deepEqual(service(TCP, 50_000, 60_000), [undefined, undefined])
  assert.deepEqual(service(1, 0, 2048), [undefined, undefined])
  assert.deepEqual(service(47, 443, 443), [undefined, undefined])
})

test('more than 255 services in one batch keep their names', () => {
  const named = Array.from({ length: 1024 }, (_, port) => port).filter(
    (port) => services.byProtocol[TCP]!.name[port] !== 0,
  )
  assert.ok(named.length > 300)
  const flows = enriched(named.map((port) => [TCP, 60_000, port]))
  assert.deepEqual(
    flows.map((flow) => flow.service),
    named.map((port) => services.names[services.byProtocol[TCP]!.name[port]!]),
  )
})

test("a user's file goes before the shipped list, and its faults are named by line", (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'netbehave-services-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'services.csv')
  writeFileSync(file, '# ours\npayroll,tcp,443\ncameras,udp,50000-50010\n')
  const table = readServiceTable(file)
  assert.deepEqual(service(TCP, 50_000, 443, table), ['payroll', 2])
  assert.deepEqual(service(UDP, 50_005, 60_000, table), ['cameras', 1])
  writeFileSync(file, 'payroll,tcp,443\ncameras,udp,70000\n')
  assert.throws(() => readServiceTable(file), /line 2: "70000" is neither a port nor a range/)
  writeFileSync(file, 'ping,icmp,0\n')
  assert.throws(() => readServiceTable(file), /"icmp" is no protocol with ports/)
  assert.throws(() => readServiceTable('/nowhere.csv'), /cannot read services from \/nowhere.csv/)
})
