import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BufferPool } from './buffer-pool.ts'

test('what was given back is taken again, also when only a part of it was used', () => {
  const pool = new BufferPool()
  const first = pool.take(300_000)
  assert.ok(first.length >= 300_000)
  assert.notEqual(pool.take(300_000).buffer, first.buffer, 'not while it is in use')
  pool.give(first.subarray(0, 1000))
  const again = pool.take(200_000)
  assert.equal(again.buffer, first.buffer)
  assert.ok(again.length >= 200_000)
})

test('what is too small for the next is not given to it', () => {
  const pool = new BufferPool()
  pool.give(pool.take(70_000))
  assert.ok(pool.take(400_000).length >= 400_000)
  assert.equal(pool.take(10).length, 10)
})

test('it keeps a bounded number of bytes', () => {
  const pool = new BufferPool()
  const given = Array.from({ length: 100 }, () => pool.take(500_000))
  for (const buffer of given) pool.give(buffer)
  const known = new Set(given.map(({ buffer }) => buffer))
  const kept = given.filter(() => known.has(pool.take(500_000).buffer)).length
  assert.ok(kept > 0 && kept <= 16, `${kept} of 100`)
})
