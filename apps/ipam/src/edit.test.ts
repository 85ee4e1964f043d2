import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASSET_FIELDS, AssetEdit, type AssetImport, type DnsReplyEvent } from '@netbehave/schema'
import { addressOf, DAY_MS, macOf, makeSighting, NOON_MS, openTestIpam } from './testing.ts'

const KEY = { site: 'home', ip: '10.0.0.1' }
type TestIpam = ReturnType<typeof openTestIpam>

async function openWithAsset(): Promise<TestIpam> {
  const ipam = openTestIpam()
  await ipam.sight([makeSighting({ ip: KEY.ip, mac: macOf(1) })], NOON_MS)
  ipam.events()
  return ipam
}

const lease = (name: string, atMs = NOON_MS): DnsReplyEvent => ({
  boot: 'b',
  sequence: 1,
  site: 'home',
  answers: [{ client: null, address: KEY.ip, name, source: 'dhcp', atMs }],
})

test('what a person set is told, stays through sightings and leases, and shows who said it', async () => {
  using ipam = await openWithAsset()
  const set = {
    name: 'Printer',
    owner: 'Office',
    type: 'printer',
    note: 'two\nlines',
    tags: ['lab', 'lab', 'a b'],
    hostname: 'hp',
  }
  ipam.edit.edit({ ...KEY, set, unlock: [] }, NOON_MS)
  const [event, ...others] = ipam.events()
  assert.deepEqual([event?.change, event?.asset.name, others.length], ['edited', 'Printer', 0])
  await ipam.sight([makeSighting({ ip: KEY.ip, mac: macOf(2), lastMs: NOON_MS + 1 })], NOON_MS + 1)
  await ipam.hear.onReply(lease('laptop.lan', NOON_MS + DAY_MS), NOON_MS + DAY_MS)
  const detail = ipam.look.get(KEY.ip, 'home', NOON_MS)
  for (const field of ASSET_FIELDS) assert.deepEqual(detail[field], field === 'tags' ? ['lab', 'a b'] : set[field])
  assert.ok(detail.origins.every(({ source, locked }) => source === 'person' && locked))
  assert.equal(detail.version, 1)
})

test('an edit that says which version it read is refused when there is another by now', async () => {
  using ipam = await openWithAsset()
  ipam.edit.edit({ ...KEY, version: 0, set: { name: 'a' }, unlock: [] }, NOON_MS)
  assert.throws(() => ipam.edit.edit({ ...KEY, version: 0, set: { name: 'b' }, unlock: [] }, NOON_MS), { code: 409 })
  assert.equal(ipam.look.get(KEY.ip, 'home', NOON_MS).name, 'a')
  ipam.edit.edit({ ...KEY, version: 1, set: { name: 'b' }, unlock: [] }, NOON_MS)
  assert.equal(ipam.look.get(KEY.ip, 'home', NOON_MS).name, 'b')
})

test('sightings do not change the version, nor does an edit that changes nothing, which is not told either', async () => {
  using ipam = await openWithAsset()
  await ipam.sight([makeSighting({ ip: KEY.ip, mac: macOf(2), lastMs: NOON_MS + 1 })], NOON_MS + 1)
  ipam.events()
  ipam.edit.edit({ ...KEY, set: { name: '', tags: [] }, unlock: ['hostname'] }, NOON_MS)
  assert.equal(ipam.look.get(KEY.ip, 'home', NOON_MS).version, 0)
  assert.deepEqual(ipam.events(), [])
})

test('an address that is no asset cannot be edited', async () => {
  using ipam = openTestIpam()
  assert.throws(() => ipam.edit.edit({ ...KEY, set: { name: 'a' }, unlock: [] }, NOON_MS), { code: 404 })
})

test('a field that was unlocked or emptied changes again by what is heard', async () => {
  using ipam = await openWithAsset()
  ipam.edit.edit({ ...KEY, set: { hostname: 'mine' }, unlock: [] }, NOON_MS)
  ipam.edit.edit({ ...KEY, set: {}, unlock: ['hostname'] }, NOON_MS)
  await ipam.hear.onReply(lease('laptop'), NOON_MS)
  assert.equal(ipam.look.get(KEY.ip, 'home', NOON_MS).hostname, 'laptop')
  ipam.edit.edit({ ...KEY, set: { hostname: 'mine' }, unlock: [] }, NOON_MS)
  ipam.edit.edit({ ...KEY, set: { hostname: '' }, unlock: [] }, NOON_MS)
  await ipam.hear.onReply(lease('laptop'), NOON_MS)
  assert.equal(ipam.look.get(KEY.ip, 'home', NOON_MS).hostname, 'laptop')
})

