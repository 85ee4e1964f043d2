import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SequenceSet } from './sequences.ts'

test('numbers in order are one range, a gap makes a second, and filling the gap joins them', () => {
  const set = new SequenceSet()
  for (const sequence of [1, 2, 3, 7, 8]) set.add(sequence)
  assert.deepEqual(set.ranges, [
    { first: 1, last: 3 },
    { first: 7, last: 8 },
  ])
  assert.ok(set.has(3) && !set.has(4) && set.has(7))
  set.add(4, 6)
  assert.deepEqual(set.ranges, [{ first: 1, last: 8 }])
  assert.equal(set.last, 8)
})

test('it holds exactly what was added, in any order, as ranges that do not touch', () => {
  const range = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 5 }))
  fc.assert(
    fc.property(fc.array(range), (added) => {
      const set = new SequenceSet()
      const expected = new Set<number>()
      for (const [first, more] of added) {
        set.add(first, first + more)
        for (let i = first; i <= first + more; i++) expected.add(i)
      }
      for (let i = 0; i <= 70; i++) assert.equal(set.has(i), expected.has(i), String(i))
      for (let i = 1; i < set.ranges.length; i++) assert.ok(set.ranges[i]!.first > set.ranges[i - 1]!.last + 1)
    }),
  )
})
