import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AddressKey, keyOfText } from './address-key.ts'
import { NO_ADDRESS, RecentAddresses, UNKNOWN } from './recent-addresses.ts'

const put = (addresses: RecentAddresses, key: AddressKey, weight: number): void => {
  const known = addresses.peek(key)
  addresses.weigh(known === UNKNOWN ? addresses.add(key) : known, weight)
}

test('what is used stays, what is not used goes first, and the limit holds', () => {
  const addresses = new RecentAddresses(10)
  for (let key = 1; key <= 100; key++) {
    put(addresses, key, 1)
    assert.notEqual(addresses.get(1), UNKNOWN)
    assert.ok(addresses.weight <= 11, `${addresses.weight} addresses`)
  }
  assert.notEqual(addresses.get(100), UNKNOWN)
  assert.equal(addresses.get(50), UNKNOWN)
  assert.ok(addresses.evicted >= 88)
})

test('weights count, also of an address that is heavier than the limit', () => {
  const forgotten: number[] = []
  const addresses = new RecentAddresses(100, (slot) => forgotten.push(slot))
  put(addresses, 1, 1000)
  const heavy = addresses.get(1)
  assert.notEqual(heavy, UNKNOWN)
  put(addresses, 2, 1)
  put(addresses, 3, 60)
  assert.notEqual(addresses.get(2), UNKNOWN)
  assert.equal(addresses.get(1), UNKNOWN)
  assert.deepEqual(forgotten, [heavy])
  addresses.clear()
  assert.deepEqual([addresses.weight, addresses.get(2)], [0, UNKNOWN])
})

test('the rows of a column are found as one by one: known, unknown, none', () => {
  const addresses = new RecentAddresses(1_000_000)
  const random = 0x17000000
  for (let i = 0; i < 100_000; i++) addresses.add((random + i * 251) | 0)
  const v4 = Uint32Array.from([random, 0, random + 251, random + 1, random + 99_999 * 251])
  const keys = [...v4].map((value) => value | 0)
  const slots = [...addresses.slotsOf({ v4 } as never)]
  assert.deepEqual(slots, [0, NO_ADDRESS, 1, UNKNOWN, 99_999])
  assert.deepEqual(
    slots.filter((slot) => slot !== NO_ADDRESS),
    keys.filter((key) => key !== 0).map((key) => addresses.get(key)),
  )

  addresses.add(keyOfText('2001:db8::1')!)
  const v6 = new Uint8Array(48)
  v6.set([0x20, 0x01, 0x0d, 0xb8], 0)
  v6[15] = 1
  v6.set([0x20, 0x01, 0x0d, 0xb8], 32)
  assert.deepEqual([...addresses.slotsOf({ v6 } as never)], [100_000, NO_ADDRESS, UNKNOWN])
})

test('no two addresses share a slot, each keeps its own while it is known, and the weight is of what is known', () => {
  const text = fc.constantFrom('2001:db8::1', '2001:db8::2', '2001:db8::3').map((address) => keyOfText(address)!)
  const key: fc.Arbitrary<AddressKey> = fc.oneof(fc.integer({ min: 1, max: 30 }), text)
  const step = fc.record({ act: fc.constantFrom('put', 'get'), key, weight: fc.nat(5) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const owners = new Map<number, AddressKey>()
      const addresses = new RecentAddresses(20, (slot) => assert.ok(owners.delete(slot)))
      const weights = new Map<AddressKey, number>()
      for (const { act, key, weight } of steps) {
        if (act === 'put') {
          const known = addresses.peek(key)
          const slot = known === UNKNOWN ? addresses.add(key) : known
          if (known === UNKNOWN) assert.ok(!owners.has(slot))
          owners.set(slot, key)
          weights.set(key, weight)
          addresses.weigh(slot, weight)
        } else {
          const slot = addresses.get(key)
          if (slot !== UNKNOWN) assert.equal(owners.get(slot), key)
        }
        for (const [slot, owner] of owners) assert.equal(addresses.peek(owner), slot)
        const all = [...owners.values()].map((owner) => weights.get(owner)!).reduce((sum, one) => sum + one, 0)
        assert.equal(addresses.weight, all)
      }
    }),
  )
})
