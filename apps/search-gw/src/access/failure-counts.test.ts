import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FailureCounts } from './failure-counts.ts'

const limits = { windowMs: 1000, most: 2, remembered: 3 }

test('after so many failures one waits until the window of the first is over', () => {
  const counts = new FailureCounts(limits)
  counts.add('a', 0)
  assert.equal(counts.waitMs('a', 0), 0)
  counts.add('a', 400)
  assert.equal(counts.waitMs('a', 500), 500)
  assert.equal(counts.waitMs('b', 500), 0)
  assert.equal(counts.waitMs('a', 1000), 0)
})

test('what was no failure is taken back', () => {
  const counts = new FailureCounts(limits)
  counts.add('a', 0)
  counts.add('a', 0)
  counts.takeBack('a')
  assert.equal(counts.waitMs('a', 0), 0)
})

test('strangers cannot make it grow: the key that failed longest ago gives way, and that is counted', () => {
  const counts = new FailureCounts(limits)
  for (let i = 0; i < 10; i++) {
    counts.add('kept', i)
    counts.add(`stranger ${i}`, i)
  }
  assert.equal(counts.forgotten, 8)
  assert.ok(counts.waitMs('kept', 10) > 0)
})
