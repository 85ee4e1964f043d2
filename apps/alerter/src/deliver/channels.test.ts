// Webhook, ntfy and syslog against real servers on loopback.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { NOON_MS } from '../testing.ts'
import { DeliveryError, type Message } from './channel.ts'
import { createNtfy, cutBytes } from './ntfy.ts'
import { createSyslog } from './syslog.ts'
import { createWebhook } from './webhook.ts'

const MESSAGE: Message = {
  ...{ key: 'a'.repeat(32), kind: 'asset-new', severity: 'warning', site: 'home', atMs: NOON_MS },
  subject: 'New device 10.0.0.1 (Gerät)',
  text: 'A new address.\n\nName: "x]\\"\n',
  facts: { address: '10.0.0.1' },
}
const signal = () => AbortSignal.timeout(10_000)

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Answers with the statuses in their order, then 200. */
async function startHttp(...statuses: number[]) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    received.push({ path: request.url!, headers: request.headers, body: await text(request) })
    response.writeHead(statuses.shift() ?? 200, { location: 'http://127.0.0.1:1/' }).end('some answer')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('a webhook gets JSON and a signature over it and the time, which another key or body does not have', async () => {
  await using http = await startHttp()
  const webhook = createWebhook({ url: `${http.url}/hook/very-secret`, secret: 'sesame' }, () => NOON_MS + 999)
  assert.doesNotMatch(webhook.target, /very-secret/)
  await webhook.send(MESSAGE, signal())
  const { path, headers, body } = http.received[0]!
  assert.equal(path, '/hook/very-secret')
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['x-netbehave-key'], MESSAGE.key)
  const { at, facts, key, subject } = JSON.parse(body)
  assert.deepEqual(
    { at, facts, key, subject },
    { at: '2026-11-24T12:00:00.000Z', facts: MESSAGE.facts, key: MESSAGE.key, subject: MESSAGE.subject },
  )
  const [, seconds, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-netbehave-signature']))!
  const sign = (secret: string, of: string) => createHmac('sha256', secret).update(`${seconds}.${of}`).digest('hex')
  assert.equal(Number(seconds), NOON_MS / 1000)
  assert.equal(signature, sign('sesame', body))
  assert.notEqual(signature, sign('other', body))
  assert.notEqual(signature, sign('sesame', body.replace('10.0.0.1', '10.0.0.2')))
})

test('what a server answers says whether this message or the whole channel is refused', async () => {
  await using http = await startHttp(500, 401, 413, 302)
  const webhook = createWebhook({ url: http.url, secret: '' }, () => NOON_MS)
  const fault = async () =>
    webhook.send(MESSAGE, signal()).catch((error: DeliveryError) => `${error.of}: ${error.message}`)
  assert.match(String(await fault()), /^channel: 127\.0\.0\.1:\d+ answers 500/)
  assert.match(String(await fault()), /^channel: .* 401 .*another login or token/)
  assert.match(String(await fault()), /^message: .* 413/)
  assert.match(String(await fault()), /^channel: .* 302 .*write the address it sends to/)
  assert.equal(await fault(), undefined)
  assert.equal(http.received[0]!.headers['x-netbehave-signature'], undefined)
  const nowhere = createWebhook({ url: 'http://127.0.0.1:1/', secret: '' }, () => NOON_MS)
  await assert.rejects(nowhere.send(MESSAGE, signal()), (error: DeliveryError) => error.of === 'channel')
})

test('ntfy gets topic, title, priority and tags, and the token', async () => {
  await using http = await startHttp()
  const ntfy = createNtfy({ server: http.url, topic: 'netbehave-4711', token: 'tk_sesame' })
  assert.doesNotMatch(ntfy.target, /4711|sesame/)
  await ntfy.send(MESSAGE, signal())
  const { headers, body } = http.received[0]!
  assert.equal(headers.authorization, 'Bearer tk_sesame')
  assert.deepEqual(JSON.parse(body), {
    ...{ topic: 'netbehave-4711', title: MESSAGE.subject, message: MESSAGE.text.trim(), priority: 4 },
    tags: ['warning', 'asset-new'],
  })
  await ntfy.send({ ...MESSAGE, text: 'ä'.repeat(10_000), severity: 'critical' }, signal())
  const long = JSON.parse(http.received[1]!.body)
  assert.ok(Buffer.byteLength(long.message) <= 4000)
  assert.match(long.message, /^ä+…$/)
  assert.equal(long.priority, 5)
})

test('text is cut between characters', () => {
  for (let longest = 3; longest < 20; longest++)
    assert.match(cutBytes('a€𝄞ä'.repeat(5), longest), /^(a€𝄞ä)*(a(€𝄞?)?)?…$/u)
  assert.equal(cutBytes('short', 5), 'short')
})

const SYSLOG =
  /^<28>1 2026-11-24T12:00:00\.000Z \S+ netbehave - asset-new \[netbehave@32473 key="a{32}" kind="asset-new" site="home" severity="warning"\] \uFEFFNew device 10\.0\.0\.1 \(Gerät\): A new address\. Name: "x\]\\"$/

test('syslog over UDP is one datagram of RFC 5424', async () => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const syslog = createSyslog({ server: `127.0.0.1:${socket.address().port}`, protocol: 'udp', facility: 'daemon' })
  const arrived = once(socket, 'message')
  await syslog.send(MESSAGE, signal())
  const [bytes] = (await arrived) as [Buffer]
  assert.match(bytes.toString(), SYSLOG)
  socket.close()
})

test('syslog over TCP has the length before each message, and a server that is not there is told', async () => {
  const received: string[] = []
  const server = createTcpServer((socket) => {
    void text(socket).then((whole) => received.push(whole))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const syslog = createSyslog({ server: `127.0.0.1:${port}`, protocol: 'tcp', facility: 'daemon' })
  await syslog.send(MESSAGE, signal())
  const [, length, message] = /^(\d+) ([\s\S]*)$/.exec(received[0]!)!
  assert.equal(Number(length), Buffer.byteLength(message!))
  assert.match(message!, SYSLOG)
  server.close()
  await once(server, 'close')
  await assert.rejects(
    syslog.send(MESSAGE, signal()),
    (error: unknown) => error instanceof DeliveryError && error.of === 'channel',
  )
})

test('values in syslog are escaped and cannot end their element', async () => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const syslog = createSyslog({ server: `127.0.0.1:${socket.address().port}`, protocol: 'udp', facility: 'local0' })
  const arrived = once(socket, 'message')
  await syslog.send({ ...MESSAGE, site: 'a"] <0>1 x\n', text: 'x\n'.repeat(5000), severity: 'critical' }, signal())
  const [bytes] = (await arrived) as [Buffer]
  assert.ok(bytes.length <= 2048)
  assert.match(bytes.toString(), /^<130>1 .* site="a\\"\\\] <0>1 x" severity="critical"\] /)
  assert.doesNotMatch(bytes.toString(), /\n/)
  socket.close()
})