test('what was forgotten is told, gone with all that was known of it, and new when it is seen again', async () => {
  using ipam = await openWithAsset()
  const both = [KEY, { site: 'home', ip: '10.9.9.9' }]
  assert.deepEqual(await ipam.edit.forget(both, NOON_MS), { forgotten: 1 })
  assert.deepEqual(
    ipam.events().map(({ change, asset }) => [change, asset.ip]),
    [['forgotten', KEY.ip]],
  )
  for (const table of ['asset', 'mac_history', 'port', 'origin'])
    assert.equal(ipam.store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), 0, table)
  assert.deepEqual(await ipam.sight([makeSighting({ ip: KEY.ip })], NOON_MS), { added: 1, refused: 0 })
  assert.equal(ipam.events()[0]?.change, 'new')
})

const COPIED = [
  'ip',
  'site',
  'mac',
  'hostname',
  'name',
  'owner',
  'type',
  'note',
  'tags',
  'firstMs',
  'lastMs',
  'locked',
] as const

async function exportAll(ipam: TestIpam): Promise<AssetImport[]> {
  const { assets } = await ipam.look.export({ limit: 500 }, NOON_MS)
  return assets.map((asset) => Object.fromEntries(COPIED.map((key) => [key, asset[key]])) as unknown as AssetImport)
}

test('an export is imported elsewhere to the same assets, and here it changes nothing', async () => {
  using ipam = await openWithAsset()
  await ipam.sight([makeSighting({ ip: addressOf(2) }), makeSighting({ ip: '2001:db8::1', site: 'office' })], NOON_MS)
  await ipam.hear.onReply(lease('laptop'), NOON_MS)
  ipam.edit.edit({ ...KEY, set: { name: '=1+1', note: 'a,"b"\nc', tags: ['x', 'y'] }, unlock: [] }, NOON_MS)
  ipam.events()
  const exported = await exportAll(ipam)
  assert.equal(exported.length, 3)
  assert.deepEqual(await ipam.edit.importAssets(exported, NOON_MS), { added: 0, changed: 0, same: 3, refused: [] })
  assert.deepEqual(ipam.events(), [])
  using other = openTestIpam()
  assert.equal((await other.edit.importAssets(exported, NOON_MS)).added, 3)
  assert.deepEqual(await exportAll(other), exported)
  // Known from the file, so not new.
  assert.deepEqual(await other.sight([makeSighting({ ip: KEY.ip })], NOON_MS), { added: 0, refused: 0 })
  assert.deepEqual(
    other.events().map(({ change, asset }) => [change, asset.ip, asset.name]),
    [['edited', KEY.ip, '=1+1']],
  )
})

test('an import sets what it names, empties what is empty in it, and leaves what it does not name', async () => {
  using ipam = await openWithAsset()
  ipam.edit.edit({ ...KEY, set: { name: 'a', owner: 'b', note: 'c' }, unlock: [] }, NOON_MS)
  const reply = await ipam.edit.importAssets(
    [
      { ...KEY, name: 'A', owner: '' },
      { ...KEY, ip: '224.0.0.1' },
    ],
    NOON_MS,
  )
  assert.deepEqual([reply.changed, reply.refused[0]?.index], [1, 1])
  const { name, owner, note } = ipam.look.get(KEY.ip, 'home', NOON_MS)
  assert.deepEqual([name, owner, note], ['A', '', 'c'])
})

test('texts with control characters and such that turn the direction of writing are no edit; anything else is kept as it is', () => {
  for (const name of ['a\u0000', 'a\nb', '\u001b[31m', 'a\u202eb', '\u2028', 'x'.repeat(129)])
    assert.equal(AssetEdit.safeParse({ name }).success, false, JSON.stringify(name))
  assert.equal(AssetEdit.safeParse({ note: 'a\nb\tc' }).success, true)
  assert.equal(AssetEdit.safeParse({ note: 'a\rb' }).success, false)
  assert.equal(AssetEdit.safeParse({ name: '<script>alert(1)</script> Küche 日本' }).success, true)
  assert.equal(AssetEdit.safeParse({ tags: ['a\nb'] }).success, false)
})
