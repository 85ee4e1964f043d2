import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace, LONGEST_RETRY_AFTER_MS, parseRetryAfter } from './pace.ts'

function clocked(options = {}) {
  const clock = { now: 1_000_000 }
  return { clock, pace: createPace({ requestsPerSecond: 1, now: () => clock.now, ...options }) }
}

test('a registry is asked once a second, however long nothing was asked, and others are not held up by it', () => {
  const { clock, pace } = clocked()
  clock.now += 60_000
  assert.equal(pace.delayMs('arin'), 0)
  pace.take('arin')
  assert.equal(pace.delayMs('arin'), 1000)
  assert.equal(pace.delayMs('ripe'), 0)
  clock.now += 400
  assert.equal(pace.delayMs('arin'), 600)
  clock.now += 600
  assert.equal(pace.delayMs('arin'), 0)
})

test('over a minute no more than the rate goes out, fractions of a second counted', () => {
  const { clock, pace } = clocked({ requestsPerSecond: 2.5 })
  let asked = 0
  const endMs = clock.now + 60_000
  while (clock.now < endMs) {
    if (pace.delayMs('ripe') === 0) {
      pace.take('ripe')
      asked++
    }
    clock.now += 37
  }
  assert.ok(asked <= 151 && asked > 120, `${asked}`)
})

test('pauses double while a registry does not answer, up to the longest, and are short again after it did', () => {
  const { clock, pace } = clocked({ firstBackOffMs: 5_000, longestBackOffMs: 15_000 })
  const pauses = [0, 1, 2, 3].map(() => pace.backOff('apnic'))
  assert.deepEqual(pauses, [5_000, 10_000, 15_000, 15_000])
  assert.equal(pace.delayMs('apnic'), 15_000)
  clock.now += 15_000
  assert.equal(pace.delayMs('apnic'), 0)
  pace.recover('apnic')
  assert.equal(pace.backOff('apnic'), 5_000)
})

test('what a registry asks for with Retry-After is kept to, up to a day', () => {
  const { pace } = clocked()
  pace.backOff('lacnic', 120_000)
  assert.equal(pace.delayMs('lacnic'), 120_000)
  assert.equal(pace.backOff('afrinic', 10 ** 12), LONGEST_RETRY_AFTER_MS)
})

test('Retry-After is read as seconds or as a date; anything else says nothing', () => {
  assert.equal(parseRetryAfter('120', 0), 120_000)
  assert.equal(parseRetryAfter('Thu, 01 Jan 1970 00:02:00 GMT', 60_000), 60_000)
  assert.equal(parseRetryAfter('Thu, 01 Jan 1970 00:02:00 GMT', 600_000), 0)
  for (const text of [undefined, '', 'soon', '99999999999999999999x']) assert.equal(parseRetryAfter(text, 0), undefined)
})
