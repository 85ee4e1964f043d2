import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineClock } from './line-clock.ts'
import { StampReader } from './stamp.ts'

process.env.TZ = 'Europe/Vienna'

function stampOf(line: string, latestMs: number, year?: number) {
  const reader = new StampReader({ latestMs: () => latestMs, year })
  reader.read(line)
  const { timeMs, isWholeSecond, end } = reader
  return { time: Number.isNaN(timeMs) ? 'none' : new Date(timeMs).toISOString(), isWholeSecond, rest: line.slice(end) }
}
const NOW = Date.UTC(2026, 0, 3)

test('every form of a time is read, local ones in the zone of this machine', () => {
  const at = (line: string) => stampOf(line, Date.UTC(2026, 11, 1))
  assert.deepEqual(at('Nov 24 08:09:53 x'), { time: '2026-11-24T07:09:53.000Z', isWholeSecond: true, rest: 'x' })
  assert.equal(at('Nov  4 08:09:53 x').time, '2026-11-04T07:09:53.000Z')
  assert.equal(at('Jul  4 08:09:53 x').time, '2026-07-04T06:09:53.000Z')
  assert.deepEqual(at('Tue Nov 24 08:09:53 2020 x').time, '2020-11-24T07:09:53.000Z')
  assert.deepEqual(at('2026-11-24T08:09:53.123456+01:00 x'), {
    ...{ time: '2026-11-24T07:09:53.123Z', isWholeSecond: false, rest: 'x' },
  })
  assert.equal(at('2026-11-24T08:09:53Z x').isWholeSecond, true)
  assert.deepEqual(at('[1795507794] x'), { time: '2026-11-24T08:09:54.000Z', isWholeSecond: true, rest: 'x' })
  assert.equal(at('<30>Nov 24 08:09:53 x').rest, 'x')
  assert.equal(at('<30>1 2026-11-24T08:09:53Z h a 1 - - x').rest, 'x')
  for (const none of [
    '',
    'dnsmasq: x',
    'Nov 99 08:09:53 x',
    'Nov 24 08:09',
    '[x] y',
    '<30',
    '2026-13-45T08:09:53Z x',
    'Nov',
  ])
    assert.deepEqual(stampOf(none, NOW), { time: 'none', isWholeSecond: true, rest: none }, none)
})

test('a time without a year is of the newest year that is not in the future, or of the one that is said', () => {
  assert.equal(stampOf('Dec 31 23:59:59 x', NOW).time, '2025-12-31T22:59:59.000Z')
  assert.equal(stampOf('Jan  2 10:00:00 x', NOW).time, '2026-01-02T09:00:00.000Z')
  // A clock that is a few hours ahead is no reason to think of last year, also over New Year.
  assert.equal(stampOf('Jan  1 00:30:00 x', Date.UTC(2025, 11, 31, 22)).time, '2025-12-31T23:30:00.000Z')
  assert.equal(stampOf('Nov 24 08:09:53 x', NOW, 2019).time, '2019-11-24T07:09:53.000Z')
})

test('a whole second is made finer by when the log was read before, and never later than the line', () => {
  const clock = new LineClock()
  assert.equal(clock.timeOf(5000, true, 5300), 5300)
  assert.equal(clock.timeOf(5000, true, 0), 5300, 'lines keep their order')
  assert.equal(clock.timeOf(6000, true, 5900), 6000, 'read before the second began')
  assert.equal(clock.timeOf(7000, true, 9000), 7000, 'written late: the read says nothing')
  assert.equal(clock.timeOf(8123, false, 8500), 8123)
})
