import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, DAY_MS, macOf, makeSighting, NOON_MS, openTestIpam } from './testing.ts'

test('a new address is an asset and one event with MAC, vendor and first peers; the same again is none', async () => {
  using ipam = openTestIpam()
  const peers = [{ ip: '192.0.2.1', name: 'example.org' }]
  const sighting = makeSighting({ ip: '192.168.1.10', mac: macOf(1), peers })
  assert.deepEqual(await ipam.sight([sighting], NOON_MS), { added: 1, refused: 0 })
  const [event, ...others] = ipam.events()
  assert.equal(others.length, 0)
  assert.equal(event?.change, 'new')
  assert.deepEqual(event.peers, peers)
  const { asset } = event
  assert.deepEqual(
    [asset.ip, asset.site, asset.mac, asset.macRandom, asset.firstMs, asset.lastMs, asset.active],
    ['192.168.1.10', 'home', macOf(1), false, NOON_MS - 1000, NOON_MS, true],
  )
  assert.match(asset.vendor, /^Raspberry Pi/)
  assert.deepEqual(await ipam.sight([sighting, sighting], NOON_MS), { added: 0, refused: 0 })
  assert.deepEqual(ipam.events(), [])
  const detail = ipam.look.get('192.168.1.10', 'home', NOON_MS)
  assert.deepEqual([detail.flows, detail.bytes], [3, 300])
})

test('one address at two sites is two assets', async () => {
  using ipam = openTestIpam()
  await ipam.sight([makeSighting({ ip: '10.0.0.1' }), makeSighting({ ip: '10.0.0.1', site: 'office' })], NOON_MS)
  assert.equal(ipam.events().length, 2)
  assert.throws(() => ipam.look.get('10.0.0.1', undefined, NOON_MS), { code: 409 })
  assert.equal(ipam.look.get('10.0.0.1', 'office', NOON_MS).site, 'office')
})

test('another MAC is told with the one before; a MAC that the asset had lately is not told again', async () => {
  using ipam = openTestIpam()
  const at = (minutes: number, mac: string | null) =>
    ipam.sight([makeSighting({ ip: '10.0.0.1', mac, lastMs: NOON_MS + minutes * 60_000 })], NOON_MS + DAY_MS)
  await at(0, macOf(1))
  ipam.events()
  await at(5, macOf(2))
  const [event] = ipam.events()
  assert.deepEqual([event?.change, event?.beforeMac, event?.asset.mac], ['mac', macOf(1), macOf(2)])
  await at(10, macOf(1))
  await at(15, null)
  assert.deepEqual(ipam.events(), [])
  const { mac, macs } = ipam.look.get('10.0.0.1', 'home', NOON_MS)
  assert.equal(mac, macOf(1))
  assert.deepEqual(new Set(macs.map((seen) => seen.mac)), new Set([macOf(1), macOf(2)]))
})

test('a MAC that was not known before is learned without an event; one of no device is passed over', async () => {
  using ipam = openTestIpam()
  await ipam.sight([makeSighting({ ip: '10.0.0.1' })], NOON_MS)
  ipam.events()
  for (const mac of ['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01', macOf(3)])
    await ipam.sight([makeSighting({ ip: '10.0.0.1', mac })], NOON_MS)
  assert.deepEqual(ipam.events(), [])
  assert.equal(ipam.look.get('10.0.0.1', 'home', NOON_MS).mac, macOf(3))
  assert.equal(ipam.counters.macsIgnored, 3)
})

test('a made-up MAC is labelled and has no vendor', async () => {
  using ipam = openTestIpam()
  await ipam.sight([makeSighting({ ip: '10.0.0.1', mac: 'da:a1:19:01:02:03' })], NOON_MS)
  const { macRandom, vendor } = ipam.look.get('10.0.0.1', 'home', NOON_MS)
  assert.deepEqual([macRandom, vendor], [true, ''])
})

test('an address that is back after the set days is told with how long it was away; one day less is not', async () => {
  using ipam = openTestIpam({ backAfterDays: 30 })
  const nowMs = NOON_MS + 100 * DAY_MS
  const at = (days: number) => ipam.sight([makeSighting({ ip: '10.0.0.1', lastMs: NOON_MS + days * DAY_MS })], nowMs)
  await at(0)
  await at(29)
  assert.deepEqual(
    ipam.events().map(({ change }) => change),
    ['new'],
  )
  await at(60)
  const [event] = ipam.events()
  assert.equal(event?.change, 'back')
  assert.equal(event.absentMs, 31 * DAY_MS - 1000)
})

test('a sighting from the future counts as now, one that is older changes no newer time', async () => {
  using ipam = openTestIpam()
  await ipam.sight([makeSighting({ ip: '10.0.0.1', lastMs: NOON_MS + 1000 * DAY_MS })], NOON_MS)
  await ipam.sight([makeSighting({ ip: '10.0.0.1', lastMs: NOON_MS - DAY_MS })], NOON_MS)
  const { firstMs, lastMs } = ipam.look.get('10.0.0.1', 'home', NOON_MS)
  assert.deepEqual([firstMs, lastMs], [NOON_MS - DAY_MS - 1000, NOON_MS])
})

