import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBackOff } from './back-off.ts'

test('each start waits twice as long as the last, up to the most', () => {
  const backOff = createBackOff({ firstMs: 100, mostMs: 500, soundMs: 1_000 })
  assert.deepEqual(
    [0, 0, 0, 0].map((ranMs) => backOff.next(ranMs)),
    [100, 200, 400, 500],
  )
})

test('what held for a while starts quickly again', () => {
  const backOff = createBackOff({ firstMs: 100, mostMs: 500, soundMs: 1_000 })
  backOff.next(0)
  backOff.next(0)
  assert.equal(backOff.next(1_000), 100)
  assert.equal(backOff.next(999), 200)
})
