import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTime, TimeError } from './time.ts'

process.env.TZ = 'Europe/Vienna'
const NOW_MS = Date.parse('2026-11-24T04:10:27.500Z') // 05:10:27.5 in Vienna
const parse = (text: string) => parseTime(text, NOW_MS)
const iso = (text: string) => new Date(parse(text)).toISOString()

test('a time without a zone is of this machine, with one it is of that', () => {
  assert.equal(iso('2026-11-24T04:10'), '2026-11-24T03:10:00.000Z')
  assert.equal(iso('2026-11-24 04:10:27.25'), '2026-11-24T03:10:27.250Z')
  assert.equal(iso('2026-07-24 04:10'), '2026-07-24T02:10:00.000Z')
  assert.equal(iso('2026-11-24T04:10Z'), '2026-11-24T04:10:00.000Z')
  assert.equal(iso('2026-11-24T04:10:05+05:30'), '2026-11-23T22:40:05.000Z')
  assert.equal(iso('2026-11-24T04:10:05-0230'), '2026-11-24T06:40:05.000Z')
  assert.equal(iso('2026-11-24T04:10+02'), '2026-11-24T02:10:00.000Z')
})

test('a day is its first moment, also where the clock was changed on it', () => {
  assert.equal(iso('2026-11-24'), '2026-11-23T23:00:00.000Z')
  assert.equal(iso('today'), '2026-11-23T23:00:00.000Z')
  assert.equal(iso('Yesterday'), '2026-11-22T23:00:00.000Z')
  const afterChange = Date.parse('2026-10-26T12:00:00Z')
  assert.equal(new Date(parseTime('yesterday', afterChange)).toISOString(), '2026-10-24T22:00:00.000Z')
})

test('a time of day is of today', () => {
  assert.equal(iso('04:10'), '2026-11-24T03:10:00.000Z')
  assert.equal(iso('23:59:59'), '2026-11-24T22:59:59.000Z')
})

test('minus a duration is that long ago', () => {
  assert.equal(parse('-15m'), NOW_MS - 900_000)
  assert.equal(parse('-24h'), NOW_MS - 86_400_000)
  assert.equal(parse('-1.5h'), NOW_MS - 5_400_000)
  assert.equal(parse('-7 days'), NOW_MS - 7 * 86_400_000)
  assert.equal(parse('now'), NOW_MS)
})

test('a long number is epoch milliseconds, and epoch seconds are told apart', () => {
  assert.equal(parse('1795489534000'), 1_795_489_534_000)
  assert.throws(() => parse('1795489534'), /epoch seconds need three zeros more: 1795489534000/)
})

test('what is no time is refused with examples', () => {
  for (const text of [
    '',
    'tomorrow',
    '24h',
    '-',
    '-5y',
    '1479',
    '25:00',
    '04:60',
    '2026-02-30',
    '2026-13-01',
    '2026-11-24T24:00',
    '2026-11-24T',
  ]) {
    assert.throws(() => parse(text), TimeError, text)
  }
  assert.throws(() => parse('soon'), /"soon" is no time: write for example 2026-11-24T04:10/)
})
