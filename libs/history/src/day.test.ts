import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDay, createDayClock, DayError, isDay, paths } from './day.ts'

const HOUR_MS = 3_600_000

test('a day is written like 2026-11-24 and nothing else passes', () => {
  assert.ok(isDay('2026-11-24'))
  assert.ok(isDay('2024-02-29'))
  for (const text of [
    '2026-02-29',
    '2026-13-01',
    '2026-11-31',
    '26-11-24',
    '2026-11-24/..',
    '../2026-11-24',
    '2026-11-24\n',
    '',
  ]) {
    assert.ok(!isDay(text), text)
    assert.throws(() => checkDay(text), DayError)
  }
  assert.throws(() => paths.database('/data', '../../etc/passwd'), DayError)
})

test('a moment belongs to the day of the zone, not of UTC', () => {
  const ms = Date.parse('2026-11-24T23:30:00Z')
  assert.equal(createDayClock('UTC').at(ms).day, '2026-11-24')
  assert.equal(createDayClock('Europe/Vienna').at(ms).day, '2026-11-25')
  assert.equal(createDayClock('America/Los_Angeles').at(ms).day, '2026-11-24')
  assert.equal(createDayClock('Pacific/Kiritimati').at(ms).day, '2026-11-25')
})

test('the bounds of a day are midnight to midnight, also at the ends of the world', () => {
  for (const [zone, offsetHours] of [
    ['UTC', 0],
    ['Pacific/Kiritimati', 14],
    ['Etc/GMT+12', -12],
    ['Asia/Kathmandu', 5.75],
  ] as const) {
    const { startMs, endMs } = createDayClock(zone).bounds('2026-11-24')
    assert.equal(startMs, Date.parse('2026-11-24T00:00:00Z') - offsetHours * HOUR_MS, zone)
    assert.equal(endMs - startMs, 24 * HOUR_MS, zone)
  }
})

test('a day on which the clocks change has 23 or 25 hours, and the days meet', () => {
  const clock = createDayClock('Europe/Vienna')
  const hours = (day: string) => (clock.bounds(day).endMs - clock.bounds(day).startMs) / HOUR_MS
  assert.equal(hours('2026-03-29'), 23)
  assert.equal(hours('2026-10-25'), 25)
  assert.equal(clock.bounds('2026-10-25').endMs, clock.bounds('2026-10-26').startMs)
  const { startMs, endMs } = clock.bounds('2026-10-25')
  assert.equal(clock.at(startMs).day, '2026-10-25')
  assert.equal(clock.at(startMs - 1).day, '2026-10-24')
  assert.equal(clock.at(endMs - 1).day, '2026-10-25')
  assert.equal(clock.at(endMs).day, '2026-10-26')
})

test('a zone that does not exist is refused', () => {
  assert.throws(() => createDayClock('Europe/Atlantis'), RangeError)
})
