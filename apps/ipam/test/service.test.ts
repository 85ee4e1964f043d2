// The asset service on a real nats-server: what is asked, what is told, what happens with hostile input.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { ask, RequestFault } from '@netbehave/broker'
import {
  IPAM_EDIT,
  IPAM_EXPORT,
  IPAM_FORGET,
  IPAM_GET,
  IPAM_IMPORT,
  IPAM_INFO,
  IPAM_LABELS,
  IPAM_LIST,
  IPAM_SIGHT,
  IPAM_STATS,
  SUBJECTS,
} from '@netbehave/schema'
import { addressOf, macOf, makeSighting } from '../src/testing.ts'
import { openSystem, readEvents } from './system.ts'

const KEY = { site: 'home', ip: '192.168.1.10' }
const faultOf = (promise: Promise<unknown>): Promise<RequestFault> =>
  promise.then(
    () => assert.fail('there was an answer'),
    (error: unknown) => (error instanceof RequestFault ? error : assert.fail(String(error))),
  )

async function openService(env: Record<string, string> = {}) {
  const system = await openSystem()
  await system.start(env)
  const admin = system.broker.connect('admin')
  const sent = () => until(async () => (await ask(admin, IPAM_STATS, {})).outbox.waiting === 0)
  const events = async () => {
    await sent()
    return readEvents(system.broker)
  }
  return { ...system, admin, sent, events }
}

test('an address is told as new once, after forgetting it again, and stands in ipam.new', async () => {
  await using service = await openService()
  const { admin, events, dataDir } = service
  const sighting = makeSighting({ ip: KEY.ip, mac: macOf(1), lastMs: Date.now() })
  assert.deepEqual(await ask(admin, IPAM_SIGHT, { sightings: [sighting] }), { added: 1, refused: 0 })
  assert.deepEqual(await ask(admin, IPAM_SIGHT, { sightings: [sighting] }), { added: 0, refused: 0 })
  assert.deepEqual(
    (await events()).map(({ change }) => change),
    ['new'],
  )
  assert.deepEqual(await ask(admin, IPAM_FORGET, { assets: [KEY] }), { forgotten: 1 })
  await ask(admin, IPAM_SIGHT, { sightings: [sighting] })
  const told = await events()
  assert.deepEqual(
    told.map(({ change }) => change),
    ['new', 'forgotten', 'new'],
  )
  assert.equal(new Set(told.map(({ id }) => id)).size, 3)
  const lines = readFileSync(join(dataDir, 'ipam/ipam.new'), 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { mac: string }).mac),
    [macOf(1), macOf(1)],
  )
})

test('every request is answered: labels, list, get, info, edit with its version, export and import', async () => {
  await using service = await openService()
  const { admin } = service
  await ask(admin, IPAM_SIGHT, { sightings: [makeSighting({ ip: KEY.ip }), makeSighting({ ip: '10.0.0.1' })] })
  const detail = await ask(admin, IPAM_EDIT, { ...KEY, version: 0, set: { name: 'nas', tags: ['lab'] } })
  assert.deepEqual([detail.version, detail.name], [1, 'nas'])
  assert.equal((await faultOf(ask(admin, IPAM_EDIT, { ...KEY, version: 0, set: { name: 'x' } }))).code, 409)
  const { labels } = await ask(admin, IPAM_LABELS, { site: 'home', addresses: [KEY.ip, '10.0.0.1', '10.9.9.9'] })
  assert.deepEqual(labels, ['nas', null, null])
  assert.equal((await ask(admin, IPAM_LIST, { tag: 'lab' })).assets[0]?.ip, KEY.ip)
  assert.equal((await ask(admin, IPAM_GET, { ip: KEY.ip })).origins.length, 2)
  assert.equal((await faultOf(ask(admin, IPAM_GET, { ip: '10.9.9.9' }))).code, 404)
  assert.deepEqual(
    (await ask(admin, IPAM_INFO, {})).sites.map(({ site, assets }) => [site, assets]),
    [['home', 2]],
  )
  const { assets } = await ask(admin, IPAM_EXPORT, {})
  const rows = assets.map(({ site, ip, name, tags, locked }) => ({ site, ip, name, tags, locked }))
  assert.deepEqual(await ask(admin, IPAM_IMPORT, { assets: rows }), { added: 0, changed: 0, same: 2, refused: [] })
})

