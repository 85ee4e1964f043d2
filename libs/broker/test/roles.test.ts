// The whole access model against a real server: every role × every subject × publish, subscribe, request. What is expected is written out
// here and not taken from the table of roles, so that a slip in the table fails.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jetstreamManager } from '@nats-io/jetstream'
import { type NatsConnection, PermissionViolationError } from '@nats-io/transport-node'
import { SUBJECTS } from '@netbehave/schema'
import { createPublisher, ROLE_NAMES, type Role } from '../src/index.ts'
import { silentLog, startTestBroker, type TestBroker } from '../src/testing.ts'

const SERVICES = ['dns', 'whois', 'ipam', 'alerts']
/** Their account is all theirs; what they publish reaches nobody else (see the tests below). */
const UNLIMITED = ['flow-admin', 'sys']

/** Who may publish. `admin` may anything in its account, where nothing but requests leads out. */
const PUBLISH: Record<string, string[]> = {
  'flows.raw.home': ['collector-home'],
  'flows.raw.branch': ['collector-branch'],
  'flows.enriched.home': ['enricher'],
  'flows.enriched.branch': ['enricher'],
  'events.rule.match': ['enricher'],
  'events.asset.new': ['ipam-events'],
  'events.asset.changed': ['ipam-events'],
  'events.exporter.silent': ['collector-home', 'collector-branch'],
  'events.dns.reply': ['dns-events'],
  'stats.collector.home.a': ['collector-home'],
  'stats.collector.branch.a': ['collector-branch'],
  'stats.enricher.home.a': ['enricher'],
  'stats.archiver.home.a': ['archiver'],
  'stats.alerter.home.a': ['alerter'],
  'stats.dns-ingest.home.a': ['dns-events'],
  'stats.ipam.home.a': ['ipam-events', 'ipam-service'],
  'stats.whois.home.a': ['whois-service'],
  'stats.search-gw.home.a': ['search-gw'],
  'stats-ask': ['search-gw', 'analyst'],
  '$JS.API.CONSUMER.MSG.NEXT.FLOWS_RAW.enricher': ['enricher'],
  '$JS.API.CONSUMER.MSG.NEXT.FLOWS.archiver': ['archiver'],
  '$JS.API.CONSUMER.MSG.NEXT.EVENTS.alerter': ['alerter'],
  '$JS.API.CONSUMER.INFO.FLOWS_RAW.enricher': ['enricher', 'search-gw'],
  '$JS.API.CONSUMER.INFO.FLOWS.archiver': ['archiver', 'search-gw'],
  '$JS.API.CONSUMER.INFO.EVENTS.alerter': ['alerter', 'search-gw'],
  '$JS.ACK.FLOWS.archiver.1.1.1.1.0': ['archiver'],
  '$JS.ACK.FLOWS_RAW.enricher.1.1.1.1.0': ['enricher'],
  '$JS.ACK.EVENTS.alerter.1.1.1.1.0': ['alerter'],
  '$JS.API.STREAM.PURGE.FLOWS': [],
  '$JS.API.STREAM.DELETE.FLOWS_RAW': [],
  '$JS.API.CONSUMER.CREATE.FLOWS.spy': [],
  '$JS.API.CONSUMER.CREATE.FLOWS_RAW.spy': [],
  '$JS.API.CONSUMER.DELETE.FLOWS.archiver': [],
  '$SYS.REQ.SERVER.PING': [],
  '_INBOX.search-gw.x': [],
}

const SUBSCRIBE: Record<string, string[]> = {
  'flows.raw.home': [],
  'flows.raw.>': [],
  'flows.enriched.*': ['search-gw', 'analyst'],
  'events.>': ['search-gw', 'analyst'],
  'events.dns.reply': ['enricher', 'ipam-events', 'search-gw', 'analyst'],
  'events.asset.>': ['enricher', 'search-gw', 'analyst'],
  'events.rule.match': ['search-gw', 'analyst'],
  'stats.>': ['alerter', 'search-gw', 'analyst'],
  'stats-ask': [
    ...['collector-home', 'collector-branch', 'enricher', 'archiver', 'alerter', 'dns-events', 'ipam-events'],
    ...['search-gw', 'dns-service', 'whois-service', 'ipam-service', 'alerts-service'],
  ],
  '$SRV.>': ['dns-service', 'whois-service', 'ipam-service', 'alerts-service'],
  '>': [],
  '_INBOX.>': [],
  '_INBOX.enricher.>': ['enricher'],
  '_INBOX.collector-home.>': ['collector-home'],
  '_INBOX.collector-branch.>': ['collector-branch'],
  '_INBOX.search-gw.>': ['search-gw'],
  '_INBOX.gw-operator.>': ['gw-operator'],
  '_INBOX.admin.>': ['admin'],
  '$JS.API.>': [],
  '$SYS.>': [],
}