test('addresses of no device and sites that are no name are refused and counted', async () => {
  using ipam = openTestIpam()
  const ips = ['224.0.0.251', 'ff02::1', '255.255.255.255', '0.0.0.0', '::', '127.0.0.1', '::1', '::ffff:224.0.0.1']
  const sightings = [...ips.map((ip) => makeSighting({ ip })), makeSighting({ ip: '10.0.0.1', site: 'a.>' })]
  assert.deepEqual(await ipam.sight(sightings, NOON_MS), { added: 0, refused: 9 })
  assert.deepEqual(Object.fromEntries(ipam.counters.refused), {
    multicast: 3,
    broadcast: 1,
    unspecified: 2,
    loopback: 2,
    site: 1,
  })
})

test('ports are summed by side; of very many, those seen last stay, and used ones push out no served one', async () => {
  using ipam = openTestIpam()
  const served = { protocol: 6, port: 22, side: 'served' as const, hits: 2 }
  await ipam.sight([makeSighting({ ip: '10.0.0.1', ports: [served] })], NOON_MS)
  for (let n = 0; n < 10; n++) {
    const ports = Array.from({ length: 32 }, (_, i) => ({
      protocol: 6,
      port: 1000 + n * 32 + i,
      side: 'used' as const,
      hits: 1,
    }))
    await ipam.sight(
      [makeSighting({ ip: '10.0.0.1', ports: [...ports.slice(1), served], lastMs: NOON_MS + n })],
      NOON_MS + n,
    )
  }
  const { ports } = ipam.look.get('10.0.0.1', 'home', NOON_MS)
  assert.equal(ports.filter(({ side }) => side === 'used').length, 64)
  assert.deepEqual(
    ports.filter(({ side }) => side === 'served').map(({ port, hits }) => [port, hits]),
    [[22, 22]],
  )
  assert.ok(ports.some(({ port }) => port === 1000 + 9 * 32 + 31))
  assert.ok(ipam.counters.portsGone > 0)
})

test('an asset remembers its last 16 MACs', async () => {
  using ipam = openTestIpam()
  for (let n = 0; n < 20; n++)
    await ipam.sight([makeSighting({ ip: '10.0.0.1', mac: macOf(n), lastMs: NOON_MS + n })], NOON_MS + n)
  const { macs } = ipam.look.get('10.0.0.1', 'home', NOON_MS)
  assert.deepEqual(
    macs.map(({ mac }) => mac),
    Array.from({ length: 16 }, (_, i) => macOf(19 - i)),
  )
  assert.equal(ipam.counters.macsGone, 4)
})

test('a full site gives up what was seen once before what comes back, and never what a person edited', async () => {
  using ipam = openTestIpam({ maxAssetsPerSite: 10 })
  const see = (n: number, lastMs: number) => ipam.sight([makeSighting({ ip: addressOf(n), lastMs })], NOON_MS)
  await see(1, NOON_MS - 9 * DAY_MS) // edited, the oldest
  ipam.edit.edit({ site: 'home', ip: addressOf(1), set: { name: 'printer' }, unlock: [] }, NOON_MS)
  await see(2, NOON_MS - 9 * DAY_MS) // seen again a day later
  await see(2, NOON_MS - 8 * DAY_MS)
  for (let n = 100; n < 5100; n++) await see(n, NOON_MS - 1000 + n)
  const { assets } = await ipam.look.list({ limit: 100 }, NOON_MS)
  assert.equal(assets.length, 10)
  assert.deepEqual(
    assets.slice(0, 2).map(({ ip }) => ip),
    [addressOf(1), addressOf(2)],
  )
  assert.equal(ipam.counters.evicted, 5002 - 10)
})

test('a site full of edited assets takes no more, nor are there more sites than set', async () => {
  using ipam = openTestIpam({ maxAssetsPerSite: 2, maxSites: 1 })
  for (const ip of ['10.0.0.1', '10.0.0.2']) {
    await ipam.sight([makeSighting({ ip })], NOON_MS)
    ipam.edit.edit({ site: 'home', ip, set: { owner: 'example' }, unlock: [] }, NOON_MS)
  }
  assert.deepEqual(await ipam.sight([makeSighting({ ip: '10.0.0.3' })], NOON_MS), { added: 0, refused: 1 })
  const elsewhere = makeSighting({ ip: '10.0.0.3', site: 'office' })
  assert.deepEqual(await ipam.sight([elsewhere], NOON_MS), { added: 0, refused: 1 })
  assert.equal(ipam.counters.refused.get('room'), 2)
})

test('while the outbox is full, sightings are put off, and a new address is told once there is room', async () => {
  using ipam = openTestIpam({ maxEvents: 3 })
  const sightings = [1, 2, 3, 4].map((n) => makeSighting({ ip: addressOf(n) }))
  assert.deepEqual(await ipam.sight(sightings, NOON_MS), { added: 2, refused: 2 })
  assert.equal(ipam.counters.refused.get('events'), 2)
  assert.equal(ipam.events().length, 2)
  assert.deepEqual(await ipam.sight(sightings.slice(2), NOON_MS), { added: 2, refused: 0 })
  assert.deepEqual(
    ipam.events().map(({ asset }) => asset.ip),
    [addressOf(3), addressOf(4)],
  )
})

test('sums do not pass the largest exact number', async () => {
  using ipam = openTestIpam()
  const sighting = makeSighting({ ip: '10.0.0.1', bytes: Number.MAX_SAFE_INTEGER })
  await ipam.sight([sighting, sighting], NOON_MS)
  assert.equal(ipam.look.get('10.0.0.1', 'home', NOON_MS).bytes, Number.MAX_SAFE_INTEGER)
})
