import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DnsLease, DnsReplyEvent } from '@netbehave/schema'
import { addressOf, macOf, makeSighting, NOON_MS, openTestIpam } from './testing.ts'

const HOUR_MS = 3_600_000
type Answer = DnsReplyEvent['answers'][number]

const heard = (answers: Partial<Answer>[], site = 'home'): DnsReplyEvent => ({
  boot: 'b',
  sequence: 1,
  site,
  answers: answers.map((answer) => ({
    client: null,
    address: '10.0.0.1',
    name: 'laptop',
    source: 'dhcp',
    atMs: NOON_MS,
    ...answer,
  })),
})

const lease = (more: Partial<DnsLease> = {}): DnsLease => ({
  ...{ site: 'home', address: '10.0.0.1', mac: macOf(1), hostname: 'laptop', lastMs: NOON_MS },
  ...more,
})

async function open() {
  const ipam = openTestIpam()
  await ipam.sight([makeSighting({ ip: '10.0.0.1' })], NOON_MS)
  ipam.events()
  const hear = (...answers: Partial<Answer>[]) => ipam.hear.onReply(heard(answers), NOON_MS + 100 * HOUR_MS)
  const hostname = () => ipam.look.get('10.0.0.1', 'home', NOON_MS).hostname
  return { ipam, hear, hostname, [Symbol.dispose]: () => ipam[Symbol.dispose]() }
}

test('a lease names its asset, which is told because flows get another label', async () => {
  using system = await open()
  await system.hear({})
  assert.equal(system.hostname(), 'laptop')
  const [event, ...others] = system.ipam.events()
  assert.deepEqual([event?.change, event?.asset.hostname, others.length], ['edited', 'laptop', 0])
  await system.hear({}, { name: 'laptop.lan' })
  assert.deepEqual(system.ipam.events(), [])
})

test('where a person named the asset, a host name changes no label and is not told', async () => {
  using system = await open()
  system.ipam.edit.edit({ site: 'home', ip: '10.0.0.1', set: { name: 'mine' }, unlock: [] }, NOON_MS)
  system.ipam.events()
  await system.hear({})
  assert.equal(system.hostname(), 'laptop')
  assert.deepEqual(system.ipam.events(), [])
})

test('a name heard before the address was seen is on its event "new"', async () => {
  using system = await open()
  await system.hear({ address: '10.0.0.2', name: 'phone' }, { address: '10.0.0.2', name: 'other', source: 'hosts' })
  await system.ipam.sight([makeSighting({ ip: '10.0.0.2' }), makeSighting({ ip: '10.0.0.2', site: 'office' })], NOON_MS)
  assert.deepEqual(
    system.ipam.events().map(({ change, asset }) => [change, asset.site, asset.hostname]),
    [
      ['new', 'home', 'phone'],
      ['new', 'office', ''],
    ],
  )
})

test('names that wait for a sighting are bounded, the oldest goes', async () => {
  using system = await open()
  for (let at = 1; at <= 5000; at += 1000) {
    const answers = Array.from({ length: 1000 }, (_, i) => ({ address: addressOf(at + i), name: `n${at + i}` }))
    await system.hear(...answers.filter(({ address }) => address !== '10.0.0.1'))
  }
  assert.equal(system.ipam.hear.dropped, 4999 - 4096)
  await system.ipam.sight([makeSighting({ ip: addressOf(2) }), makeSighting({ ip: addressOf(5000) })], NOON_MS)
  assert.deepEqual(
    system.ipam.events().map(({ asset }) => asset.hostname),
    ['', 'n5000'],
  )
})

test('a lease is more than a hosts file; of several names the one that is still heard stays', async () => {
  using system = await open()
  await system.hear({ source: 'hosts', name: 'nas' })
  await system.hear({ source: 'hosts', name: 'cloud', atMs: NOON_MS + HOUR_MS / 2 })
  assert.equal(system.hostname(), 'nas')
  await system.hear({ source: 'hosts', name: 'nas', atMs: NOON_MS + HOUR_MS / 2 })
  await system.hear({ source: 'hosts', name: 'cloud', atMs: NOON_MS + 1.2 * HOUR_MS })
  assert.equal(system.hostname(), 'nas')
  await system.hear({ source: 'hosts', name: 'cloud', atMs: NOON_MS + 2 * HOUR_MS })
  assert.equal(system.hostname(), 'cloud')
  await system.hear({ name: 'laptop', atMs: NOON_MS + 2 * HOUR_MS })
  await system.hear({ source: 'hosts', name: 'cloud', atMs: NOON_MS + 2.1 * HOUR_MS })
  assert.equal(system.hostname(), 'laptop')
})

