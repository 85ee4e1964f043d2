import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import type { Broker } from '@netbehave/broker'
import { startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { encodeFlowBatch, type Flow, flowsToBatches, SUBJECTS } from '@netbehave/schema'
import { LIVE_CLOSE, LIVE_LIMITS, type LiveMessage } from '@netbehave/schema/api'
import { WebSocket } from 'ws'
import { basic, PASSWORD, startGateway, type TestGateway } from './gateway.ts'

let broker: TestBroker
let gateway: TestGateway
let enricher: Broker
before(async () => {
  broker = await startTestBroker({ roles: ['home'] })
  gateway = await startGateway(broker.url, { keys: broker.keys, args: ['--live-sockets-per-user', '5'] })
  enricher = broker.connect('enricher')
  await enricher.connected
})
after(async () => {
  await gateway?.[Symbol.asyncDispose]()
  await broker?.[Symbol.asyncDispose]()
})

const flow = (n: number, members: Partial<Flow> = {}): Flow => ({
  site: 'home',
  firstMs: Date.now(),
  lastMs: Date.now(),
  srcIp: '192.168.1.7',
  dstIp: '203.0.113.5',
  srcPort: n,
  dstPort: 443,
  protocol: 6,
  bytes: 1,
  packets: 1,
  sampling: 1,
  ...members,
})

function publish(flows: readonly Flow[]): void {
  for (const batch of flowsToBatches(flows)) {
    batch.fields.received = Date.now()
    enricher.publishCore(SUBJECTS.flowsEnriched('home'), encodeFlowBatch(batch))
  }
}

/** Until it arrives: a subscription that was just made takes a moment to reach the broker. */
async function publishUntil(flows: () => readonly Flow[], condition: () => boolean): Promise<void> {
  await until(() => {
    if (condition()) return true
    publish(flows())
    return false
  })
}

interface Client extends Disposable {
  readonly socket: WebSocket
  readonly messages: LiveMessage[]
  readonly closed: Promise<number>
  say(message: unknown): void
  of<T extends LiveMessage['t']>(t: T, id?: string): Extract<LiveMessage, { t: T }>[]
  rows(id: string): Flow[]
}

interface OpenOptions {
  readonly headers?: Record<string, string>
  readonly path?: string
  readonly http?: string
}

/** Opens as a browser does; rejects with the HTTP status when it is refused. */
async function open({ headers, path = '/ws', http = gateway.http }: OpenOptions = {}): Promise<Client> {
  const login = headers ?? { cookie: await gateway.signIn('viewer'), origin: http }
  const socket = new WebSocket(`${http.replace('http', 'ws')}${path}`, { headers: login })
  const messages: LiveMessage[] = []
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as LiveMessage))
  const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('unexpected-response', (_request, response) => reject(new Error(String(response.statusCode))))
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  const of = <T extends LiveMessage['t']>(t: T, id?: string) =>
    messages.filter((message) => message.t === t && (id === undefined || message.id === id)) as Extract<
      LiveMessage,
      { t: T }
    >[]
  return {
    socket,
    messages,
    closed,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    of,
    rows: (id) => of('flows', id).flatMap(({ rows }) => rows),
    [Symbol.dispose]: () => socket.terminate(),
  }
}

test('a filter is answered in canonical form, its flows come, others do not, and it is told every second', async () => {
  using client = await open()
  client.say({ t: 'sub', id: 'a', q: 'dst.port=https, src.port<100' })
  await until(() => client.of('ok').length === 1)
  assert.equal(client.of('ok')[0]!.q, 'dst.port = 443 and src.port < 100')
  await publishUntil(
    () => [flow(1, { srcName: '<img src=x onerror=alert(1)>' }), flow(1000), flow(2, { dstPort: 53 })],
    () => client.rows('a').length > 0,
  )
  const rows = client.rows('a')
  assert.ok(rows.every(({ srcPort }) => srcPort === 1))
  assert.equal(rows[0]!.srcName, '<img src=x onerror=alert(1)>')
  await until(() => (client.of('stat', 'a').at(-1)?.matched ?? 0) > 0)
  const stat = client.of('stat', 'a').at(-1)!
  assert.ok(stat.sent > 0 && stat.dropped === 0 && stat.lagMs !== null && stat.lagMs < 5000)
})

