// A hub and the servers of two sites, real ones: what the sites' collectors publish is in the hub's streams once; a site is that site and no other.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { headers, type NatsConnection, PermissionViolationError } from '@nats-io/transport-node'
import { until } from '@netbehave/bench'
import { lastAtHub, siteNames } from '@netbehave/schema'
import {
  type Broker,
  connectBroker,
  createForwarder,
  ensureSiteStreams,
  ensureStreams,
  type Forwarder,
  hubConfig,
  leafConfig,
  makeKeys,
  type NatsServer,
  type Role,
  readPublicKey,
  roleKey,
  roleKeys,
  siteRoleKeys,
  sitesOf,
  startNatsServer,
} from '../src/index.ts'
import { silentLog } from '../src/testing.ts'

const SITES = ['cabin', 'office']
const KEEP_BYTES = 64 * 1024 * 1024
const binary = process.env.NATS_SERVER_BIN ?? 'nats-server'
const dir = mkdtempSync(join(tmpdir(), 'netbehave-sites-'))
const brokers: Broker[] = []
let hub: NatsServer
let hubPort = 0
let leafPort = 0
const leaves = new Map<string, NatsServer>()
const forwarders = new Map<string, Forwarder>()
/** What forwarders say, by site. */
const said: string[] = []

const folder = (name: string): string => {
  mkdirSync(join(dir, name), { recursive: true })
  return join(dir, name)
}
const keysOf = (name: string): string => join(folder(name), 'keys')

function configOfHub(leafSites: readonly string[]): string {
  const keys = keysOf('hub')
  makeKeys(keys, [...roleKeys(['home']), ...leafSites.map((site) => roleKey('leaf', site))])
  return hubConfig({
    sites: ['home'],
    leafSites,
    publicKeyOf: (key) => readPublicKey(keys, key),
    listen: `127.0.0.1:${hubPort}`,
    leafListen: `127.0.0.1:${leafPort}`,
    dir: folder('hub'),
    jetstream: { storeDir: join(folder('hub'), 'jetstream'), maxFileBytes: 8 * 1024 ** 3 },
  })
}

async function startHub(): Promise<void> {
  hub = await startNatsServer({ binary, dir: folder('hub'), config: configOfHub(SITES) })
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
function openBroker(role: Role, at: 'hub' | string, site = at, keys = keysOf(at)): Broker {
  const brokerUrl = at === 'hub' ? hub.url : leaves.get(at)!.url
  const broker = connectBroker({ brokerUrl, instance: 'test', brokerKeys: keys, site }, role, silentLog)
  brokers.push(broker)
  return broker
}
const connect = (...args: Parameters<typeof openBroker>): Promise<NatsConnection> => openBroker(...args).connected
/** Whoever keeps a site's streams. */
const keeper = (site: string) => openBroker('flow-admin', site)
/** The site's end of its line to the hub, with the site's key. */
const line = (site: string) => openBroker('leaf', site, site, keysOf('hub'))

async function forward(site: string): Promise<void> {
  await forwarders.get(site)?.[Symbol.asyncDispose]()
  const forwarder = createForwarder({
    site,
    keeper: keeper(site),
    line: line(site),
    onAnswer: () => {},
    onAway: () => said.push(`${site} away`),
    onFault: (error) => said.push(`${site} fault: ${error.message}`),
    onOlderCopy: (stream) => said.push(`${site} older copy of ${stream}`),
    times: { againMs: 100, stalledMs: 500, idleMs: 500, settledMs: 0, behindMs: 500 },
  })
  forwarders.set(site, forwarder)
}

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
    await ensureSiteStreams(await keeper(site).connected, site, KEEP_BYTES)
  }
  await ensureStreams(await connect('flow-admin', 'hub'), {
    sites: SITES.map((name) => ({ name, keepBytes: KEEP_BYTES })),
  })
  for (const site of SITES) await forward(site)
})
after(async () => {
  await Promise.all([...forwarders.values()].map((forwarder) => forwarder[Symbol.asyncDispose]()))
  await Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]()))
  await Promise.all([hub, ...leaves.values()].map((server) => server[Symbol.asyncDispose]()))
  rmSync(dir, { recursive: true, force: true })
})

