import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AddressKey } from './address-key.ts'
import { countNames, renumbered, summarise, type Told, withName } from './few-names.ts'
import { StoredNames } from './stored-names.ts'
import { type FoundName, NAME_HOW, ToldNames } from './told-names.ts'

const SKEW_MS = 5

/** What an address of these names has for a client at a time. */
function findName(told: Told, client: AddressKey | undefined, atMs: number, found: FoundName): void {
  const names = new StoredNames()
  names.put(3, told)
  names.find(3, client, atMs, SKEW_MS, found)
}

const client = fc.constantFrom<AddressKey | undefined>(undefined, 1, 2, -3, '\x20'.repeat(16))
const told = fc.record({
  client,
  source: fc.constantFrom('dns' as const, 'dns' as const, 'dns' as const, 'hosts' as const),
  label: fc.integer({ min: 1, max: 4 }),
  firstMs: fc.nat(50),
})

test('of names told one after the other, few and many say the same to every client at every time', () => {
  fc.assert(
    fc.property(fc.array(told, { maxLength: 14 }), fc.boolean(), (unordered, isPlain) => {
      const all = unordered.toSorted((a, b) => a.firstMs - b.firstMs)
      const many = new ToldNames()
      let few: Told | undefined
      for (const { client, source, label, firstMs } of all) {
        if (isPlain && (source !== 'dns' || typeof client === 'string')) continue
        many.add(client, source, label, firstMs)
        few = withName(few, client, source, label, firstMs)
      }
      if (few === undefined) return
      const [a, b] = [
        { label: 0, how: 0 },
        { label: 0, how: 0 },
      ]
      for (const asker of [undefined, 1, 2, -3, 4, '\x20'.repeat(16)])
        for (let atMs = -SKEW_MS - 1; atMs < 60; atMs++) {
          many.find(asker, atMs, SKEW_MS, a)
          findName(few, asker, atMs, b)
          assert.deepEqual(b, a, `client ${asker} at ${atMs}`)
        }
      const { newest, clientBits, hasLocal } = summarise(few)
      assert.deepEqual([newest, clientBits, hasLocal], [many.newest, many.clientBits, many.hasLocal])
      assert.ok(summarise(few).newestMs >= many.newestMs)
    }),
    { numRuns: 500 },
  )
})

test('told in whatever order, a client gets what it was told itself, others what somebody was told, and never the future', () => {
  fc.assert(
    fc.property(fc.array(told, { minLength: 1, maxLength: 8 }), (unsuited) => {
      const all = unsuited.map(({ client, label, firstMs }) => ({
        ...{ label, firstMs, client: typeof client === 'string' ? 3 : client },
      }))
      let few: Told | undefined
      for (const { client, label, firstMs } of all) few = withName(few, client, 'dns', label, firstMs)
      const found = { label: 0, how: 0 }
      for (const asker of [undefined, 1, 2, -3, 4])
        for (let atMs = -SKEW_MS - 1; atMs < 60; atMs++) {
          findName(few!, asker, atMs, found)
          const isOwn = found.how === NAME_HOW.client
          const fits = ({ client, firstMs }: { client: number | undefined; firstMs: number }) =>
            firstMs <= atMs + SKEW_MS && (!isOwn || client === asker)
          if (found.how !== NAME_HOW.none) assert.ok(all.some((one) => one.label === found.label && fits(one)))
          else assert.ok(!all.some(fits))
        }
    }),
  )
})

test('a ninth name, a name from the hosts file, a client by IPv6 make many of few', () => {
  let few: Told | undefined
  for (let i = 1; i <= 8; i++) few = withName(few, i, 'dns', i, i)
  assert.ok(Array.isArray(few))
  assert.equal(countNames(few), 8)
  for (const more of [
    withName(few, 9, 'dns', 9, 9),
    withName(few, undefined, 'hosts', 9, 9),
    withName(few, '\x20'.repeat(16), 'dns', 9, 9),
  ]) {
    assert.ok(more instanceof ToldNames)
    assert.equal(countNames(more), 9)
  }
})

test('numbers of another table take the place of those of the names, and of nothing else', () => {
  const found = { label: 0, how: 0 }
  const few = renumbered(withName(withName(undefined, 7, 'dns', 1, 10), 8, 'dns', 2, 20), (label) => label + 100)
  findName(few, 7, 15, found)
  assert.deepEqual(found, { label: 101, how: NAME_HOW.client })
  assert.equal(summarise(few).newest, 102)
})