const READERS = ['enricher', 'search-gw', 'analyst', 'flow-admin', 'gw-operator', 'gw-admin', 'admin']
const REQUEST: Record<string, string[]> = {
  'dns.ro.reverse': [...READERS, 'alerter', 'ipam-events'],
  'whois.ro.lookup': READERS,
  'ipam.ro.list': [...READERS, 'alerter'],
  'alerts.ro.list': READERS,
  'dns.rw.reply': ['dns-ingest', 'gw-admin', 'admin'],
  'whois.rw.put': ['gw-admin', 'admin'],
  'ipam.rw.sight': ['enricher-sightings', 'gw-admin', 'admin'],
  'ipam.rw.edit': ['gw-operator', 'gw-admin', 'admin'],
  'ipam.rw.forget': ['gw-operator', 'gw-admin', 'admin'],
  'alerts.rw.mute': ['gw-operator', 'gw-admin', 'admin'],
  'dns.admin.flush': ['gw-admin', 'admin'],
  'whois.admin.flush': ['gw-admin', 'admin'],
  'ipam.admin.import': ['gw-admin', 'admin'],
}

let server: TestBroker
/** Connection by name of the key. */
const connections = new Map<string, NatsConnection>()
/** What the server refused, by name of the key: `publish SUBJECT`. */
const refused = new Map<string, Set<string>>()
/** Requests that services saw, by subject. */
const heard: string[] = []

before(async () => {
  server = await startTestBroker({ roles: ['home', 'branch'] })
  for (const role of ROLE_NAMES) await connect(role, role === 'collector' ? 'collector-home' : role, 'home')
  await connect('collector', 'collector-branch', 'branch')
  for (const service of SERVICES) {
    const connection = connections.get(`${service}-service`)!
    for (const level of ['ro', 'rw', 'admin'])
      connection.subscribe(`${service}.${level}.>`, {
        queue: `${service}-${level}`,
        callback: (_error, message) => {
          heard.push(message.subject)
          message.respond('answer')
        },
      })
    await connection.flush()
  }
})
after(() => server[Symbol.asyncDispose]())

async function connect(role: Role, key: string, site: string): Promise<void> {
  const connection = await server.connect(role, 'test', site).connected
  connections.set(key, connection)
  const seen = new Set<string>()
  refused.set(key, seen)
  void (async () => {
    for await (const status of connection.status())
      if (status.type === 'error' && status.error instanceof PermissionViolationError)
        seen.add(`${status.error.operation} ${status.error.subject}`)
  })()
}

/** All violations of what was sent before are known after this. */
async function settle(connection: NatsConnection): Promise<void> {
  await connection.flush()
  await new Promise((resolve) => setImmediate(resolve))
}

async function expectExactly(
  action: 'publish' | 'subscription',
  table: Record<string, string[]>,
  always: readonly string[],
  act: (connection: NatsConnection, subject: string) => void,
): Promise<number> {
  const differences: string[] = []
  let checks = 0
  for (const [key, connection] of connections) {
    if (always.includes(key)) continue // would do what the subjects say, such as delete a stream
    for (const subject of Object.keys(table)) act(connection, subject)
    await settle(connection)
    for (const [subject, allowed] of Object.entries(table)) {
      checks++
      const may = allowed.includes(key)
      const did = !refused.get(key)!.has(`${action} ${subject}`)
      if (may !== did) differences.push(`${key} ${action} ${subject}: ${did ? 'allowed' : 'refused'}`)
    }
  }
  assert.deepEqual(differences, [])
  return checks
}

test('every role may publish exactly what it should', async (t) => {
  const checks = await expectExactly('publish', PUBLISH, [...UNLIMITED, 'admin'], (connection, subject) =>
    connection.publish(subject, ''),
  )
  t.diagnostic(`${checks} checks`)
  assert.ok(checks >= 300)
})