const publish = async (site: string, from: number, to: number) => {
  const stream = jetstream(await connect('collector', site))
  for (let i = from; i < to; i++) await stream.publish(`flows.raw.${site}`, `${site} ${i}`, { msgID: `${site}-${i}` })
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
    SITES.map((name) => ({ name, keepBytes: KEEP_BYTES })),
  )
  await ensureStreams(await connect('flow-admin', 'hub'))
  assert.deepEqual(
    sitesOf(await hubStream('FLOWS_RAW')).map(({ name }) => name),
    SITES,
    'they stay when nobody names them',
  )
  const manager = await jetstreamManager(await connect('flow-admin', 'hub'), { checkAPI: false })
  const sources = [{ name: 'FLOWS_cabin', external: { api: '$JS.cabin.API', deliver: 'sites.cabin.flows' } }]
  await manager.streams.update('FLOWS_RAW', { sources })
  await ensureStreams(await connect('flow-admin', 'hub'))
  assert.deepEqual((await hubStream('FLOWS_RAW')).config.sources ?? [], [], 'and no stream of the hub copies from one')
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
  await jetstream(collector).publish('events.exporter.silent.cabin', '{}', { msgID: 'silent-1' })
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
      ...['events.exporter.silent.office', 'events.exporter.back.office', lastAtHub('flows.raw.office')],
      ...['$JS.API.STREAM.INFO.FLOWS_RAW', '$JS.API.STREAM.PURGE.FLOWS_RAW', '$JS.API.STREAM.MSG.GET.FLOWS_RAW'],
      'dns.ro.reverse',
    ]
    const read = ['flows.>', 'events.>', 'stats.>', 'hub.>', '$JS.office.API.>', '$JS.FC.>', '_INBOX.>']
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

test('a line of a site carries nothing as another site, and no answer of the hub to a place where it would be heard', async () => {
  const heard: string[] = []
  const listeners = [await connect('flow-admin', 'hub'), await connect('search-gw', 'hub', 'home')]
  for (const listener of listeners) {
    for (const subject of listener === listeners[0] ? ['>'] : ['flows.enriched.*', 'events.>', 'stats.>'])
      listener.subscribe(subject, { callback: (_error, { subject: at }) => void heard.push(at) })
    await listener.flush()
  }
  const hubState = async () =>
    Promise.all(['FLOWS_RAW', 'FLOWS', 'EVENTS'].map(async (name) => (await hubStream(name)).state))
  const before = await hubState()
  // A client of the site's own, which no server at the site holds back: straight at the hub's, with the site's key.
  for (const connection of [await line('cabin').connected, await connect('leaf', 'hub', 'cabin')]) {
    for (const subject of ['flows.raw.office', 'stats.collector.office.x', 'flows.enriched.cabin', 'events.asset.new'])
      connection.publish(subject, 'forged')
    for (const question of ['flows.raw.cabin', 'events.exporter.back.cabin'].map(lastAtHub))
      for (const reply of [
        ...['flows.enriched.office', 'flows.raw.office', 'events.asset.new', 'stats.collector.office.x'],
        ...['$JS.API.STREAM.PURGE.FLOWS_RAW', '$JS.API.STREAM.DELETE.EVENTS', '$JS.API.STREAM.DELETE.FLOWS_cabin'],
      ])
        connection.publish(question, '', { reply })
    // With flow control's headers, as a stream that hands out sends them: what a copying stream would answer.
    const control = headers(100, 'FlowControl Request')
    for (const subject of ['flows.raw.office', 'sites.cabin.flows.x', '$JS.FC.FLOWS_cabin.x'])
      connection.publish(subject, '', { headers: control, reply: '$JS.API.STREAM.DELETE.EVENTS' })
    connection.publish('stats.collector.cabin.last', 'real')
    await connection.flush()
    await until('what came after has passed', () => heard.includes('stats.collector.cabin.last'))
    assert.deepEqual(
      heard.filter((subject) => !/^(\$JS\.|_R_|_INBOX\.flow-admin\.)/.test(subject)),
      ['stats.collector.cabin.last'],
    )
    heard.length = 0
  }
  assert.deepEqual(await hubState(), before)
})

