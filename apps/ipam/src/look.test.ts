import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AssetListRequest } from '@netbehave/schema'
import { addressOf, DAY_MS, macOf, makeSighting, NOON_MS, openTestIpam } from './testing.ts'

type TestIpam = ReturnType<typeof openTestIpam>

async function listAll(ipam: TestIpam, request: Partial<AssetListRequest>): Promise<string[]> {
  const ips: string[] = []
  let after: AssetListRequest['after']
  do {
    const page = await ipam.look.list({ limit: 100, ...request, ...(after && { after }) }, NOON_MS)
    ips.push(...page.assets.map(({ site, ip }) => `${site} ${ip}`))
    after = page.next ?? undefined
  } while (after !== undefined)
  return ips
}

test('pages follow each other by site and by address as a number, each asset once', async () => {
  using ipam = openTestIpam()
  const home = ['9.0.0.1', '10.0.0.2', '10.0.0.10', 'fd00::1']
  const seen = home.flatMap((ip) => [makeSighting({ ip }), makeSighting({ ip, site: 'a-site' })])
  await ipam.sight(seen.toReversed(), NOON_MS)
  const sorted = ['a-site', 'home'].flatMap((site) => home.map((ip) => `${site} ${ip}`))
  for (const limit of [1, 2, 3, 8, 500]) assert.deepEqual(await listAll(ipam, { limit }), sorted, `limit ${limit}`)
  assert.deepEqual(await listAll(ipam, { limit: 1, site: 'a-site' }), sorted.slice(0, 4))
})

test('a page may begin after an asset that is gone by now, and ends at the end', async () => {
  using ipam = openTestIpam()
  await ipam.sight([makeSighting({ ip: '10.0.0.1' }), makeSighting({ ip: '10.0.0.3' })], NOON_MS)
  const { assets, next } = await ipam.look.list({ limit: 1, after: { site: 'home', ip: '10.0.0.2' } }, NOON_MS)
  assert.deepEqual([assets.map(({ ip }) => ip), next], [['10.0.0.3'], null])
})

test('a row names the ports that it serves, most hits first and so many; what it used is not among them', async () => {
  using ipam = openTestIpam()
  const served = Array.from(
    { length: 12 },
    (_, i) => ({ protocol: 6, port: 1000 + i, side: 'served', hits: i }) as const,
  )
  const ports = [...served, { protocol: 17, port: 53, side: 'used', hits: 99 } as const]
  await ipam.sight([makeSighting({ ip: '10.0.0.1', ports }), makeSighting({ ip: '10.0.0.2', ports: [] })], NOON_MS)
  const { assets } = await ipam.look.list({ limit: 10 }, NOON_MS)
  assert.deepEqual(
    assets.map((asset) => asset.served.map(({ port }) => port)),
    [[1011, 1010, 1009, 1008, 1007, 1006, 1005, 1004], []],
  )
})

test('filters: text in any field and case, whole tags, active or not, and all of them together', async () => {
  using ipam = openTestIpam({ activeDays: 7 })
  const seen = [
    makeSighting({ ip: '10.0.0.1', mac: macOf(1) }),
    makeSighting({ ip: '10.0.0.2', lastMs: NOON_MS - 8 * DAY_MS }),
    makeSighting({ ip: '10.0.0.3' }),
  ]
  await ipam.sight(seen, NOON_MS)
  const edit = (ip: string, set: object) => ipam.edit.edit({ site: 'home', ip, set, unlock: [] }, NOON_MS)
  edit('10.0.0.2', { name: 'Drücker 100%', tags: ['lab', 'old'] })
  edit('10.0.0.3', { note: 'beside the PRINTER', tags: ['label'] })
  const find = async (request: Partial<AssetListRequest>) =>
    (await listAll(ipam, request)).map((key) => key.replace('home 10.0.0.', '')).join()
  assert.equal(await find({ text: 'raspberry' }), '1')
  assert.equal(await find({ text: macOf(1).toUpperCase() }), '1')
  assert.equal(await find({ text: 'DRÜCKER' }), '2')
  assert.equal(await find({ text: '100%' }), '2')
  assert.equal(await find({ text: '%' }), '2')
  assert.equal(await find({ text: 'printer' }), '3')
  assert.equal(await find({ text: '10.0.0.' }), '1,2,3')
  assert.equal(await find({ tag: 'lab' }), '2')
  assert.equal(await find({ tag: 'la' }), '')
  assert.equal(await find({ active: true }), '1,3')
  assert.equal(await find({ active: false }), '2')
  assert.equal(await find({ active: true, tag: 'lab' }), '')
  assert.equal(await find({ text: "' OR 1=1 --" }), '')
})

test('a search goes through more rows than one piece has', async () => {
  using ipam = openTestIpam()
  const all = Array.from({ length: 5000 }, (_, n) => makeSighting({ ip: addressOf(n + 1) }))
  for (let at = 0; at < all.length; at += 1000) await ipam.sight(all.slice(at, at + 1000), NOON_MS)
  const marked = [1, 2047, 2048, 2049, 4096, 4097, 5000].map(addressOf)
  for (const ip of marked) ipam.edit.edit({ site: 'home', ip, set: { name: 'marked' }, unlock: [] }, NOON_MS)
  assert.deepEqual(
    await listAll(ipam, { text: 'marked', limit: 2 }),
    marked.map((ip) => `home ${ip}`),
  )
  assert.equal((await listAll(ipam, { limit: 500 })).length, 5000)
  const { assets, active, edited } = await ipam.look.info(NOON_MS, 65_536)
  assert.deepEqual([assets, active, edited], [5000, 5000, 7])
})

test('a page of assets with long notes stays below what a message holds', async () => {
  using ipam = openTestIpam()
  const note = '語'.repeat(2000)
  const tags = Array.from({ length: 32 }, (_, i) => `${'語'.repeat(60)}${i}`)
  for (let n = 1; n <= 200; n++) {
    await ipam.sight([makeSighting({ ip: addressOf(n) })], NOON_MS)
    ipam.edit.edit({ site: 'home', ip: addressOf(n), set: { note, tags }, unlock: [] }, NOON_MS)
  }
  const page = await ipam.look.export({ limit: 500 }, NOON_MS)
  assert.ok(page.next !== null)
  assert.ok(Buffer.byteLength(JSON.stringify(page)) < 500_000)
  assert.equal((await listAll(ipam, { limit: 500 })).length, 200)
})

test('labels are names, else host names, in the order of the addresses', async () => {
  using ipam = openTestIpam()
  await ipam.sight([makeSighting({ ip: '10.0.0.1' }), makeSighting({ ip: '10.0.0.2' })], NOON_MS)
  ipam.edit.edit({ site: 'home', ip: '10.0.0.1', set: { name: 'n', hostname: 'h' }, unlock: [] }, NOON_MS)
  ipam.edit.edit({ site: 'home', ip: '10.0.0.2', set: { hostname: 'h2' }, unlock: [] }, NOON_MS)
  assert.deepEqual(ipam.look.labels('home', ['10.0.0.2', '10.0.0.9', '10.0.0.1', '::ffff:10.0.0.1']), [
    'h2',
    null,
    'n',
    'n',
  ])
  assert.deepEqual(ipam.look.labels('office', ['10.0.0.1']), [null])
})