test('answers to queries name nothing: anybody may let a name point here', async () => {
  using system = await open()
  await system.hear({ source: 'dns', client: '10.0.0.9', name: 'evil.example' })
  await system.hear({ source: 'dns', name: 'evil.example' })
  await system.hear({ source: 'dhcp', client: '10.0.0.9', name: 'evil.example' })
  assert.equal(system.hostname(), '')
})

test('a lease tells host name and MAC; another MAC in a later lease is told', async () => {
  using system = await open()
  const { ipam } = system
  await ipam.hear.onLeases([lease()], NOON_MS)
  const { hostname, mac, vendor } = ipam.look.get('10.0.0.1', 'home', NOON_MS)
  assert.deepEqual([hostname, mac], ['laptop', macOf(1)])
  assert.match(vendor, /Raspberry/)
  assert.deepEqual(
    ipam.events().map(({ change }) => change),
    ['edited'],
  )
  await ipam.hear.onLeases([lease()], NOON_MS)
  assert.deepEqual(ipam.events(), [], 'the same again says nothing')
  const laterMs = NOON_MS + 2 * HOUR_MS
  await ipam.hear.onLeases([lease({ mac: macOf(2), lastMs: laterMs })], laterMs)
  assert.deepEqual(
    ipam.events().map(({ change, beforeMac, asset }) => [change, beforeMac, asset.mac]),
    [['mac', macOf(1), macOf(2)]],
  )
})

test('a lease that is older than what flows showed changes no MAC; where flows show none it counts for a day', async () => {
  using system = await open()
  const { ipam } = system
  const macNow = (ip: string) => ipam.look.get(ip, 'home', NOON_MS).mac
  await ipam.sight([makeSighting({ ip: '10.0.0.2', mac: macOf(7), lastMs: NOON_MS })], NOON_MS)
  const before = lease({ mac: macOf(1), lastMs: NOON_MS - 5 * HOUR_MS })
  await ipam.hear.onLeases([before, { ...before, address: '10.0.0.2' }], NOON_MS)
  assert.deepEqual([macNow('10.0.0.1'), macNow('10.0.0.2')], [macOf(1), macOf(7)])
  await ipam.sight([makeSighting({ ip: '10.0.0.3', lastMs: NOON_MS })], NOON_MS)
  await ipam.hear.onLeases([lease({ address: '10.0.0.3', lastMs: NOON_MS - 30 * HOUR_MS })], NOON_MS)
  assert.equal(macNow('10.0.0.3'), null, 'may be another device by now')
})

test('a lease that comes before its address is seen waits for it, and what a person set stays', async () => {
  using system = await open()
  const { ipam } = system
  ipam.edit.edit({ site: 'home', ip: '10.0.0.1', set: { hostname: 'mine' }, unlock: [] }, NOON_MS)
  await ipam.hear.onLeases([lease(), lease({ address: '10.0.0.9', mac: macOf(9), hostname: 'phone' })], NOON_MS)
  assert.equal(system.hostname(), 'mine')
  ipam.events()
  await ipam.sight([makeSighting({ ip: '10.0.0.9' })], NOON_MS)
  assert.deepEqual(
    ipam.events().map(({ change, asset }) => [change, asset.hostname, asset.mac]),
    [['new', 'phone', macOf(9)]],
  )
})

test('names of the own zones count after leases and hosts files, and only for addresses of devices', async () => {
  using system = await open()
  const asked = { source: 'dns', client: '10.0.0.9' } as const
  await system.hear({ ...asked, name: 'printer.lan' })
  assert.equal(system.hostname(), 'printer.lan')
  assert.equal(system.ipam.look.get('10.0.0.1', 'home', NOON_MS).origins[0]!.source, 'dns')
  await system.hear({ ...asked, name: 'printer.lan.evil.example' }, { ...asked, name: 'evillan' })
  assert.equal(system.hostname(), 'printer.lan')
  await system.hear({ source: 'hosts', name: 'nas' })
  assert.equal(system.hostname(), 'nas')
  await system.hear({ ...asked, name: 'printer.lan' })
  assert.equal(system.hostname(), 'nas')
})
