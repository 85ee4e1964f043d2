import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIELDS, parse } from '@netbehave/filter'
import type { Flow } from '@netbehave/schema'
import { openHistory, type TopQuery } from './history.ts'
import { createTestHistory } from './testing.ts'

async function topOf(flows: readonly Partial<Flow>[], query: TopQuery) {
  await using archive = await createTestHistory()
  if (flows.length > 0) await archive.add(flows)
  await using history = openHistory({ dataDir: archive.dataDir })
  return await history.top(query)
}
const short = (rows: readonly { values: unknown; flows: number; bytes: number }[]) =>
  rows.map(({ values, flows, bytes }) => [values, flows, bytes])

const NAMED: Partial<Flow>[] = [
  { dstName: 'a.example', bytes: 10, packets: 9 },
  { dstName: 'b.example', bytes: 30, packets: 1 },
  { dstName: 'a.example', bytes: 15, packets: 1 },
  { bytes: 4, packets: 3 },
]

test('values with the largest sums lead, and flows without a value are one of them', async () => {
  const top = await topOf(NAMED, { fields: ['dst/domain'] })
  assert.deepEqual(top, {
    fields: ['dst.name'],
    rows: [
      { values: ['b.example'], flows: 1, bytes: 30, packets: 1 },
      { values: ['a.example'], flows: 2, bytes: 25, packets: 10 },
      { values: [null], flows: 1, bytes: 4, packets: 3 },
    ],
    total: { flows: 4, bytes: 59, packets: 14 },
    values: 3,
  })
  assert.deepEqual(short((await topOf(NAMED, { fields: ['dst.name'], by: 'packets', limit: 1 })).rows), [
    [['a.example'], 2, 25],
  ])
  assert.deepEqual(short((await topOf(NAMED, { fields: ['dst.name'], by: 'flows', limit: 1 })).rows), [
    [['a.example'], 2, 25],
  ])
  const filtered = await topOf(NAMED, { fields: ['dst.name'], filter: parse('dst.name = b*') })
  assert.deepEqual([filtered.values, filtered.total.bytes], [1, 30])
})

test('equal sums come in the order of their values, whatever the order of the flows', async () => {
  const flows = [5, 3, 9, 1].map((srcPort) => ({ srcPort, bytes: 1 }))
  assert.deepEqual(
    (await topOf(flows, { fields: ['src.port'], limit: 3 })).rows.map(({ values }) => values[0]),
    [1, 3, 5],
  )
})

test('an archive without flows, and a filter that nothing matches, have no rows and no sums', async () => {
  const nothing = { fields: ['ip'], rows: [], total: { flows: 0, bytes: 0, packets: 0 }, values: 0 }
  assert.deepEqual(await topOf([], { fields: ['ip'] }), nothing)
  assert.deepEqual(await topOf(NAMED, { fields: ['ip'], filter: parse('bytes > 1M') }), nothing)
  assert.deepEqual(await topOf(NAMED, { fields: ['src.ip'], filter: parse('bytes > 1M') }), {
    ...nothing,
    fields: ['src.ip'],
  })
})

test('an either-side field counts a flow for both its sides, once where they are equal', async () => {
  const flows: Partial<Flow>[] = [
    { srcIp: '10.0.0.1', dstIp: '10.0.0.2', bytes: 1, srcPort: 123, dstPort: 123 },
    { srcIp: '10.0.0.2', dstIp: '10.0.0.1', bytes: 2, srcPort: 5, dstPort: 123 },
    { srcIp: '10.0.0.1', dstIp: '10.0.0.1', bytes: 4, srcPort: 6, dstPort: 7 },
    { srcIp: '2001:db8::1', dstIp: '10.0.0.2', bytes: 8, srcPort: 8, dstPort: 9 },
  ]
  const byAddress = await topOf(flows, { fields: ['ip'] })
  assert.deepEqual(short(byAddress.rows), [
    [['10.0.0.2'], 3, 11],
    [['2001:db8::1'], 1, 8],
    [['10.0.0.1'], 3, 7],
  ])
  assert.deepEqual(byAddress.total, { flows: 4, bytes: 15, packets: 0 })
  assert.deepEqual(short((await topOf(flows, { fields: ['port'], limit: 1, filter: parse('port = 123') })).rows), [
    [[123], 2, 3],
  ])
})

