// A hub and the servers of two sites, real ones: what the sites' collectors publish is in the hub's streams once; a site is that site and no other.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type NatsConnection, PermissionViolationError } from '@nats-io/transport-node'
import { until } from '@netbehave/bench'
import { siteNames } from '@netbehave/schema'
import {
  askArrived,
  type Broker,
  connectBroker,
  copyAnew,
  ensureSiteStreams,
  ensureStreams,
  hubConfig,
  leafConfig,
  makeKeys,
  type NatsServer,
  quietCopies,
  type Role,
  readPublicKey,
  removeArrived,
  roleKey,
  roleKeys,
  siteRoleKeys,
  sitesOf,
  startNatsServer,
} from '../src/index.ts'
import { silentLog } from '../src/testing.ts'

const SITES = ['cabin', 'office']
const KEEP_BYTES = 64 * 1024 * 1024
const HUB_SITES = SITES.map((name) => ({ name, keepBytes: KEEP_BYTES }))
const binary = process.env.NATS_SERVER_BIN ?? 'nats-server'
const dir = mkdtempSync(join(tmpdir(), 'netbehave-sites-'))
const brokers: Broker[] = []
let hub: NatsServer
let hubPort = 0
let leafPort = 0
const leaves = new Map<string, NatsServer>()

const folder = (name: string): string => {
  mkdirSync(join(dir, name), { recursive: true })
  return join(dir, name)
}
const keysOf = (name: string): string => join(folder(name), 'keys')

async function startHub(): Promise<void> {
  const keys = keysOf('hub')
  makeKeys(keys, [...roleKeys(['home']), ...SITES.map((site) => roleKey('leaf', site))])
  hub = await startNatsServer({
    binary,
    dir: folder('hub'),
    config: hubConfig({
      sites: ['home'],
      leafSites: SITES,
      publicKeyOf: (key) => readPublicKey(keys, key),
      listen: `127.0.0.1:${hubPort}`,
      leafListen: `127.0.0.1:${leafPort}`,
      dir: folder('hub'),
      jetstream: { storeDir: join(folder('hub'), 'jetstream'), maxFileBytes: 8 * 1024 ** 3 },
    }),
  })
  hubPort = Number(new URL(hub.url).port)
}

async function startLeaf(site: string): Promise<void> {
  const keys = keysOf(site)
  makeKeys(keys, siteRoleKeys(site))
  const key = roleKey('leaf', site)
  leaves.set(
    site,
    await startNatsServer({
      binary,
      dir: folder(site),
      config: leafConfig({
        site,
        hub: `127.0.0.1:${leafPort}`,
        seed: readFileSync(join(keysOf('hub'), `${key}.seed`), 'latin1'),
        publicKeyOf: (name) => readPublicKey(name === key ? keysOf('hub') : keys, name),
        listen: '127.0.0.1:0',
        dir: folder(site),
        jetstream: { storeDir: join(folder(site), 'jetstream'), maxFileBytes: 1024 ** 3 },
      }),
    }),
  )
}

/** At the hub, or at a site's own server. */
async function connect(role: Role, at: 'hub' | string, site = at, keys = keysOf(at)): Promise<NatsConnection> {
  const brokerUrl = at === 'hub' ? hub.url : leaves.get(at)!.url
  const broker = connectBroker({ brokerUrl, instance: 'test', brokerKeys: keys, site }, role, silentLog)
  brokers.push(broker)
  return broker.connected
}
const keeper = (site: string) => connect('leaf', site, site, keysOf('hub'))

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

const hubStream = async (name: string) =>
  (await jetstreamManager(await connect('flow-admin', 'hub'), { checkAPI: false })).streams.info(name)
const messagesAtHub = async (name: string) => (await hubStream(name)).state.messages

