import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { type DaySummary, paths } from '@netbehave/history'
import { GRACE_MS } from './maintain.ts'
import { planRetention } from './retain.ts'
import { DAY_MS, HOUR_MS, makeBatch, NOON_MS, openTestArchive } from './testing.ts'

const day = (name: string, diskBytes: number): DaySummary => ({
  day: name,
  files: 1,
  flows: 1,
  bytes: 1,
  packets: 1,
  firstMs: 0,
  lastMs: 0,
  diskBytes,
  closed: true,
  database: null,
})
const DAYS = [day('2026-11-21', 10), day('2026-11-22', 20), day('2026-11-23', 30), day('2026-11-24', 1000)]
const TODAY = { day: '2026-11-24', startMs: Date.UTC(2026, 10, 24) }
const endMs = (name: string) => Date.parse(`${name}T00:00:00Z`) + DAY_MS
const NO_LIMITS = { keepDays: null, maxBytes: null, minFreeBytes: 0 }

test('without limits nothing is removed', () => {
  assert.deepEqual(planRetention(DAYS, TODAY, endMs, 5, NO_LIMITS), { prune: [], stillFull: false })
})

test('by age: the last N whole days stay', () => {
  const { prune } = planRetention(DAYS, TODAY, endMs, 0, { ...NO_LIMITS, keepDays: 2 })
  assert.deepEqual(prune, ['2026-11-21'])
})

test('by size: the oldest go until the rest fits, and never today', () => {
  const plan = (maxBytes: number) => planRetention(DAYS, TODAY, endMs, 0, { ...NO_LIMITS, maxBytes }).prune
  assert.deepEqual(plan(1060), [])
  assert.deepEqual(plan(1050), ['2026-11-21'])
  assert.deepEqual(plan(1049), ['2026-11-21', '2026-11-22'])
  assert.deepEqual(plan(1), ['2026-11-21', '2026-11-22', '2026-11-23'])
})

test('a nearly full disk: the oldest go until enough is free, or it is said that it cannot', () => {
  const plan = (minFreeBytes: number) => planRetention(DAYS, TODAY, endMs, 5, { ...NO_LIMITS, minFreeBytes })
  assert.deepEqual(plan(15), { prune: ['2026-11-21'], stillFull: false })
  assert.deepEqual(plan(65), { prune: ['2026-11-21', '2026-11-22', '2026-11-23'], stillFull: false })
  assert.deepEqual(plan(66), { prune: ['2026-11-21', '2026-11-22', '2026-11-23'], stillFull: true })
})

test('an old day goes with its files and its database, and queries that began before keep theirs for a while', async () => {
  await using archive = await openTestArchive({ closeDelayMs: 0, keepDays: 1 })
  archive.archive.write(makeBatch([{ srcPort: 1 }]), 1, 1)
  await archive.archive.flush()
  archive.nowMs = NOON_MS + 12 * HOUR_MS
  await archive.archive.maintain()
  assert.ok(existsSync(paths.database(archive.dataDir, '2026-11-24')))
  archive.nowMs += DAY_MS
  archive.archive.write(makeBatch([{ srcPort: 2, firstMs: archive.nowMs }]), 2, 1)
  await archive.archive.flush()
  await archive.archive.maintain()
  assert.equal(archive.counters.prunedDays, 1)
  assert.deepEqual(
    (await archive.flows()).map(({ srcPort }) => srcPort),
    [2],
  )
  assert.ok(!existsSync(paths.database(archive.dataDir, '2026-11-24')))
  assert.ok(existsSync(paths.day(archive.dataDir, '2026-11-24')))
  archive.nowMs += GRACE_MS
  await archive.archive.maintain()
  assert.deepEqual(
    readdirSync(paths.flows(archive.dataDir)).filter((name) => name.startsWith('20')),
    ['2026-11-26'],
  )
})

test('a disk with too little free is complained of once when only today is left, and writing goes on', async () => {
  await using archive = await openTestArchive({ minFreeBytes: Number.MAX_SAFE_INTEGER })
  archive.archive.write(makeBatch([{}]), 1, 1)
  await archive.archive.flush()
  await archive.archive.maintain()
  await archive.archive.maintain()
  assert.equal(archive.complaints.length, 1)
  assert.match(archive.complaints[0]!, /bytes are free in .* and there is no older day to remove: free some space/)
  assert.equal(archive.counters.diskFull, 1)
  assert.equal((await archive.flows()).length, 1)
})
