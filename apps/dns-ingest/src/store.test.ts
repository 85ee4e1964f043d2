import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openTestStore, tellOf } from './testing.ts'

const at = (name: string, atMs: number) => ({ name, atMs })

test('consecutive answers of one name are one run; another name begins the next', () => {
  using open = openTestStore()
  open.tell(at('a', 10), at('a', 20), at('b', 30), at('a', 40), { ...at('z', 35), client: '10.0.0.2' })
  assert.deepEqual(open.runs(), ['a 10-20 x2', 'b 30-30 x1', 'a 40-40 x1'])
  assert.deepEqual(open.runs('10.0.0.2'), ['z 35-35 x1'])
})

test('answers that come late part a run, reach back, or stand between', () => {
  using open = openTestStore()
  open.tell(at('a', 10), at('a', 40), at('b', 60))
  open.tell(at('b', 30))
  assert.deepEqual(open.runs(), ['a 10-10 x1', 'b 30-30 x1', 'a 40-40 x1', 'b 60-60 x1'])
  open.tell(at('b', 50), at('a', 5), at('c', 1), at('b', 33))
  assert.deepEqual(open.runs(), ['c 1-1 x1', 'a 5-10 x2', 'b 30-33 x2', 'a 40-40 x1', 'b 50-60 x2'])
  assert.ok(open.counters.late > 0)
})

const answersOf = (maxLength: number) =>
  fc.uniqueArray(fc.record({ atMs: fc.integer({ min: 1, max: 40 }), name: fc.constantFrom('a', 'b', 'c') }), {
    selector: ({ atMs }) => atMs,
    maxLength,
  })

test('in their order, the last name before each moment is the one that was told last', () => {
  fc.assert(
    fc.property(answersOf(15), (all) => {
      using open = openTestStore({ cacheMax: 4 })
      const sorted = all.toSorted((x, y) => x.atMs - y.atMs)
      open.tell(...sorted)
      for (let atMs = 0; atMs <= 41; atMs += 3) {
        const lookups = [{ address: '192.0.2.1', site: 'home', client: '10.0.0.1', atMs }]
        const [answer] = open.lookUp.reverse({ lookups }).answers
        assert.equal(answer?.name, sorted.findLast((told) => told.atMs <= atMs)?.name, `at ${atMs} of ${open.runs()}`)
      }
    }),
    { numRuns: 60 },
  )
})

test('in any order, every answer is counted once, and the runs do not overlap', () => {
  fc.assert(
    fc.property(answersOf(12), (all) => {
      using open = openTestStore({ cacheMax: 4 })
      open.tell(...all)
      const runs = open.runs().map((run) => /^(\w) (\d+)-(\d+) x(\d+)$/.exec(run)!)
      assert.equal(
        runs.reduce((sum, [, , , , hits]) => sum + Number(hits), 0),
        all.length,
      )
      for (const [i, run] of runs.entries()) assert.ok(i === 0 || Number(runs[i - 1]![3]) < Number(run[2]), run[0])
    }),
    { numRuns: 60 },
  )
})

test('what is sent again changes nothing, whole or in part, and each kind of request counts by itself', () => {
  using open = openTestStore()
  const replies = [1, 2, 3].map((position) => tellOf({ position, atMs: position * 10 }))
  assert.deepEqual(open.store.write(open.batch({ replies: replies.slice(0, 2) })), { stored: 2, known: 0 })
  assert.deepEqual(open.store.write(open.batch({ replies })), { stored: 1, known: 2 })
  assert.deepEqual(open.store.write(open.batch({ replies })), { stored: 0, known: 3 })
  assert.deepEqual(open.store.write(open.batch({ cached: [tellOf({ position: 2, atMs: 40 })] })), {
    stored: 1,
    known: 0,
  })
  assert.deepEqual(open.store.write(open.batch({ replies: replies.slice(0, 1), source: 'log:2' })), {
    stored: 1,
    known: 0,
  })
  assert.deepEqual(open.runs(), ['a.test 10-40 x5'])
  assert.equal(open.told.length, 5)
})

test('a batch that fails half-way leaves nothing behind, on disk or in memory', () => {
  using open = openTestStore()
  open.tell(at('a', 10))
  const fail = () => {
    throw new Error('disk full')
  }
  assert.throws(
    () => open.store.write(open.batch({ source: 'x', replies: [tellOf({ position: 9, ...at('b', 20) })] }), fail),
    /disk full/,
  )
  assert.deepEqual(open.runs(), ['a 10-10 x1'])
  open.store.write(open.batch({ source: 'x', replies: [tellOf({ position: 9, ...at('a', 30) })] }))
  assert.deepEqual(open.runs(), ['a 10-30 x2'])
})

test('questions are kept with what came of the newest', () => {
  using open = openTestStore()
  open.ask({ atMs: 10 }, { atMs: 20 }, { atMs: 15, name: 'ads.test' })
  open.tell({ atMs: 20 }, { atMs: 15, name: 'ads.test', result: 'blocked', address: null })
  open.ask({ atMs: 30, type: 'AAAA' })
  const { queries } = open.lookUp.list({ limit: 10 })
  assert.deepEqual(
    queries.map(({ name, type, firstMs, lastMs, hits, result }) => [name, type, firstMs, lastMs, hits, result]),
    [
      ['a.test', 'AAAA', 30, 30, 1, 'waiting'],
      ['a.test', 'A', 10, 20, 2, 'address'],
      ['ads.test', 'A', 15, 15, 1, 'blocked'],
    ],
  )
})

test('at the cap of memory the quarter that was not used for longest goes; the database keeps it', () => {
  using open = openTestStore({ cacheMax: 8 })
  const address = (i: number) => `192.0.2.${i}`
  for (let i = 1; i <= 8; i++) open.tell({ address: address(i), atMs: i })
  open.tell({ address: address(1), atMs: 20 })
  open.tell({ address: address(9), atMs: 21 })
  assert.deepEqual([open.cache.size, open.cache.evicted], [7, 2])
  const held = (i: number) => open.cache.get('home', '10.0.0.1', address(i)) !== undefined
  assert.deepEqual([1, 2, 3, 4, 9].map(held), [true, false, false, true, true])
  open.tell({ address: address(2), atMs: 22 })
  assert.deepEqual(open.runs('10.0.0.1', address(2)), ['a.test 2-22 x2'])
  open.cache.resize(4)
  assert.deepEqual([open.cache.size, open.cache.max], [4, 4])
})

test('the database keeps so many rows, the newest; and forgets what was not asked for long', () => {
  let nowMs = 1_000_000
  using open = openTestStore({ keepRows: 1000, keepDays: 1, now: () => nowMs })
  for (let i = 0; i < 1001; i++) {
    open.tell({ address: `192.0.${i >> 8}.${i & 255}`, atMs: 1000 + i })
    open.ask({ name: `n${i}`, atMs: 1000 + i })
  }
  assert.deepEqual(open.store.rows(), { answers: 950, queries: 950, leases: 0 })
  assert.equal(open.counters.pruned, 102)
  assert.equal(open.db.prepare('SELECT min(last_ms) FROM answer').pluck().get(), 1051)
  open.tell({ address: '192.0.0.0', atMs: 5000 })
  assert.deepEqual(open.runs('10.0.0.1', '192.0.0.0'), ['a.test 5000-5000 x1'])
  nowMs = 86_400_000 + 4000
  open.store.prune()
  assert.deepEqual(open.store.rows(), { answers: 1, queries: 0, leases: 0 })
})