before(async () => {
  leafPort = await freePort()
  await startHub()
  await ensureStreams(await connect('flow-admin', 'hub'))
  for (const site of SITES) {
    await startLeaf(site)
    await ensureSiteStreams(await keeper(site), site, KEEP_BYTES)
  }
  // After the lines are there: the server's next try would be tens of seconds away.
  await until('the lines are there', async () => {
    const answers = await Promise.allSettled(SITES.map(async (site) => askArrived(await keeper(site), site, 1_000)))
    return answers.every(({ status }) => status === 'fulfilled')
  })
  await ensureStreams(await connect('flow-admin', 'hub'), {
    sites: SITES.map((name) => ({ name, keepBytes: KEEP_BYTES })),
  })
})
after(async () => {
  await Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]()))
  await Promise.all([hub, ...leaves.values()].map((server) => server[Symbol.asyncDispose]()))
  rmSync(dir, { recursive: true, force: true })
})

const publish = async (site: string, from: number, to: number) => {
  const stream = jetstream(await connect('collector', site))
  for (let i = from; i < to; i++)
    await stream.publish(siteNames(site).flows.subject, `${site} ${i}`, { msgID: `${site}-${i}` })
}

test('what the collectors of two sites and of the hub publish is in the stream of the hub, each once and in order', async () => {
  await Promise.all(SITES.map((site) => publish(site, 0, 200)))
  const home = jetstream(await connect('collector', 'hub', 'home'))
  for (let i = 0; i < 10; i++) await home.publish('flows.raw.home', `home ${i}`, { msgID: `home-${i}` })
  await until('all arrived', async () => (await messagesAtHub('FLOWS_RAW')) >= 410)
  const manager = await jetstreamManager(await connect('flow-admin', 'hub'), { checkAPI: false })
  const seen: Record<string, string[]> = {}
  for (let seq = 1; seq <= 410; seq++) {
    const message = (await manager.streams.getMessage('FLOWS_RAW', { seq }))!
    const text = new TextDecoder().decode(message.data)
    ;(seen[message.subject] ??= []).push(text)
  }
  for (const [site, count] of [
    ['cabin', 200],
    ['office', 200],
    ['home', 10],
  ] as const)
    assert.deepEqual(
      seen[`flows.raw.${site}`],
      Array.from({ length: count }, (_, i) => `${site} ${i}`),
    )
  assert.equal(await messagesAtHub('FLOWS_RAW'), 410)
})

test('the hub knows its sites by its stream, with what they keep', async () => {
  const sites = sitesOf(await hubStream('FLOWS_RAW'))
  assert.deepEqual(
    sites,
    SITES.map((name) => ({ name, keepBytes: KEEP_BYTES, waiting: 0 })),
  )
  await ensureStreams(await connect('flow-admin', 'hub'))
  assert.deepEqual(
    sitesOf(await hubStream('FLOWS_RAW')).map(({ name }) => name),
    SITES,
    'they stay when nobody names them',
  )
})

test('events of exporters and snapshots of collectors reach the hub, and the hub may ask for snapshots', async () => {
  const reader = await connect('search-gw', 'hub', 'home')
  const stats: string[] = []
  reader.subscribe('stats.>', { callback: (_error, { subject }) => void stats.push(subject) })
  const collector = await connect('collector', 'cabin')
  collector.subscribe('stats-ask', { callback: () => collector.publish('stats.collector.cabin.one', '{}') })
  await collector.flush()
  await until('the site answers', () => {
    reader.publish('stats-ask')
    return stats.includes('stats.collector.cabin.one')
  })
  await jetstream(collector).publish('events.exporter.silent', '{}', { msgID: 'silent-1' })
  await until('the event is in the stream of the hub', async () => (await messagesAtHub('EVENTS')) === 1)
})

