import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, parse } from '@netbehave/filter'
import { type Flow, flowsToBatches } from '@netbehave/schema'
import { BatchRows } from './batch-rows.ts'
import { Subscription } from './subscription.ts'

const flow = (n: number): Flow => ({
  site: 'home',
  firstMs: 1_000_000 + n,
  lastMs: 1_000_000 + n,
  srcIp: '192.168.1.7',
  dstIp: '203.0.113.5',
  srcPort: n,
  dstPort: n % 2 === 0 ? 443 : 53,
  protocol: 6,
  bytes: 1,
  packets: 1,
  sampling: 1,
})
const rowsOf = (from: number, count: number) => {
  const [batch] = [...flowsToBatches(Array.from({ length: count }, (_, i) => flow(from + i)))]
  return new BatchRows(batch!, 1_000_500)
}
const ports = (texts: string[]) => texts.map((text) => (JSON.parse(text) as Flow).srcPort)
const subscribe = (q: string, rate: number) => new Subscription(compile(parse(q)), rate, 0)

test('what matches is counted and sent, what does not is neither', () => {
  const subscription = subscribe('dst.port = 443', 200)
  subscription.offer(rowsOf(0, 10))
  assert.deepEqual(ports(subscription.take(0, false)), [0, 2, 4, 6, 8])
  assert.deepEqual([subscription.matched, subscription.sent, subscription.dropped], [5, 5, 0])
  assert.equal(subscription.hasRows, false)
})

test('over the rate the newest are kept in their order, and the gap says what is missing', () => {
  const subscription = subscribe('', 10)
  subscription.offer(rowsOf(0, 20))
  assert.deepEqual(ports(subscription.take(0, false)), [15, 16, 17, 18, 19])
  assert.deepEqual(subscription.takeSecond().gap, { flows: 15, fromMs: 1_000_000, toMs: 1_000_014 })
  assert.equal(subscription.takeSecond().gap, null)
  subscription.offer(rowsOf(20, 3))
  assert.deepEqual(ports(subscription.take(200, false)), [21, 22])
  assert.deepEqual([subscription.matched, subscription.sent, subscription.dropped], [23, 7, 16])
})

test('over ten seconds no more goes out than the rate and one burst', () => {
  const subscription = subscribe('', 100)
  for (let ms = 0; ms < 10_000; ms += 100) {
    subscription.offer(rowsOf(ms, 500))
    subscription.take(ms, false)
  }
  assert.ok(subscription.sent <= 100 * 10 + 50 && subscription.sent >= 100 * 9.5, String(subscription.sent))
  assert.equal(subscription.matched, subscription.sent + subscription.dropped)
})

test('paused it counts and sends nothing, and nothing of that counts as dropped', () => {
  const subscription = subscribe('', 100)
  subscription.paused = true
  subscription.offer(rowsOf(0, 30))
  assert.deepEqual(subscription.take(0, false), [])
  assert.deepEqual([subscription.matched, subscription.sent, subscription.dropped], [30, 0, 0])
  // What came meanwhile may have begun long before the pause: the span says where history has it.
  assert.deepEqual(subscription.takeSecond().gap, { flows: 30, fromMs: 1_000_000, toMs: 1_000_029 })
})

test('a socket that is full gets nothing, and that counts as dropped', () => {
  const subscription = subscribe('', 100)
  subscription.offer(rowsOf(0, 30))
  assert.deepEqual(subscription.take(0, true), [])
  assert.equal(subscription.dropped, 30)
})

test('the lag is from the collector to here, never negative', () => {
  const subscription = subscribe('', 100)
  const rows = rowsOf(0, 1)
  rows.batch.fields.received = 1_000_380
  subscription.offer(rows)
  assert.equal(subscription.takeSecond().lagMs, 120)
  rows.batch.fields.received = 1_000_900
  subscription.offer(rows)
  assert.equal(subscription.takeSecond().lagMs, 0)
  assert.equal(subscription.takeSecond().lagMs, null)
})
