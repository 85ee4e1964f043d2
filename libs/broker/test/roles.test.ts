// The whole access model against a real server: every role × every subject × publish, subscribe, request (`accessMatrix`, which is written
// out and not made from the table of roles), and the ways around it that were tried.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { until } from '@netbehave/bench'
import { STREAMS, SUBJECTS } from '@netbehave/schema'
import {
  type AccessAnswer,
  accessMatrix,
  connectBroker,
  createPublisher,
  probeAccess,
  ROLE_NAMES,
  type Role,
} from '../src/index.ts'
import { UNLIMITED } from '../src/roles/matrix.ts'
import { silentLog, startTestBroker, type TestBroker } from '../src/testing.ts'

const SITES = ['home', 'branch']
const LEAF_SITES = ['cabin', 'boat']
const MATRIX = accessMatrix(SITES, LEAF_SITES)
const SERVICES = ['dns', 'whois', 'ipam', 'alerts']
let server: TestBroker
/** Connection by name of the key. */
const connections = new Map<string, NatsConnection>()
/** Requests that services saw, by subject. */
const heard: string[] = []

before(async () => {
  server = await startTestBroker({ roles: SITES, leafSites: LEAF_SITES })
  for (const role of ROLE_NAMES) await connect(role, role === 'collector' ? 'collector-home' : role, 'home')
  await connect('collector', 'collector-branch', 'branch')
  for (const site of LEAF_SITES) await connect('leaf', `leaf-${site}`, site)
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
  connections.set(key, await server.connect(role, 'test', site).connected)
}

/** All violations of what was sent before are known after this. */
async function settle(connection: NatsConnection): Promise<void> {
  await connection.flush()
  await new Promise((resolve) => setImmediate(resolve))
}

for (const action of ['publish', 'subscribe', 'request'] as const) {
  test(`every role may ${action} exactly what it should`, async (t) => {
    const rows = MATRIX.filter((row) => row.action === action)
    const answers: AccessAnswer[] = []
    for (const [key, connection] of connections) {
      heard.length = 0
      answers.push(...(await probeAccess(key, connection, rows)))
      const reached = heard.filter(
        (subject) => !rows.some((row) => row.subject === subject && row.allowed.includes(key)),
      )
      assert.deepEqual(reached, [], `${key} reached a service`)
    }
    t.diagnostic(`${answers.length} checks`)
    assert.ok(answers.length >= 300)
    assert.deepEqual(
      answers.filter(({ expected, got }) => expected !== got),
      [],
    )
  })
}

test('asking leaves nothing behind: no message in a stream, no consumer, and streams as they were, whoever asks', async () => {
  const admin = connections.get('flow-admin')!
  const manager = await jetstreamManager(admin, { checkAPI: false })
  const count = async () => {
    const streams = await manager.streams.list().next()
    return streams.map(({ config, state }) => [config.name, state.last_seq, state.consumer_count]).sort()
  }
  const before = await count()
  assert.equal(before.length, 3)
  const consumer = async () => {
    const { delivered, ack_floor, num_ack_pending } = await manager.consumers.info('FLOWS', 'archiver')
    return { delivered, ack_floor, num_ack_pending }
  }
  // A message that is being worked on, which an acknowledgement of others would end.
  const js = await server.connect('enricher').jetstream()
  await js.publish(SUBJECTS.flowsEnriched('home'), 'x')
  const archiver = await server.connect('archiver').jetstream()
  await (await archiver.consumers.get('FLOWS', 'archiver')).next()
  const working = await consumer()
  assert.equal(working.num_ack_pending, 1)
  // flow-admin may do all of it, so only the form of the question protects.
  for (const role of ['flow-admin', 'enricher', 'archiver'])
    await probeAccess(role === 'flow-admin' ? 'the keeper' : role, connections.get(role)!, MATRIX)
  assert.deepEqual(await consumer(), working)
  assert.deepEqual(
    await count(),
    before.map(([name, last, consumers]) => [name, name === 'FLOWS' ? Number(last) + 1 : last, consumers]),
  )
})

test('our apps never see the question', async () => {
  const seen: string[] = []
  const gateway = server.connect('search-gw')
  using _events = gateway.subscribe('events.>', (_bytes, subject) => void seen.push(subject))
  using _stats = gateway.subscribe('stats.>', (_bytes, subject) => void seen.push(subject))
  using _flows = gateway.subscribe('flows.enriched.*', (_bytes, subject) => void seen.push(subject))
  await gateway.flush()
  for (const role of ['enricher', 'ipam-events', 'dns-events']) {
    await probeAccess(role, connections.get(role)!, MATRIX)
  }
  const last = connections.get('enricher')!
  last.publish('stats.enricher.home.real', '{}')
  await last.flush()
  await gateway.flush()
  assert.deepEqual(seen, ['stats.enricher.home.real'])
})

test('a collector of one site cannot publish as another: nothing of it is in the stream', async () => {
  const manager = await jetstreamManager(connections.get('flow-admin')!, { checkAPI: false })
  const branch = await manager.streams.info('FLOWS_RAW', { subjects_filter: 'flows.raw.branch' })
  const home = server.connect('collector', 'deputy', 'home')
  const js = await home.jetstream()
  await assert.rejects(js.publish('flows.raw.branch', 'x', { timeout: 1000 }))
  assert.equal((await js.publish('flows.raw.home', 'x')).stream, 'FLOWS_RAW')
  assert.equal(home.counters.errors, 1)
  const after = await manager.streams.info('FLOWS_RAW', { subjects_filter: 'flows.raw.branch' })
  assert.deepEqual(after.state.subjects, branch.state.subjects)
})

test('a permission that is missing is counted every time, and told in one sentence', async () => {
  const said: string[] = []
  const log = { info() {}, warn() {}, error: (_fields: object, message: string) => void said.push(message) }
  const config = { brokerUrl: server.url, brokerKeys: server.keys, instance: 'test', site: 'home' }
  await using archiver = connectBroker(config, 'archiver', log)
  await archiver.connected
  for (let i = 0; i < 5; i++) archiver.publishCore('flows.enriched.home', 'x')
  using _spying = archiver.subscribe('flows.raw.>', () => {})
  await archiver.flush()
  await archiver.flush()
  await until(() => archiver.counters.errors === 6)
  assert.equal(said.length, 2, said.join('\n'))
  assert.match(
    said[0]!,
    /^the broker refused archiver the publishing to flows\.enriched\.home: .* netbehave broker check shows what differs$/,
  )
  assert.match(said[1]!, /^the broker refused archiver the subscription to flows\.raw\.>/)
})

test('replies to one role are read by no other', async () => {
  const asks = { 'gw-operator': 'ipam.ro.list', enricher: 'dns.ro.reverse', 'gw-admin': 'dns.admin.stats' }
  const overheard: string[] = []
  const spies = [...connections]
  for (const [asker, subject] of Object.entries(asks)) {
    const spying = spies.flatMap(([key, connection]) =>
      ['>', '_INBOX.>', `_INBOX.${asker}.>`]
        .filter(() => key !== asker)
        .map((inbox) =>
          connection.subscribe(inbox, {
            callback: (_error, message) => void overheard.push(`${key}: ${message?.subject}`),
          }),
        ),
    )
    for (const [, connection] of spies) await settle(connection)
    overheard.length = 0 // refusals come to the callback too
    const answer = await connections.get(asker)!.request(subject, '', { timeout: 10_000 })
    assert.equal(answer.string(), 'answer')
    for (const [, connection] of spies) await settle(connection)
    for (const subscription of spying) subscription.unsubscribe()
    const readers = new Set(overheard.filter((line) => line.includes('_INBOX')).map((line) => line.split(':')[0]))
    assert.deepEqual([...readers], [])
  }
})

test('a service answers on one inbox, not on another subject', async () => {
  const analyst = connections.get('analyst')!
  heard.length = 0
  for (const reply of ['dns.admin.flush', 'ipam.rw.edit', 'flows.raw.home', '$JS.API.STREAM.PURGE.FLOWS'])
    analyst.publish('dns.ro.reverse', '', { reply })
  await settle(analyst)
  await analyst.request('dns.ro.info', '', { timeout: 10_000 })
  for (const service of SERVICES) await settle(connections.get(`${service}-service`)!)
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
  await connections.get('admin')!.request('dns.admin.stats', '', { timeout: 10_000 })
  assert.deepEqual(heard, ['dns.admin.stats'])
})

/** Where an answer would do harm: JetStream's own subjects, what streams keep, what services do. */
const HARMFUL_REPLIES = [
  ...Object.keys(STREAMS).flatMap((stream) => [`$JS.API.STREAM.PURGE.${stream}`, `$JS.API.STREAM.DELETE.${stream}`]),
  '$JS.API.STREAM.MSG.DELETE.FLOWS_RAW',
  '$JS.API.CONSUMER.DELETE.FLOWS_RAW.enricher',
  ...['flows.raw.deputy', 'flows.enriched.deputy', 'events.asset.deputy'],
  ...SERVICES.flatMap((service) => [`${service}.rw.deputy`, `${service}.admin.deputy`]),
]
/** With the second and third a consumer that has nothing to hand out answers with an empty message, at once or a little later. */
const BODIES = ['', '{"batch":1,"no_wait":true}', '{"batch":1,"expires":1000000}']

test('no answer to what a role may publish or ask does harm, whatever reply subject it names', async (t) => {
  const admin = connections.get('flow-admin')!
  const manager = await jetstreamManager(admin, { checkAPI: false })
  const marks = { FLOWS_RAW: 'flows.raw.home', FLOWS: 'flows.enriched.home', EVENTS: 'events.rule.match' }
  // Every stream has something to lose, and no consumer anything to hand out.
  for (const subject of Object.values(marks)) await admin.request(subject, '', { timeout: 10_000 })
  for (const [stream, durable] of [
    ['FLOWS_RAW', 'enricher'],
    ['FLOWS', 'archiver'],
    ['EVENTS', 'alerter'],
  ] as const) {
    const consumer = await (await server.connect(durable).jetstream()).consumers.get(stream, durable)
    const { num_pending: waiting } = await consumer.info()
    for await (const message of await consumer.fetch({ max_messages: waiting, expires: 30_000 })) message.ack()
  }
  const first = async () => {
    const streams = await manager.streams.list().next()
    return streams.map(({ config, state }) => [config.name, state.first_seq, state.num_deleted, state.consumer_count])
  }
  const before = await first()
  heard.length = 0
  let tried = 0
  for (const [key, connection] of connections) {
    if (UNLIMITED.publish.includes(key)) continue
    for (const { action, subject, allowed } of MATRIX) {
      if (action === 'subscribe' || !allowed.includes(key)) continue
      for (const reply of HARMFUL_REPLIES)
        for (const body of BODIES) {
          connection.publish(subject, body, { reply })
          tried++
        }
    }
    await settle(connection)
  }
  for (const service of SERVICES) await settle(connections.get(`${service}-service`)!)
  // What a stream answers leaves it in order: with this, all that came before it has been.
  for (const subject of Object.values(marks)) await admin.request(subject, '', { timeout: 10_000 })
  t.diagnostic(`${tried} tries`)
  assert.deepEqual(await first(), before)
  for (const stream of Object.keys(STREAMS)) {
    const { state } = await manager.streams.info(stream, { subjects_filter: '>' })
    assert.equal(state.messages, state.last_seq - state.first_seq + 1, stream)
    assert.deepEqual(
      Object.keys(state.subjects ?? {}).filter((subject) => subject.endsWith('.deputy')),
      [],
    )
  }
  assert.deepEqual(
    heard.filter((subject) => subject.endsWith('.deputy')),
    [],
  )
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
  const config = { brokerUrl: server.url, instance: 'x', brokerKeys: keyless.keys, giveUp: true }
  const foreign = connectBroker(config, 'admin', silentLog)
  await assert.rejects(foreign.connected, /does not know the key .*admin\.seed/)
})
