import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AlertPair, AlertTable, MINUTE_MS, ruleMatchId } from './alert-table.ts'
import { flowOf } from './testing.ts'

/** Some whole minute. */
const M = 29_461_667 * MINUTE_MS
const pair: AlertPair = { rule: 'telnet', severity: 'warning', alert: ['mail'], site: 'home', source: '192.168.1.10' }

function tableOf(limit = 100) {
  const table = new AlertTable(limit)
  return {
    table,
    add: (receivedMs: number, more: { pair?: AlertPair; count?: number; redelivered?: boolean; bytes?: number } = {}) =>
      table.add(
        {
          ...{ pair: more.pair ?? pair, count: more.count ?? 1, receivedMs, redelivered: more.redelivered ?? false },
          first: () => flowOf({ bytes: more.bytes ?? 1 }),
        },
        receivedMs,
      ),
  }
}

test('a pair is told of at once, and once in a minute', () => {
  const { table, add } = tableOf()
  assert.deepEqual(add(M + 5000, { count: 3 }), { ...pair, minuteMs: M, count: 3, first: flowOf({ bytes: 1 }) })
  assert.equal(add(M + 5001), undefined)
  assert.equal(add(M + MINUTE_MS - 1), undefined)
  assert.equal(table.counters.told, 1)
})

test('another rule, source or site is another pair', () => {
  const { add } = tableOf()
  assert.ok(add(M))
  assert.ok(add(M, { pair: { ...pair, rule: 'smb' } }))
  assert.ok(add(M, { pair: { ...pair, source: '192.168.1.11' } }))
  assert.ok(add(M, { pair: { ...pair, site: 'lab' } }))
})

test('what is not told in its minute is counted into the next event, which shows the first of it', () => {
  const { add } = tableOf()
  add(M)
  add(M + 1, { count: 5, bytes: 55 })
  add(M + 2, { count: 6, bytes: 66 })
  const next = add(M + 3 * MINUTE_MS, { count: 2 })
  assert.deepEqual([next?.count, next?.first.bytes, next?.minuteMs], [13, 55, M + 3 * MINUTE_MS])
})

test('without another match it is told when the minute is over, and at the stop', () => {
  const { table, add } = tableOf()
  add(M)
  add(M + 10, { count: 5 })
  assert.deepEqual(table.due(M + MINUTE_MS - 1), [])
  const [event, ...more] = table.due(M + MINUTE_MS)
  assert.deepEqual([event?.count, event?.minuteMs, more.length], [5, M + MINUTE_MS, 0])
  assert.deepEqual(table.due(M + 2 * MINUTE_MS), [])
  assert.equal(add(M + MINUTE_MS + 5, { count: 2 }), undefined, 'the minute was told of')
  assert.equal(add(M + 2 * MINUTE_MS)?.count, 3)
  add(M + 2 * MINUTE_MS + 1, { count: 9 })
  assert.deepEqual(
    table.rest().map(({ count }) => count),
    [9],
  )
  assert.deepEqual(table.rest(), [])
})

test('what is delivered again is not counted again, and told again only by an enricher that does not know of it', () => {
  const { add } = tableOf()
  add(M, { count: 3 })
  assert.equal(add(M, { count: 3, redelivered: true }), undefined)
  assert.equal(add(M + MINUTE_MS)?.count, 1)
  const first = tableOf().add(M, { count: 3 })!
  const again = tableOf().add(M + 1, { count: 3, redelivered: true })!
  assert.equal(ruleMatchId(again), ruleMatchId(first), 'the stream stores it once')
})

test('the id is that of rule, site, source and minute', () => {
  const event = { ...pair, minuteMs: M, count: 1, first: flowOf() }
  assert.match(ruleMatchId(event), /^rule-\d+-[0-9a-f]{32}$/)
  assert.equal(ruleMatchId({ ...event, count: 7, severity: 'critical' }), ruleMatchId(event))
  for (const other of [{ rule: 'a' }, { site: 'b' }, { source: 'c' }, { minuteMs: M + MINUTE_MS }]) {
    assert.notEqual(ruleMatchId({ ...event, ...other }), ruleMatchId(event))
  }
})

test('the table is bounded: more pairs in one minute are counted, and the next minute has room again', () => {
  const { table, add } = tableOf(2)
  const source = (n: number): AlertPair => ({ ...pair, source: `192.0.2.${n}` })
  assert.ok(add(M, { pair: source(1) }))
  assert.ok(add(M, { pair: source(2) }))
  assert.equal(add(M, { pair: source(3), count: 4 }), undefined)
  assert.deepEqual([table.size, table.counters.leftOut], [2, 4])
  assert.equal(add(M + 1, { pair: source(1) }), undefined, 'what has an entry goes on being counted')
  assert.ok(add(M + MINUTE_MS, { pair: source(4) }))
  assert.deepEqual(
    table.due(M + MINUTE_MS).map((event) => event.source),
    ['192.0.2.1'],
    'making room loses no count',
  )
})

test('pairs that have been silent are forgotten', () => {
  const { table, add } = tableOf()
  for (let n = 1; n <= 50; n++) add(M, { pair: { ...pair, source: `192.0.2.${n}` } })
  add(M + 3 * MINUTE_MS, { pair: { ...pair, source: '192.0.2.99' } })
  table.due(M + 3 * MINUTE_MS)
  assert.equal(table.size, 1)
})

test('a collector whose clock runs far ahead keeps a pair silent for five minutes at most', () => {
  const table = new AlertTable(10)
  const matches = { pair, count: 1, first: () => flowOf(), redelivered: false }
  assert.equal(table.add({ ...matches, receivedMs: M + 1e12 }, M)?.minuteMs, M + 5 * MINUTE_MS)
  assert.equal(table.add({ ...matches, receivedMs: M + MINUTE_MS }, M + MINUTE_MS), undefined)
  assert.equal(table.add({ ...matches, receivedMs: M + 6 * MINUTE_MS }, M + 6 * MINUTE_MS)?.count, 2)
})

test('what another enricher told of in the same minute is told in the next one', () => {
  const { table, add } = tableOf()
  const event = add(M, { count: 3, bytes: 7 })!
  table.takeBack(event)
  assert.equal(table.counters.told, 0)
  assert.equal(add(M + 1), undefined, 'still the same minute')
  assert.deepEqual(table.due(M + MINUTE_MS), [
    { ...pair, minuteMs: M + MINUTE_MS, count: 4, first: flowOf({ bytes: 7 }) },
  ])
})
