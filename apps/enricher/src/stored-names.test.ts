import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Told, withName } from './few-names.ts'
import { StoredNames } from './stored-names.ts'
import { NAME_HOW } from './told-names.ts'

/** Names that clients 1 to `count` were told, each its own. */
function toldOf(count: number, base: number): Told | undefined {
  let told: Told | undefined
  for (let i = 1; i <= count; i++) told = withName(told, i, 'dns', base + i, i)
  return told
}

test('whatever is put, replaced and deleted, each slot has what it was given last, and nothing of the others', () => {
  const step = fc.record({ slot: fc.oneof(fc.nat(5), fc.nat(3000)), count: fc.nat(12) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.nat(200), (steps, clearAt) => {
      const names = new StoredNames()
      const truth = new Map<number, Told>()
      for (const [at, { slot, count }] of steps.entries()) {
        if (at === clearAt) {
          names.clear()
          truth.clear()
        }
        const told = toldOf(count, at * 100)
        if (told === undefined) {
          names.delete(slot)
          truth.delete(slot)
        } else {
          names.put(slot, told)
          truth.set(slot, told)
        }
      }
      const found = { label: 0, how: 0 }
      for (const { slot } of [...steps, { slot: 5000 }]) {
        assert.deepEqual(names.get(slot), truth.get(slot))
        names.find(slot, 1, 50, 0, found)
        if (truth.has(slot)) assert.equal(found.how, NAME_HOW.client)
        else assert.deepEqual(found, { label: 0, how: NAME_HOW.none })
      }
    }),
    { numRuns: 100 },
  )
})

test('what a slot no longer needs is given to the next: memory follows what is stored, not how often it changes', () => {
  const names = new StoredNames()
  for (let round = 0; round < 200; round++)
    for (let slot = 0; slot < 100; slot++) names.put(slot, toldOf(1 + ((round + slot) % 8), round)!)
  assert.ok(names.bytes < 100 * 8 * 24 * 4, `${names.bytes} bytes`)
})
