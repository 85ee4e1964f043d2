import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, DAY_MS, macOf, makeSighting, NOON_MS, openTestIpam } from './testing.ts'

const ROUTER = macOf(0xffff)

test("a MAC that many addresses have is the router's: none of them has it, and no change is told", async () => {
  using ipam = openTestIpam({ routerMacAddresses: 4 })
  for (let n = 1; n <= 10; n++) await ipam.sight([makeSighting({ ip: addressOf(n), mac: macOf(n) })], NOON_MS)
  ipam.events()
  for (let n = 1; n <= 10; n++)
    await ipam.sight([makeSighting({ ip: addressOf(n), mac: ROUTER, lastMs: NOON_MS + 1000 })], NOON_MS + 1000)
  // What came before the MAC was known for what it is cannot be unsaid.
  assert.deepEqual(
    ipam.events().map(({ change, asset }) => [change, asset.ip]),
    [1, 2, 3, 4].map((n) => ['mac', addressOf(n)]),
  )
  for (let n = 1; n <= 10; n++)
    await ipam.sight([makeSighting({ ip: addressOf(n), mac: macOf(n), lastMs: NOON_MS + 2000 })], NOON_MS + 2000)
  assert.deepEqual(ipam.events(), [])
  const { assets } = await ipam.look.list({ limit: 100 }, NOON_MS)
  assert.deepEqual(
    assets.map(({ mac }) => mac),
    Array.from({ length: 10 }, (_, i) => macOf(i + 1)),
  )
  const [, router] = ipam.look.get(addressOf(7), 'home', NOON_MS).macs
  assert.deepEqual([router?.mac, router?.router], [ROUTER, true])
})

test('hosts that are only seen behind a router have no MAC and no vendor', async () => {
  using ipam = openTestIpam({ routerMacAddresses: 4 })
  for (let n = 1; n <= 100; n++) await ipam.sight([makeSighting({ ip: addressOf(n), mac: ROUTER })], NOON_MS)
  const { assets } = await ipam.look.list({ limit: 200 }, NOON_MS)
  assert.ok(assets.every(({ mac, vendor }) => mac === null && vendor === ''))
  assert.deepEqual((await ipam.look.list({ limit: 200, text: 'raspberry' }, NOON_MS)).assets, [])
  assert.equal(ipam.counters.routerMacs, 1)
})

test('a device that gets another address now and then keeps its MAC', async () => {
  using ipam = openTestIpam({ routerMacAddresses: 4 })
  const nowMs = NOON_MS + 100 * DAY_MS
  for (let n = 1; n <= 40; n++)
    await ipam.sight([makeSighting({ ip: addressOf(n), mac: macOf(1), lastMs: NOON_MS + n * DAY_MS })], nowMs)
  assert.equal(ipam.counters.routerMacs, 0)
  assert.equal(ipam.look.get(addressOf(40), 'home', nowMs).mac, macOf(1))
})

test('a device has more addresses of IPv6 than of IPv4', async () => {
  using ipam = openTestIpam({ routerMacAddresses: 4 })
  for (let n = 1; n <= 16; n++)
    await ipam.sight([makeSighting({ ip: `2001:db8::${n.toString(16)}`, mac: macOf(1) })], NOON_MS)
  assert.equal(ipam.look.get('2001:db8::9', 'home', NOON_MS).mac, macOf(1))
  await ipam.sight([makeSighting({ ip: '2001:db8::99', mac: macOf(1) })], NOON_MS)
  assert.equal(ipam.look.get('2001:db8::9', 'home', NOON_MS).mac, null)
})

test("a router's MAC of one site is another site's device", async () => {
  using ipam = openTestIpam({ routerMacAddresses: 4 })
  for (let n = 1; n <= 10; n++) await ipam.sight([makeSighting({ ip: addressOf(n), mac: ROUTER })], NOON_MS)
  await ipam.sight([makeSighting({ ip: addressOf(1), mac: ROUTER, site: 'office' })], NOON_MS)
  assert.equal(ipam.look.get(addressOf(1), 'office', NOON_MS).mac, ROUTER)
})

test('a MAC that had few addresses for a month is a device again', async () => {
  using ipam = openTestIpam({ routerMacAddresses: 4 })
  for (let n = 1; n <= 10; n++) await ipam.sight([makeSighting({ ip: addressOf(n), mac: ROUTER })], NOON_MS)
  const see = async (days: number) => {
    const nowMs = NOON_MS + days * DAY_MS
    ipam.store.macs.tidy(nowMs)
    await ipam.sight([makeSighting({ ip: addressOf(1), mac: ROUTER, lastMs: nowMs })], nowMs)
    return ipam.look.get(addressOf(1), 'home', nowMs).mac
  }
  assert.equal(await see(29), null)
  assert.equal(await see(31), ROUTER)
})

test('routers that are remembered for a site are bounded', async () => {
  using ipam = openTestIpam({ routerMacAddresses: 1 })
  for (let n = 0; n < 1030; n++) {
    const sightings = [2 * n, 2 * n + 1].map((i) => makeSighting({ ip: addressOf(i), mac: macOf(n) }))
    await ipam.sight(sightings, NOON_MS + n)
  }
  assert.equal(ipam.counters.routerMacs, 1030)
  assert.equal(ipam.store.db.prepare('SELECT count(*) FROM router_mac').pluck().get(), 1024)
})