test('several either-side fields are of the same side', async () => {
  const flows: Partial<Flow>[] = [
    { srcIp: '10.0.0.1', dstIp: '10.0.0.2', srcPort: 1, dstPort: 2, bytes: 1, protocol: 17 },
    { srcIp: '10.0.0.2', dstIp: '10.0.0.1', srcPort: 2, dstPort: 1, bytes: 2, protocol: 17 },
  ]
  assert.deepEqual(short((await topOf(flows, { fields: ['ip', 'proto', 'port'] })).rows), [
    [['10.0.0.1', 17, 1], 2, 3],
    [['10.0.0.2', 17, 2], 2, 3],
  ])
})

test('a side without a value counts only where the other has none either', async () => {
  const flows: Partial<Flow>[] = [{ srcName: 'a.example', bytes: 1 }, { dstName: 'a.example', bytes: 2 }, { bytes: 4 }]
  const { rows, total } = await topOf(flows, { fields: ['name'] })
  assert.deepEqual(short(rows), [
    [[null], 1, 4],
    [['a.example'], 2, 3],
  ])
  assert.deepEqual([total.flows, total.bytes], [3, 7])
})

test('values are as people write them', async () => {
  const flow: Partial<Flow> = {
    firstMs: Date.UTC(2026, 10, 24, 12),
    lastMs: Date.UTC(2026, 10, 24, 12) + 1500,
    srcIp: '192.0.2.7',
    dstIp: '2001:db8::1',
    srcMac: '02:00:00:00:00:01',
    exporter: '192.0.2.1',
    vlan: 7,
    direction: 0,
  }
  const fields = ['src.ip', 'dst.ip', 'src.mac', 'exporter', 'vlan', 'direction', 'duration', 'ip.version']
  assert.deepEqual((await topOf([flow], { fields })).rows[0]!.values, [
    '192.0.2.7',
    '2001:db8::1',
    '02:00:00:00:00:01',
    '192.0.2.1',
    7,
    0,
    1500,
    4,
  ])
  const none = ['dst.mac', 'nat.src.ip', 'rule', 'out.if', 'direction', 'src.as', 'site']
  assert.deepEqual((await topOf([{}], { fields: none })).rows[0]!.values, [null, null, null, null, null, null, 'home'])
})

test('every field of the language can be grouped by', async () => {
  await using archive = await createTestHistory()
  await archive.add([{ bytes: 3 }])
  await using history = openHistory({ dataDir: archive.dataDir })
  for (const { name } of FIELDS) {
    const { rows, total } = await history.top({ fields: [name] })
    assert.ok(rows.length >= 1 && rows.every(({ bytes }) => bytes === 3), name)
    assert.equal(total.flows, 1, name)
  }
})

test('scaled sums rank by what was on the wire', async () => {
  const flows: Partial<Flow>[] = [
    { dstPort: 1, bytes: 10, packets: 1, sampling: 100 },
    { dstPort: 2, bytes: 20, packets: 1 },
  ]
  const raw = await topOf(flows, { fields: ['dst.port'] })
  assert.deepEqual(short(raw.rows), [
    [[2], 1, 20],
    [[1], 1, 10],
  ])
  assert.equal(raw.total.sampledFlows, 1)
  const scaled = await topOf(flows, { fields: ['dst.port'], scaled: true })
  assert.deepEqual(short(scaled.rows), [
    [[1], 1, 1000],
    [[2], 1, 20],
  ])
  assert.deepEqual(scaled.total, { flows: 2, bytes: 1020, packets: 101, sampledFlows: 1 })
})

test('what is no field is refused in the words of the language', async () => {
  const refused = (query: TopQuery, message: RegExp) => assert.rejects(topOf([], query), { name: 'TopError', message })
  await refused({ fields: ['dst.nam'] }, /there is no field "dst.nam"; did you mean dst.name\?/)
  await refused({ fields: ["x' OR 1=1"] }, /.+/)
  await refused({ fields: [] }, /name 1 to 8 fields/)
  await refused({ fields: ['dst.name', 'dst/domain'] }, /dst.name is named twice/)
  await refused({ fields: ['ip'], limit: 0 }, /1 to 100000/)
})