const textsAtHub = async (subject: string) => {
  const js = jetstream(await connect('flow-admin', 'hub'))
  const consumer = await js.consumers.get('FLOWS_RAW', { filter_subjects: subject })
  const { num_pending: count } = await consumer.info()
  const texts: string[] = []
  if (count === 0) return texts
  for await (const message of await consumer.fetch({ max_messages: count, expires: 10_000 }))
    texts.push(message.string())
  return texts
}
const numbered = (site: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${site} ${from + i}`)

test('what the hub has is removed at the site; a hub that lost its stream gets nothing twice', async () => {
  const manager = await jetstreamManager(await keeper('cabin').connected, { checkAPI: false })
  const { name } = siteNames('cabin').flows
  await until('all is removed at the site', async () => (await manager.streams.info(name)).state.messages === 0)
  const atHub = await jetstreamManager(await connect('flow-admin', 'hub'), { checkAPI: false })
  await atHub.streams.purge('FLOWS_RAW')
  hub.kill()
  await hub.ended
  await publish('cabin', 200, 203)
  await startHub()
  await until('what came meanwhile is there', async () => (await messagesAtHub('FLOWS_RAW')) >= 3)
  await publish('cabin', 203, 204)
  await until('and what comes now', async () => (await messagesAtHub('FLOWS_RAW')) >= 4)
  assert.deepEqual(await textsAtHub('flows.raw.cabin'), numbered('cabin', 200, 204))
})

test('hub and forwarder are killed again and again while flows come: each is at the hub once, in order', async (t) => {
  let count = 200
  let isOver = false
  const sending = (async () => {
    const stream = jetstream(await connect('collector', 'office'))
    for (; !isOver; count++) await stream.publish('flows.raw.office', `office ${count}`, { msgID: `office-${count}` })
  })()
  for (let i = 0; i < 4; i++) {
    const before = (await textsAtHub('flows.raw.office')).length
    hub.kill()
    await hub.ended
    // Another process at the site, which knows only what the hub says.
    if (i % 2 === 1) await forward('office')
    await startHub()
    await until('some came', async () => (await textsAtHub('flows.raw.office')).length > before)
  }
  isOver = true
  await sending
  await until('all came', async () => (await textsAtHub('flows.raw.office')).at(-1) === `office ${count - 1}`)
  assert.deepEqual(await textsAtHub('flows.raw.office'), numbered('office', 200, count))
  t.diagnostic(`${count - 200} messages; ${said.filter((sentence) => sentence.startsWith('office')).join(', ')}`)
  nextAtOffice = count
})

let nextAtOffice = 0

test('while the hub stands still the site knows what waits, and afterwards nothing does', async () => {
  const forwarder = forwarders.get('office')!
  process.kill(hub.pid, 'SIGSTOP')
  try {
    await publish('office', nextAtOffice, nextAtOffice + 20)
    nextAtOffice += 20
    await until('they wait', () => forwarder.waiting === 20)
  } finally {
    process.kill(hub.pid, 'SIGCONT')
  }
  await until('nothing waits', () => forwarder.waiting === 0)
  const texts = await textsAtHub('flows.raw.office')
  assert.deepEqual(texts.slice(-20), numbered('office', nextAtOffice - 20, nextAtOffice))
})

test('what the hub refuses is not passed over when it takes what comes after: it is told, and sent until it is taken', async () => {
  const manager = await jetstreamManager(await connect('flow-admin', 'hub'), { checkAPI: false })
  await manager.streams.update('FLOWS_RAW', { max_msg_size: 1_000 })
  const stream = jetstream(await connect('collector', 'office'))
  const texts = ['before', `large ${'x'.repeat(2_000)}`, 'after 1', 'after 2']
  for (const text of texts) await stream.publish('flows.raw.office', text)
  await until('the small ones are there', async () => (await textsAtHub('flows.raw.office')).at(-1) === 'after 2')
  await until('it is told', () => said.some((sentence) => /office fault: message size exceeds/.test(sentence)))
  await manager.streams.update('FLOWS_RAW', { max_msg_size: -1 })
  await until('the large one too', async () => (await textsAtHub('flows.raw.office')).includes(texts[1]!))
  await stream.publish('flows.raw.office', 'last')
  await until('it goes on', async () => (await textsAtHub('flows.raw.office')).at(-1) === 'last')
  assert.deepEqual((await textsAtHub('flows.raw.office')).slice(-5).sort(), [...texts, 'last'].sort())
})

test('a hub whose power failed gets again what it had confirmed and lost', async () => {
  // Its newest messages are gone, as when the last seconds were not on the disk. The site still has them.
  await forwarders.get('office')![Symbol.asyncDispose]()
  const [from, to] = [nextAtOffice, nextAtOffice + 10]
  nextAtOffice = to
  await publish('office', from, to)
  const slow = createForwarder({
    site: 'office',
    keeper: keeper('office'),
    line: line('office'),
    onAnswer: () => {},
    onAway: () => {},
    onFault: () => {},
    onOlderCopy: () => said.push('office older copy'),
    times: { againMs: 100, stalledMs: 500, idleMs: 500 },
  })
  forwarders.set('office', slow)
  await until('they are there', async () => (await textsAtHub('flows.raw.office')).at(-1) === `office ${to - 1}`)
  const atHub = await jetstreamManager(await connect('flow-admin', 'hub'), { checkAPI: false })
  const { last_seq: last } = (await atHub.streams.info('FLOWS_RAW')).state
  for (let seq = last; seq > last - 5; seq--) await atHub.streams.deleteMessage('FLOWS_RAW', seq)
  hub.kill()
  await hub.ended
  // Their ids are forgotten with them.
  await startHub()
  await until('they are there again', async () => (await textsAtHub('flows.raw.office')).at(-1) === `office ${to - 1}`)
  assert.deepEqual((await textsAtHub('flows.raw.office')).slice(-10), numbered('office', from, to))
})

test('a box that lost its disk begins anew; one that was given an older copy of it says so and loses nothing', async () => {
  await forwarders.get('cabin')![Symbol.asyncDispose]()
  const manager = await jetstreamManager(await keeper('cabin').connected, { checkAPI: false })
  const { name } = siteNames('cabin').flows
  const { config } = await manager.streams.info(name)
  const anew = async (metadata: Record<string, string>) => {
    await manager.streams.delete(name)
    await manager.streams.add({ ...config, metadata })
  }
  await manager.streams.delete(name)
  await ensureSiteStreams(await keeper('cabin').connected, 'cabin', KEEP_BYTES)
  await publish('cabin', 300, 303)
  await forward('cabin')
  await until('they are there', async () => (await textsAtHub('flows.raw.cabin')).at(-1) === 'cabin 302')
  await forwarders.get('cabin')![Symbol.asyncDispose]()
  await anew((await manager.streams.info(name)).config.metadata!)
  await publish('cabin', 400, 402)
  await forward('cabin')
  await until('they are there', async () => (await textsAtHub('flows.raw.cabin')).at(-1) === 'cabin 401')
  assert.deepEqual((await textsAtHub('flows.raw.cabin')).slice(-5), [
    ...numbered('cabin', 300, 303),
    ...numbered('cabin', 400, 402),
  ])
  assert.deepEqual(
    said.filter((sentence) => sentence.includes('older')),
    [`cabin older copy of ${name}`],
  )
})