test('a filter that is wrong is told with its place, and the socket stays', async () => {
  using client = await open()
  client.say({ t: 'sub', id: 'a', q: 'dst.prot = 443' })
  await until(() => client.of('err').length === 1)
  const [error] = client.of('err')
  assert.deepEqual([error!.id, error!.from, error!.to], ['a', 0, 8])
  assert.match(error!.message, /did you mean dst\.port/)
  client.say({ t: 'sub', id: 'a', q: '' })
  await until(() => client.of('ok').length === 1)
})

test('paused it counts and sends nothing; resumed it sends again; ended it is silent', async () => {
  using client = await open()
  client.say({ t: 'sub', id: 'a', q: '' })
  client.say({ t: 'sub', id: 'b', q: '' })
  await publishUntil(
    () => [flow(1)],
    () => client.rows('a').length > 0,
  )
  client.say({ t: 'pause', id: 'a' })
  await until(() => client.of('stat', 'a').at(-1)?.paused === true)
  const [rows, matched] = [client.rows('a').length, client.of('stat', 'a').at(-1)!.matched]
  await publishUntil(
    () => [flow(2)],
    () => client.of('stat', 'a').at(-1)!.matched > matched,
  )
  assert.equal(client.rows('a').length, rows)
  client.say({ t: 'resume', id: 'a' })
  await publishUntil(
    () => [flow(3)],
    () => client.rows('a').length > rows,
  )
  client.say({ t: 'unsub', id: 'a' })
  client.say({ t: 'pause', id: 'a' })
  await until(() => client.of('err').length === 1)
  const [of, ofB] = [client.messages.filter(({ id }) => id === 'a').length, client.of('stat', 'b').length]
  await until(() => client.of('stat', 'b').length > ofB)
  assert.equal(client.messages.filter(({ id }) => id === 'a').length, of)
})

test('a flood is cut to the rate with the newest kept; what is not shown is counted, and where to find it', async () => {
  using client = await open()
  client.say({ t: 'sub', id: 'a', q: '', max: 50 })
  await until(() => client.of('ok').length === 1)
  await publishUntil(
    () => Array.from({ length: 4000 }, (_, i) => flow(i)),
    () => (client.of('stat', 'a').at(-1)?.dropped ?? 0) > 10_000,
  )
  await until(() => {
    const { matched, sent, dropped } = client.of('stat', 'a').at(-1)!
    return matched === sent + dropped && client.rows('a').length === sent
  })
  assert.ok(
    client.rows('a').every(({ srcPort }) => srcPort >= 3900),
    'the newest of each batch',
  )
  const gap = client.of('stat', 'a').find((one) => one.gap !== null)!.gap!
  assert.ok(gap.flows > 0 && gap.fromMs <= gap.toMs && gap.toMs <= Date.now())
})

test('a batch that is none is refused and counted; the others still come', async () => {
  using client = await open()
  client.say({ t: 'sub', id: 'a', q: '' })
  await publishUntil(
    () => {
      enricher.publishCore(SUBJECTS.flowsEnriched('home'), 'no batch')
      return [flow(1)]
    },
    () => client.rows('a').length > 0,
  )
})

test('sockets of other sites, without a login, of a token for metrics and at other paths are refused', async () => {
  const cookie = await gateway.signIn('viewer')
  const { secret } = (await gateway.api('/tokens', { method: 'POST', body: { name: 'm', scope: 'metrics' } })).json
  const refused: [OpenOptions, string][] = [
    [{ headers: { origin: gateway.http } }, '401'],
    [{ headers: { cookie, origin: 'https://evil.example' } }, '403'],
    [{ headers: { cookie } }, '403'],
    [{ headers: { authorization: basic('viewer', PASSWORD), origin: 'https://evil.example' } }, '403'],
    [{ headers: { authorization: `Bearer ${secret}` } }, '403'],
    [{ headers: { cookie, origin: gateway.http }, path: '/other' }, '404'],
  ]
  for (const [options, status] of refused)
    await assert.rejects(open(options), new RegExp(status), JSON.stringify(options))
  using byPassword = await open({ headers: { authorization: basic('viewer', PASSWORD) } })
  byPassword.say({ t: 'sub', id: 'a', q: '' })
  await until(() => byPassword.of('ok').length === 1)
})

test('a thousand subscriptions on one socket: eight are had, the rest is told, and the flood of messages ends the socket', async () => {
  using client = await open()
  for (let i = 0; i < 12; i++) client.say({ t: 'sub', id: `s${i}`, q: '' })
  await until(() => client.of('ok').length + client.of('err').length === 12)
  assert.equal(client.of('ok').length, LIVE_LIMITS.subscriptionsPerSocket)
  for (let i = 0; i < 1000; i++) client.say({ t: 'sub', id: `t${i}`, q: '' })
  assert.equal(await client.closed, LIVE_CLOSE.policy)
})

