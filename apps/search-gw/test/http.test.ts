import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import { publishStats } from '@netbehave/broker'
import { startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { API_ROUTES, PROBLEM_TYPE } from '@netbehave/schema/api'
import { startGateway, type TestGateway } from './gateway.ts'

let broker: TestBroker
let gateway: TestGateway
before(async () => {
  broker = await startTestBroker()
  gateway = await startGateway(broker.url)
})
after(async () => {
  await gateway?.[Symbol.asyncDispose]()
  await broker?.[Symbol.asyncDispose]()
})

test('/metrics merges the snapshots of all apps, and /healthz says what is missing', async () => {
  await until(async () => (await gateway.ask('/healthz')).json.running['search-gw'] === 1)
  const health = await gateway.ask('/healthz')
  assert.equal(health.status, 503)
  assert.ok(health.json.findings.some((finding: string) => /no archiver has reported/.test(finding)))

  const connection = broker.connect('collector')
  const publish = (app: string, site: string, value: number) =>
    publishStats(connection, {
      app,
      site,
      instance: 'one',
      startedMs: 1,
      now: Date.now,
      metrics: async () => [
        {
          name: `netbehave_${app}_flows_total`,
          help: 'flows',
          type: 'counter',
          aggregator: 'sum',
          values: [{ value, labels: {} }],
        },
        { name: 'evil{} 1\nx', help: '', type: 'counter', aggregator: 'sum', values: [] },
      ],
    })
  using _a = publish('collector', 'home', 3)
  using _b = publish('collector', 'office', 4)
  using _c = publish('enricher', 'home', 5)
  using _d = publish('archiver', 'home', 6)
  await until(async () => (await gateway.ask('/healthz')).status === 200)
  const { text } = await gateway.ask('/metrics', { as: 'viewer' })
  assert.match(text, /netbehave_collector_flows_total\{site="home",instance="one"\} 3/)
  assert.match(text, /netbehave_collector_flows_total\{site="office",instance="one"\} 4/)
  assert.match(text, /netbehave_search_gw_stats_apps\{/)
  assert.doesNotMatch(text, /evil/)
})

test('without a login there is nothing but the login page, /healthz and a 401 with what to do', async () => {
  for (const { method, path } of API_ROUTES.filter(({ role }) => role !== 'anyone')) {
    const reply = await gateway.ask(`/api/v1${path.replaceAll(/\{\w+\}/g, 'x')}`, {
      method,
      ...(method !== 'GET' && { body: {} }),
    })
    assert.equal(reply.status, 401, `${method} ${path}`)
    assert.match(reply.headers.get('content-type')!, new RegExp(PROBLEM_TYPE.replace('+', '\\+')))
    assert.match(reply.problem.detail!, /sign in/)
  }
  for (const path of ['/metrics', '/api/v1/', '/api/v1/openapi.json', '/api/v1/nothing', '/api'])
    assert.equal((await gateway.ask(path)).status, 401, path)
})

test('paths out of the console, in every spelling, find nothing', async () => {
  for (const path of [
    '/etc/passwd',
    '/../../../../etc/passwd',
    '/..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/..%5c..%5cpackage.json',
    '/.git/config',
    '//etc/passwd',
    '/%00',
  ]) {
    const text = await rawGet(gateway.http, path)
    assert.doesNotMatch(text, /root:|"@netbehave|\[core\]/, path)
    assert.match(text, /^HTTP\/1\.1 (400|403|404|503) /, path)
  }
})

/** As it stands; fetch would tidy the path. */
function rawGet(http: string, path: string): Promise<string> {
  const { hostname, port } = new URL(http)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`),
    )
    socket.on('data', (bytes) => {
      text += bytes
    })
    socket.on('end', () => resolve(text))
    socket.on('error', reject)
  })
}

test('every answer has the headers that keep a page honest', async () => {
  for (const path of ['/healthz', '/', '/api/v1/session']) {
    const { headers } = await gateway.ask(path)
    assert.match(headers.get('content-security-policy')!, /default-src 'self'/)
    assert.doesNotMatch(headers.get('content-security-policy')!, /unsafe|\*/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('x-frame-options'), 'DENY')
    assert.equal(headers.get('x-powered-by'), null)
    assert.equal(headers.get('strict-transport-security'), null)
  }
})

test('OpenAPI holds every route, and its page lists them', async () => {
  const { json } = await gateway.api('/openapi.json')
  assert.equal(json.openapi, '3.1.0')
  for (const { method, path } of API_ROUTES) assert.ok(json.paths[path]?.[method.toLowerCase()], `${method} ${path}`)
  const statuses = (path: string, method: string) =>
    Object.keys(json.paths[path][method].responses).filter((status) => status !== 'default')
  assert.deepEqual(statuses('/users', 'post'), ['201'])
  assert.deepEqual(statuses('/filter/fields', 'get'), ['200', '304'])
  const page = await gateway.api('/')
  assert.match(page.headers.get('content-type')!, /text\/html/)
  for (const { path } of API_ROUTES) assert.ok(page.text.includes(path), path)
  assert.doesNotMatch(page.text, /<script|style=/)
})

test('a query or body that does not fit its contract is a problem that names the member', async () => {
  const query = await gateway.api('/flows?limit=0&from=-1h')
  assert.deepEqual([query.status, query.problem.fields?.[0]?.path], [400, 'limit'])
  const misspelt = await gateway.api('/flows?limt=3')
  assert.match(misspelt.problem.detail!, /limt/)
  assert.equal((await gateway.api('/flows?limit=1&limit=2')).status, 400)
  const body = await gateway.api('/users', { method: 'POST', body: { name: '../x' } })
  assert.deepEqual([body.status, body.problem.fields?.[0]?.path], [400, 'name'])
  assert.equal((await gateway.api('/users', { method: 'POST', body: '{"name":' })).status, 400)
  const form = await gateway.api('/users', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' })
  assert.equal(form.status, 415)
})

test('a filter that is wrong is told with its place', async () => {
  const { status, problem } = await gateway.api(`/flows?q=${encodeURIComponent('dst.port = 443 and bytse > 1')}`)
  assert.equal(status, 400)
  assert.deepEqual([problem.from, problem.to], [19, 24])
  assert.match(problem.detail!, /did you mean bytes/)
})

test('a body that is too large is refused, one that comes too slowly is given up', { timeout: 180_000 }, async () => {
  const large = await gateway.api('/rules/check', { method: 'POST', body: { text: 'x'.repeat(2 << 20) } })
  assert.equal(large.status, 413)
  const { hostname, port } = new URL(gateway.http)
  const answer = await new Promise<string>((resolve, reject) => {
    let text = ''
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /api/v1/session HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
      )
    })
    socket.on('data', (bytes) => {
      text += bytes
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
  assert.match(answer, /^HTTP\/1\.1 408 /)
})

test('a connection on which nothing was asked is closed without a word: it would be taken for an answer', {
  timeout: 180_000,
}, async () => {
  const { hostname, port } = new URL(gateway.http)
  const socket = connect(Number(port), hostname)
  let told = ''
  socket.on('data', (bytes) => {
    told += bytes
  })
  await once(socket, 'close')
  assert.equal(told, '')
})

test('headers that drip in are given up', { timeout: 180_000 }, async () => {
  const { hostname, port } = new URL(gateway.http)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(`GET /healthz HTTP/1.1\r\nHost: ${hostname}\r\n`)
  const drip = setInterval(() => socket.write('X-Drip: 1\r\n'), 500)
  await once(socket.resume(), 'close')
  clearInterval(drip)
  assert.equal((await gateway.api('/filter/fields')).status, 200)
})

test('headers that are too large are refused', async () => {
  const reply = await gateway.ask('/healthz', { headers: { 'x-large': 'x'.repeat(20_000) } }).catch(() => undefined)
  assert.ok(reply === undefined || reply.status === 431 || reply.status === 400, String(reply?.status))
})

test('lists have an ETag that saves the transfer', async () => {
  const first = await gateway.api('/filter/fields')
  const etag = first.headers.get('etag')!
  const again = await gateway.api('/filter/fields', { headers: { 'if-none-match': etag } })
  assert.deepEqual([again.status, again.text], [304, ''])
  assert.equal((await gateway.api('/filter/fields', { headers: { 'if-none-match': '"other"' } })).status, 200)
})

test('a console that is not built is told, not an empty page', async () => {
  const reply = await gateway.ask('/search?q=x', { headers: { accept: 'text/html' } })
  if (reply.status === 503) assert.match(reply.text, /not built/)
  else assert.match(reply.text, /<base href="\/"/)
})

test('a service that does not run is told by name, and with how it is switched on', async () => {
  for (const [path, sentence] of [
    ['/assets', /^ipam, .* does not run; "netbehave doctor"/],
    ['/dns/queries', /^dns-ingest, .* does not run; .* section dns-ingest, key logs$/],
    ['/whois?addresses=192.0.2.1', /^whois, .* does not run; .* section whois, key enabled$/],
    ['/alerts', /^the alerter does not run; .* section alerter$/],
  ] as const) {
    const { status, problem } = await gateway.api(path)
    assert.equal(status, 503, path)
    assert.match(problem.detail!, sentence)
  }
})

test('more connections of one client than there are shut nobody else out', { timeout: 180_000 }, async () => {
  const { hostname, port } = new URL(gateway.http)
  const open = (localAddress: string): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), localAddress }, () => resolve(socket))
      socket.on('error', reject).resume()
    })
  /** Is a request answered, or the connection closed? */
  async function isServed(localAddress: string): Promise<boolean> {
    const socket = await open(localAddress)
    socket.write(`GET /healthz HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`)
    // A connection that is closed with our request unread is reset.
    return await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => undefined)]).then(
      (data) => data !== undefined,
      () => false,
    )
  }
  const held = await Promise.all(Array.from({ length: 1100 }, () => open('127.0.0.7')))
  try {
    assert.equal(await isServed('127.0.0.8'), true)
    assert.equal(await isServed('127.0.0.7'), false)
  } finally {
    for (const socket of held) socket.destroy()
  }
  await until('there is room again', () => isServed('127.0.0.7'))
})