test('names of leases come from the broker; foreign messages there are passed over', async () => {
  await using service = await openService()
  const { admin, broker } = service
  await ask(admin, IPAM_SIGHT, { sightings: [makeSighting({ ip: KEY.ip })] })
  const dns = broker.connect('dns-events')
  await dns.connected
  dns.publishCore(SUBJECTS.dnsReply, Uint8Array.of(0xff, 0x22))
  dns.publishCore(SUBJECTS.dnsReply, '{"source":"dhcp"}')
  const answer = { client: null, address: KEY.ip, name: 'laptop', source: 'dhcp', atMs: Date.now() }
  dns.publishCore(SUBJECTS.dnsReply, JSON.stringify({ boot: 'b', sequence: 1, site: 'home', answers: [answer] }))
  await until(async () => (await ask(admin, IPAM_GET, { ip: KEY.ip })).hostname === 'laptop')
})

test('hostile texts are kept as text or refused, and huge requests leave the service as it was', async () => {
  await using service = await openService()
  const { admin, events } = service
  const peers = [{ ip: '192.0.2.1', name: '<script>alert(1)</script>\u0000\u001b[31m' }]
  await ask(admin, IPAM_SIGHT, { sightings: [makeSighting({ ip: KEY.ip, peers })] })
  assert.deepEqual((await events())[0]?.peers, peers)
  const name = '<script>alert(1)</script>'
  assert.equal((await ask(admin, IPAM_EDIT, { ...KEY, set: { name } })).name, name)
  assert.equal((await faultOf(ask(admin, IPAM_EDIT, { ...KEY, set: { name: 'a\u001b[31m' } }))).code, 400)
  assert.equal((await faultOf(ask(admin, IPAM_LABELS, { site: '*', addresses: [KEY.ip] }))).code, 400)
  const many = Array.from({ length: 1025 }, (_, n) => makeSighting({ ip: addressOf(n) }))
  assert.equal((await faultOf(ask(admin, IPAM_SIGHT, { sightings: many }))).code, 400)
  const connection = await admin.connected
  const huge = await connection.request(IPAM_SIGHT.subject, `{"sightings":"${'x'.repeat(1_000_000)}"}`, {
    timeout: 5000,
  })
  assert.equal(huge.headers?.get('Nats-Service-Error-Code'), '400')
  assert.equal((await ask(admin, IPAM_INFO, {})).assets, 1)
})

test('10,000 addresses at once are taken, told once each, and leave the outbox empty', async () => {
  await using service = await openService()
  const { admin, events } = service
  const all = Array.from({ length: 10_000 }, (_, n) => makeSighting({ ip: addressOf(n + 1), mac: macOf(n) }))
  const requests = Array.from({ length: 20 }, (_, i) => all.slice(i * 500, (i + 1) * 500))
  const replies = await Promise.all(
    requests.map((sightings) => ask(admin, IPAM_SIGHT, { sightings }, { timeoutMs: 60_000 })),
  )
  assert.equal(
    replies.reduce((sum, { added }) => sum + added, 0),
    10_000,
  )
  const told = await events()
  assert.equal(new Set(told.map(({ asset }) => asset.ip)).size, 10_000)
  assert.equal(told.length, 10_000)
})

test('events wait while the broker is away, and come once when it is back', async () => {
  await using service = await openService()
  const { admin, broker, events } = service
  await ask(admin, IPAM_SIGHT, { sightings: [makeSighting({ ip: KEY.ip })] })
  await broker.crash()
  await until(() => admin.isConnected)
  await until(() =>
    ask(admin, IPAM_SIGHT, { sightings: [makeSighting({ ip: '10.0.0.1' })] }).then(
      () => true,
      () => false,
    ),
  )
  assert.deepEqual((await events()).map(({ asset }) => asset.ip).sort(), ['10.0.0.1', KEY.ip])
})

test('a damaged database is set aside with its reason, and the service starts', async () => {
  await using system = await openSystem()
  const directory = join(system.dataDir, 'ipam')
  await mkdir(directory)
  writeFileSync(join(directory, 'assets.sqlite3'), 'no database at all, but long enough for its header'.repeat(10))
  const child = await system.start()
  const aside = readdirSync(directory).filter((name) => name.includes('.damaged-'))
  assert.equal(aside.length, 2)
  assert.match(child.stderr, /set aside/)
  const admin = system.broker.connect('admin')
  assert.equal((await ask(admin, IPAM_INFO, {})).assets, 0)
})

test('SIGTERM stops it in order, and what it knew is there at the next start', async () => {
  await using system = await openSystem()
  const first = await system.start()
  const admin = system.broker.connect('admin')
  await ask(admin, IPAM_SIGHT, { sightings: [makeSighting({ ip: KEY.ip })] })
  first.signal('SIGTERM')
  assert.equal(await first.ended, 0, first.stderr)
  await system.start()
  assert.equal((await ask(admin, IPAM_INFO, {})).assets, 1)
})