test('a collector of one site cannot publish as another, at its own server or at the hub', async () => {
  for (const connection of [await connect('collector', 'cabin'), await connect('leaf', 'hub', 'cabin')]) {
    const refused: string[] = []
    void (async () => {
      for await (const status of connection.status())
        if (status.type === 'error' && status.error instanceof PermissionViolationError)
          refused.push(`${status.error.operation} ${status.error.subject}`)
    })()
    const foreign = [
      ...['flows.raw.office', 'flows.raw.home', 'stats.collector.office.one', 'flows.enriched.cabin'],
      ...['sites.office.flows.x', 'sites.office.events.x', '$JS.API.DIRECT.GET.FLOWS_RAW.flows.raw.office'],
      ...['$JS.API.STREAM.INFO.FLOWS_RAW', '$JS.API.STREAM.PURGE.FLOWS_RAW', '$JS.API.STREAM.MSG.GET.FLOWS_RAW'],
      'dns.ro.reverse',
    ]
    const read = ['flows.>', 'events.>', 'stats.>', 'sites.>', '$JS.office.API.>', '$JS.FC.FLOWS_office.>', '_INBOX.>']
    for (const subject of foreign) connection.publish(subject, '')
    for (const subject of read) connection.subscribe(subject, { callback: () => {} })
    await connection.flush()
    await until('the server has refused all', () => refused.length >= foreign.length + read.length)
    assert.deepEqual(
      refused.sort(),
      [...foreign.map((subject) => `publish ${subject}`), ...read.map((subject) => `subscription ${subject}`)].sort(),
    )
  }
})

test('a line of a site carries nothing as another site: the hub hears neither its flows nor its reports', async () => {
  const heard: string[] = []
  const admin = await connect('flow-admin', 'hub')
  for (const subject of ['flows.>', 'stats.>', 'sites.>', 'events.>'])
    admin.subscribe(subject, {
      callback: (_error, message) => void heard.push(`${message.string()} ${message.subject}`),
    })
  await admin.flush()
  const before = await messagesAtHub('FLOWS_RAW')
  // The keeper of the site may do everything on its own server; the line does not let it pass.
  const cabin = await keeper('cabin')
  for (const subject of [
    'flows.raw.office',
    'stats.collector.office.x',
    'sites.office.flows.x',
    'flows.enriched.cabin',
  ])
    cabin.publish(subject, 'forged')
  cabin.publish('stats.collector.cabin.last', 'forged')
  await until('what came after has passed', () => heard.includes('forged stats.collector.cabin.last'))
  assert.deepEqual(
    heard.filter((message) => message.startsWith('forged')),
    ['forged stats.collector.cabin.last'],
  )
  assert.equal(await messagesAtHub('FLOWS_RAW'), before)
})

test('a site may remove what the hub has; a hub that lost its stream gets nothing twice', {
  timeout: 200_000,
}, async () => {
  const cabin = await keeper('cabin')
  const manager = await jetstreamManager(cabin, { checkAPI: false })
  const { name } = siteNames('cabin').flows
  const { last_seq: last } = (await manager.streams.info(name)).state
  assert.equal(await askArrived(cabin, 'cabin', 5_000), last)
  assert.equal(await removeArrived(cabin, 'cabin', last + 1), undefined, 'that was never here')
  assert.equal(await removeArrived(cabin, 'cabin', last), 200)
  const atHub = await jetstreamManager(await connect('flow-admin', 'hub'), { checkAPI: false })
  await atHub.streams.purge('FLOWS_RAW')
  assert.equal(await askArrived(cabin, 'cabin', 5_000), undefined, 'the hub has none')
  hub.kill()
  await hub.ended
  await startHub()
  await publish('cabin', 200, 203)
  const admin = await connect('flow-admin', 'hub')
  await until('the line is there again', () =>
    askArrived(cabin, 'cabin', 1_000).then(
      () => true,
      () => false,
    ),
  )
  // The server's own next try may be a minute away.
  await until('the hub notices that it hears nothing of the site, or tries by itself', async () => {
    if ((await messagesAtHub('FLOWS_RAW')) >= 3) return true
    for (const stream of await quietCopies(admin, 'cabin')) await copyAnew(admin, stream, 'cabin', HUB_SITES)
  })
  const texts = []
  for (const seq of [1, 2, 3]) texts.push((await atHub.streams.getMessage('FLOWS_RAW', { seq: 410 + seq }))?.string())
  assert.deepEqual(texts, ['cabin 200', 'cabin 201', 'cabin 202'])
})
