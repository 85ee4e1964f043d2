import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Flow, Sighting } from '@netbehave/schema'
import { createNameServices } from './name-services.ts'
import { readServiceTable } from './service-table.ts'
import { SightTable } from './sight.ts'
import { batchOf, flowOf } from './testing.ts'

const nameServices = createNameServices(readServiceTable(''))
const LAPTOP = '192.168.1.10'
const MINUTE_MS = 60_000
const SYN_ACK = 0x12
const RST_ACK = 0x14

function tableOf(flows: Partial<Flow>[], limit = 100): SightTable {
  const table = new SightTable(limit, 5 * MINUTE_MS)
  table.note(nameServices(batchOf(flows.map((flow) => flowOf(flow)))))
  return table
}
const sightingsOf = (flows: Partial<Flow>[]) => tableOf(flows).due(1e12, 100)

test('a local address is told of with its MAC, times, counts, ports used and peers', () => {
  const [sighting, ...more] = sightingsOf([
    { srcMac: '00:11:22:aa:bb:cc', bytes: 100, firstMs: 2000, lastMs: 3000, dstName: 'a.example' },
    { bytes: 50, firstMs: 1000, lastMs: 5000, dstPort: 53, protocol: 17, dstIp: '203.0.113.9' },
  ])
  assert.deepEqual(more, [])
  Sighting.parse(sighting)
  const { ip, site, mac, firstMs, lastMs, flows, bytes, ports, peers } = sighting!
  assert.deepEqual(
    [ip, site, mac, firstMs, lastMs, flows, bytes],
    [LAPTOP, 'home', '00:11:22:aa:bb:cc', 1000, 5000, 2, 150],
  )
  assert.deepEqual(ports, [
    { protocol: 6, port: 443, side: 'used', hits: 1 },
    { protocol: 17, port: 53, side: 'used', hits: 1 },
  ])
  assert.deepEqual(peers, [
    { ip: '203.0.113.5', name: 'a.example' },
    { ip: '203.0.113.9', name: '' },
  ])
})

test('an address is told of at once, then at most once in the interval, and not when nothing came', () => {
  const table = tableOf([{}])
  assert.equal(table.due(1e12, 100).length, 1)
  table.told(table.due(1e12, 100), 1e12)
  assert.equal(table.due(1e12 + 10 * MINUTE_MS, 100).length, 0)
  table.note(nameServices(batchOf([flowOf(), flowOf()])))
  assert.equal(table.due(1e12 + 4 * MINUTE_MS, 100).length, 0)
  assert.deepEqual(
    table.due(1e12 + 5 * MINUTE_MS, 100).map(({ flows }) => flows),
    [2],
  )
})

test('what could not be told is due again with what came since', () => {
  const table = tableOf([{ bytes: 10 }])
  const due = table.due(1e12, 100)
  table.note(nameServices(batchOf([flowOf({ bytes: 5 })])))
  assert.deepEqual(
    table.due(1e12 + 1, 100).map(({ flows, bytes }) => [flows, bytes]),
    [[2, 15]],
  )
  table.told(due, 1e12)
  assert.deepEqual(
    table.due(1e12 + 5 * MINUTE_MS, 100).map(({ flows, bytes }) => [flows, bytes]),
    [[1, 5]],
  )
})

test('a port is served when its owner sent from it, not when others knock or are refused', () => {
  const served = (flows: Partial<Flow>[]) =>
    sightingsOf(flows).flatMap(({ ip, ports }) =>
      ports.filter(({ side }) => side === 'served').map(({ port }) => `${ip} ${port}`),
    )
  const knock = {
    srcIp: '203.0.113.5',
    srcNet: 'external',
    srcPort: 50_000,
    dstIp: LAPTOP,
    dstNet: 'home',
    dstPort: 22,
  }
  const answer = { srcIp: LAPTOP, srcPort: 22, dstIp: '203.0.113.5', dstPort: 50_000 }
  assert.deepEqual(served([knock]), [])
  assert.deepEqual(served([{ ...answer, tcpFlags: RST_ACK }]), [])
  assert.deepEqual(served([{ ...answer, tcpFlags: SYN_ACK }]), [`${LAPTOP} 22`])
  assert.deepEqual(served([{ ...knock, revPackets: 3 }]), [`${LAPTOP} 22`])
})

test('only named networks are looked at where there are some; else private addresses', () => {
  const guest = { srcIp: '10.9.9.9', srcNet: 'internal' }
  assert.deepEqual(
    sightingsOf([guest]).map(({ ip }) => ip),
    ['10.9.9.9'],
  )
  assert.deepEqual(
    sightingsOf([guest, {}]).map(({ ip }) => ip),
    [LAPTOP],
  )
  assert.deepEqual(sightingsOf([{ srcNet: 'external' }, { srcIp: '169.254.1.1', srcNet: 'link-local' }]), [])
})

test('IPv6 addresses are told of; sites are kept apart', () => {
  const table = tableOf([{ srcIp: 'fd00::10', dstIp: '2001:db8::1' }])
  table.note(nameServices(batchOf([flowOf({ site: 'branch' })])))
  assert.deepEqual(
    table.due(1e12, 100).map(({ site, ip }) => `${site} ${ip}`),
    ['home fd00::10', `branch ${LAPTOP}`],
  )
})

test('a scan with made-up addresses is bounded, and so is one sighting', () => {
  const scan = Array.from({ length: 300 }, (_, i) => ({ srcIp: `192.168.${i >> 8}.${i & 255}` }))
  const table = tableOf(scan, 100)
  assert.deepEqual([table.size, table.leftOut], [100, 200])
  const first = table.due(1e12, 60)
  assert.equal(first.length, 60)
  table.told(first, 1e12)
  table.told(table.due(1e12, 60), 1e12)
  assert.equal(table.due(1e12, 60).length, 0)
  // Those that are no longer seen make room.
  table.due(1e12 + 5 * MINUTE_MS, 60)
  table.note(nameServices(batchOf([flowOf({ srcIp: '192.168.9.9' })])))
  assert.equal(table.due(1e12 + 5 * MINUTE_MS, 60)[0]!.ip, '192.168.9.9')
  const busy = Array.from({ length: 300 }, (_, i) => ({ dstPort: 1 + i, dstIp: `203.0.113.${i & 255}` }))
  const [sighting] = sightingsOf(busy)
  Sighting.parse(sighting)
  assert.deepEqual([sighting!.ports.length, sighting!.peers.length, sighting!.flows], [32, 8, 300])
})

test('of an address with many flows, all are counted, and of the later ones some tell for all what it uses', () => {
  const flows = Array.from({ length: 4000 }, (_, i) => ({
    bytes: 1,
    ...(i >= 2000 && i % 7 === 0 && { dstPort: 993 }),
  }))
  const [{ flows: count, bytes, ports }] = sightingsOf(flows) as [Sighting]
  assert.deepEqual([count, bytes], [4000, 4000])
  const hits = new Map(ports.map(({ port, hits }) => [port, hits]))
  assert.ok(Math.abs(hits.get(443)! + hits.get(993)! - 4000) < 32)
  assert.ok(Math.abs(hits.get(993)! - 286) < 60, `${hits.get(993)}`)
})
