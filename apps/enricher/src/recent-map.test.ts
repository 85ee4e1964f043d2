import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RecentMap } from './recent-map.ts'

test('what is used stays, what is not used goes first, and the limit holds', () => {
  const map = new RecentMap<number, string>(10)
  for (let key = 0; key < 100; key++) {
    map.set(key, `value ${key}`)
    assert.equal(map.get(0), 'value 0')
    assert.ok(map.size <= 11, `${map.size} entries`)
  }
  assert.equal(map.get(99), 'value 99')
  assert.equal(map.get(50), undefined)
  assert.ok(map.evicted >= 88)
})

test('weights count, also of an entry that is heavier than the limit', () => {
  const map = new RecentMap<string, number>(100, { weigh: (weight) => weight })
  map.set('heavy', 1000)
  assert.equal(map.get('heavy'), 1000)
  map.set('light', 1)
  map.set('lighter', 40)
  assert.equal(map.get('light'), 1)
  map.delete('light')
  assert.equal(map.peek('light'), undefined)
  map.clear()
  assert.deepEqual([map.size, map.weight], [0, 0])
})

test('it never gives another value than the newest of a key, and weighs what it holds', () => {
  const step = fc.record({ act: fc.constantFrom('set', 'get', 'delete'), key: fc.nat(30), weight: fc.nat(5) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const map = new RecentMap<number, { weight: number }>(20, { weigh: ({ weight }) => weight })
      const newest = new Map<number, object>()
      for (const { act, key, weight } of steps) {
        const value = { weight }
        if (act === 'set') {
          map.set(key, value)
          newest.set(key, value)
        } else if (act === 'delete') {
          map.delete(key)
          newest.delete(key)
        } else {
          const got = map.get(key)
          if (got !== undefined) assert.equal(got, newest.get(key))
        }
      }
      let weight = 0
      for (const key of newest.keys()) weight += map.peek(key)?.weight ?? 0
      assert.equal(map.weight, weight)
    }),
  )
})
