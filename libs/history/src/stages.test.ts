import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '@netbehave/filter'
import { openHistory } from './history.ts'
import { createTestHistory } from './testing.ts'
import { TopError } from './top.ts'

const NOON_MS = Date.UTC(2026, 10, 24, 12)

test('each field has its own leaders, combinations of them are summed, and the rest loses nothing', async () => {
  await using archive = await createTestHistory()
  const flow = (srcIp: string, dstOrg: string | undefined, service: string | undefined, bytes: number) => ({
    ...{ srcIp, bytes, packets: 1 },
    ...(dstOrg !== undefined && { dstOrg }),
    ...(service !== undefined && { service }),
  })
  await archive.add([
    flow('10.0.0.1', 'X', 'https', 100),
    flow('10.0.0.1', 'Y', 'dns', 20),
    flow('2001:db8::1', 'X', 'https', 50),
    flow('10.0.0.3', undefined, 'https', 9),
    flow('10.0.0.3', undefined, undefined, 4),
    flow('10.0.0.4', 'Z', 'dns', 1),
  ])
  await using history = openHistory({ dataDir: archive.dataDir })
  const fields = ['src.ip', 'dst.org', 'service']
  const rows = await history.stages({ fields, by: 'bytes', limit: 2 })
  assert.deepEqual(
    rows.map(({ stages, bytes, flows }) => [
      ...stages.map((stage) => (stage === 'rest' ? '…' : stage.value)),
      bytes,
      flows,
    ]),
    [
      ['10.0.0.1', 'X', 'https', 100, 1],
      ['2001:db8::1', 'X', 'https', 50, 1],
      ['10.0.0.1', 'Y', 'dns', 20, 1],
      ['…', '…', 'https', 9, 1],
      ['…', '…', '…', 4, 1],
      ['…', '…', 'dns', 1, 1],
    ],
  )
  const few = await history.stages({ fields, by: 'flows', limit: 3, filter: parse('not dst.org exists') })
  assert.deepEqual(
    few.map(({ stages }) => stages.map((stage) => (stage === 'rest' ? '…' : stage.value))),
    [
      ['10.0.0.3', null, 'https'],
      ['10.0.0.3', null, null],
    ],
  )
  const outside = await history.stages({ fields, fromMs: NOON_MS + 1, toMs: NOON_MS + 2 })
  assert.deepEqual(outside, [])
  await assert.rejects(history.stages({ fields: ['ip', 'service'] }), TopError)
  await assert.rejects(history.stages({ fields, limit: 51 }), TopError)
})

test("a text of either side is the destination's, else the source's, and says which", async () => {
  await using archive = await createTestHistory()
  await archive.add([
    { srcIp: '10.0.0.1', dstOrg: 'X', bytes: 100 },
    { srcIp: '203.0.113.1', srcOrg: 'X', bytes: 5000 },
    { srcIp: '203.0.113.1', srcOrg: 'X', dstOrg: 'Y', bytes: 30 },
    { srcIp: '10.0.0.1', bytes: 7 },
    { srcIp: '203.0.113.2', srcOrg: 'small', bytes: 1 },
  ])
  await using history = openHistory({ dataDir: archive.dataDir })
  const rows = await history.stages({ fields: ['src.ip', 'org'], by: 'bytes', limit: 4 })
  assert.deepEqual(
    rows.map(({ stages: [source, holder], bytes }) => [source === 'rest' ? source : source!.value, holder, bytes]),
    [
      ['203.0.113.1', { value: 'X', side: 'src' }, 5000],
      ['10.0.0.1', { value: 'X', side: 'dst' }, 100],
      ['203.0.113.1', { value: 'Y', side: 'dst' }, 30],
      ['10.0.0.1', { value: null }, 7],
      ['203.0.113.2', 'rest', 1],
    ],
  )
})