test('every role may subscribe to exactly what it should', async (t) => {
  const checks = await expectExactly('subscription', SUBSCRIBE, UNLIMITED, (connection, subject) => {
    connection.subscribe(subject, { callback: () => {} })
  })
  t.diagnostic(`${checks} checks`)
  assert.ok(checks >= 300)
})

test('every role gets an answer to exactly the requests that it should', async (t) => {
  const differences: string[] = []
  let checks = 0
  for (const [key, connection] of connections) {
    const asked = Object.entries(REQUEST).map(async ([subject, allowed]) => {
      checks++
      const seenBefore = heard.filter((other) => other === subject).length
      const answered = await connection.request(subject, '', { timeout: 1000 }).then(
        (message) => message.string() === 'answer',
        () => false,
      )
      const reached = heard.filter((other) => other === subject).length > seenBefore
      const may = allowed.includes(key) || key === `${subject.split('.')[0]}-service`
      // Within the account of the services a service has no right to ask another, and cannot hear the answer to itself.
      if (answered !== (may && !key.endsWith('-service')))
        differences.push(`${key} ${subject}: ${answered ? 'answered' : 'not'}`)
      if (reached && !may) differences.push(`${key} ${subject}: reached the service`)
    })
    await Promise.all(asked)
  }
  t.diagnostic(`${checks} checks`)
  assert.deepEqual(differences, [])
})

test('a service answers on one inbox, not on another subject', async () => {
  const analyst = connections.get('analyst')!
  heard.length = 0
  for (const reply of ['dns.admin.flush', 'ipam.rw.edit', 'flows.raw.home', '$JS.API.STREAM.PURGE.FLOWS'])
    analyst.publish('dns.ro.reverse', '', { reply })
  await settle(analyst)
  await analyst.request('dns.ro.info', '', { timeout: 1000 })
  await settle(connections.get('dns-service')!)
  assert.deepEqual(new Set(heard.filter((subject) => !subject.startsWith('dns.ro'))), new Set())
})

test("JetStream's acknowledgement and a consumer's deliver subject reach no service", async () => {
  heard.length = 0
  const collector = connections.get('collector-home')!
  collector.publish('flows.raw.home', 'x', { reply: 'ipam.admin.import' })
  await settle(collector)
  // Even whoever may make consumers gets nowhere: the subject is one of its own account.
  const admin = connections.get('flow-admin')!
  const manager = await jetstreamManager(admin, { checkAPI: false })
  await manager.consumers.add('FLOWS_RAW', { durable_name: 'deputy', deliver_subject: 'dns.admin.flush' })
  await using publisher = createPublisher(server.connect('collector'), silentLog)
  await publisher.push({ subject: SUBJECTS.flowsRaw('home'), id: '1', bytes: new Uint8Array(1), flows: 1 })
  await settle(admin)
  await manager.consumers.delete('FLOWS_RAW', 'deputy')
  await connections.get('admin')!.request('dns.admin.stats', '', { timeout: 1000 })
  assert.deepEqual(heard, ['dns.admin.stats'])
})

test('what the services tell of themselves is heard where stats are read, and they hear when they are asked', async () => {
  const stats: string[] = []
  const gateway = connections.get('search-gw')!
  gateway.subscribe('stats.>', { callback: (_error, message) => void stats.push(message.subject) })
  await gateway.flush()
  const whois = connections.get('whois-service')!
  const asked = new Promise<void>((resolve) => {
    whois.subscribe('stats-ask', { callback: () => resolve() })
  })
  await whois.flush()
  gateway.publish('stats-ask', '')
  await asked
  whois.publish('stats.whois.home.b', '{}')
  await whois.flush()
  await gateway.flush()
  assert.ok(stats.includes('stats.whois.home.b'), stats.join(' '))
})

test('a connection without a key, or with the key of nobody, is refused', async () => {
  await using keyless = await startTestBroker({ roles: ['home'] })
  const stranger = server.connect('analyst', 'test')
  await stranger.connected
  const { connect: open } = await import('@nats-io/transport-node')
  await assert.rejects(open({ servers: server.url, maxReconnectAttempts: 0 }), /Authorization Violation/i)
  const { connectBroker } = await import('../src/index.ts')
  const config = { brokerUrl: server.url, instance: 'x', brokerKeys: keyless.keys, giveUp: true }
  const foreign = connectBroker(config, 'admin', silentLog)
  await assert.rejects(foreign.connected, /does not know the key .*admin\.seed/)
})