test('a thousand sockets of one user: so many are had, the rest is refused', async () => {
  const cookie = await gateway.signIn('operator')
  const opened = await Promise.allSettled(
    Array.from({ length: 1000 }, () => open({ headers: { cookie, origin: gateway.http } })),
  )
  const had = opened.filter((one) => one.status === 'fulfilled').map(({ value }) => value)
  assert.equal(had.length, 5)
  using viewer = await open()
  assert.equal(viewer.socket.readyState, WebSocket.OPEN)
  for (const client of had) client[Symbol.dispose]()
})

test('a message that is too large, or many that are none, end the socket', async () => {
  const large = await open()
  large.say('x'.repeat(LIVE_LIMITS.messageBytes + 1))
  assert.equal(await large.closed, LIVE_CLOSE.tooLarge)
  const wrong = await open()
  for (let i = 0; i < 25; i++) wrong.say('{"t":"nonsense"')
  assert.equal(await wrong.closed, LIVE_CLOSE.policy)
  assert.ok(wrong.of('err').every(({ id }) => id === null))
  const binary = await open()
  for (let i = 0; i < 25; i++) binary.socket.send(Buffer.from([1, 2, 3]))
  assert.equal(await binary.closed, LIVE_CLOSE.policy)
})

test('whoever is signed out elsewhere loses the socket', { timeout: 180_000 }, async () => {
  const cookie = await gateway.signIn('viewer')
  using client = await open({ headers: { cookie, origin: gateway.http } })
  await gateway.ask('/api/v1/session', { method: 'DELETE', headers: { cookie, origin: gateway.http } })
  assert.equal(await client.closed, LIVE_CLOSE.signedOut)
})

test('a reader that takes nothing holds up nobody else', async () => {
  const cookie = await gateway.signIn('admin')
  const { hostname, port } = new URL(gateway.http)
  const stuck = connect(Number(port), hostname)
  stuck.write(
    `GET /ws HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\nOrigin: ${gateway.http}\r\nCookie: ${cookie}\r\n\r\n`,
  )
  await new Promise((resolve) => stuck.once('data', resolve))
  stuck.write(maskedText(JSON.stringify({ t: 'sub', id: 'a', q: '', max: 1000 })))
  stuck.pause()
  stuck.on('error', () => {})
  using other = await open()
  other.say({ t: 'sub', id: 'a', q: '', max: 1000 })
  const long = 'x'.repeat(250)
  const burst = () =>
    Array.from({ length: 500 }, (_, i) => flow(i, { srcName: long, dstName: long, srcOrg: long, dstOrg: long }))
  await publishUntil(burst, () => other.rows('a').length > 4000)
  assert.ok(other.of('stat', 'a').length >= 2)
  stuck.destroy()
})

/** One text frame as a client sends it (RFC 6455 §5.3), with a mask of zeros. */
function maskedText(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}

test("the original's messages get the original's flows, one a message", async () => {
  using client = await open({ headers: { authorization: basic('viewer', PASSWORD) }, path: '/ws?compat=1' })
  // biome-ignore lint/suspicious/noExplicitAny: the original's form has no contract here
  const flows = client.messages as any[]
  client.say({ action: 'replaceQueries', queries: ['protocol_name=UDP, dst/port=53', 'src/network=guest'] })
  const sent = () => [
    flow(1, { protocol: 17, dstPort: 53, dstName: 'dns.example', dstOrg: 'GOOGLE', rule: 'dns' }),
    flow(2, { srcNet: 'guest' }),
    flow(3),
  ]
  await publishUntil(sent, () => flows.length >= 2)
  assert.deepEqual(new Set(flows.map(({ src }) => src.port)), new Set([1, 2]))
  const [first] = flows.filter(({ src }) => src.port === 1)
  assert.deepEqual(
    [first.protocol_name, first.dst.domain, first.dst.arin.name, first.match],
    ['UDP', 'dns.example', 'GOOGLE', 'dns'],
  )
  client.say({ action: 'stop' })
  client.say({ action: 'addQueries', queries: ['src/port=3', 'nonsense=1'] })
  await until(() => flows.some(({ error }) => error?.query === 'nonsense=1'))
  const before = flows.length
  await publishUntil(sent, () => flows.length > before)
  assert.ok(flows.slice(before).every(({ src }) => src.port === 3))
  client.say({ action: 'disconnect' })
  assert.equal(await client.closed, 1000)
})
