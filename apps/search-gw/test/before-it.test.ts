// What stands before the gateway: a proxy, a path, a certificate, a broker that is away.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import { startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { PASSWORD, startGateway } from './gateway.ts'

let broker: TestBroker
before(async () => {
  broker = await startTestBroker()
})
after(() => broker?.[Symbol.asyncDispose]())

test('below a path, with and without it: the cookie, the page and redirects are of that path', async () => {
  await using gateway = await startGateway(broker.url, { args: ['--base-path', '/net/behave'] })
  for (const base of ['/net/behave', '']) {
    const login = await gateway.ask(`${base}/api/v1/session`, {
      method: 'POST',
      body: { user: 'viewer', password: PASSWORD },
    })
    assert.match(login.headers.get('set-cookie')!, /; Path=\/net\/behave;/)
    assert.equal((await gateway.ask(`${base}/healthz`)).status, 503)
    assert.equal((await gateway.ask(`${base}/api/v1`, { as: 'viewer' })).headers.get('location'), '/net/behave/api/v1/')
  }
  assert.equal((await gateway.ask('/net/behavelse/healthz')).status, 404)
  const page = await gateway.ask('/net/behave/days', { headers: { accept: 'text/html' } })
  if (page.status === 200) assert.match(page.text, /<base href="\/net\/behave\/"/)
  else assert.match(page.text, /not built/)
})

test('behind a proxy that is listed, its word on scheme and host counts', async () => {
  await using gateway = await startGateway(broker.url, { args: ['--trusted-proxies', '127.0.0.1'] })
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'flows.example', origin: 'https://flows.example' }
  const login = await gateway.ask('/api/v1/session', {
    method: 'POST',
    body: { user: 'viewer', password: PASSWORD },
    headers,
  })
  assert.equal(login.status, 200, login.text)
  assert.match(login.headers.get('set-cookie')!, /; Secure/)
  const foreign = await gateway.ask('/api/v1/session', {
    method: 'POST',
    body: { user: 'viewer', password: PASSWORD },
    headers: { ...headers, origin: 'https://evil.example' },
  })
  assert.equal(foreign.status, 403)
})

test('with a certificate it speaks HTTPS only, and the cookie is for HTTPS', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netbehave-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  )
  try {
    await using gateway = await startGateway(broker.url, { args: ['--tls-cert', cert, '--tls-key', key] })
    assert.match(gateway.http, /^https:/)
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) =>
      get(`${gateway.http}/healthz`, { rejectUnauthorized: false }, (response) => {
        response.resume()
        resolve(response.headers)
      }).on('error', reject),
    )
    assert.match(String(headers['strict-transport-security']), /max-age=/)
    await assert.rejects(fetch(gateway.http.replace('https', 'http')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a certificate that is not there is one sentence', async () => {
  await assert.rejects(
    startGateway(broker.url, { args: ['--tls-cert', '/nowhere.pem', '--tls-key', '/nowhere.pem'] }),
    /code 78/,
  )
  await assert.rejects(startGateway(broker.url, { args: ['--tls-cert', '/nowhere.pem'] }), /code 78/)
})

test('while the broker is away the gateway serves history and says what is missing', { timeout: 180_000 }, async () => {
  await using own = await startTestBroker()
  await using gateway = await startGateway(own.url)
  await until(async () => (await gateway.ask('/healthz')).json.running['search-gw'] === 1)
  await own.kill()
  await until(async () => /broker is away/.test((await gateway.ask('/healthz')).text))
  assert.equal((await gateway.api('/days')).status, 200)
  const health = await gateway.api('/health')
  assert.deepEqual([health.json.broker.connected, health.json.findings[0].id], [false, 'broker-away'])
  const assets = await gateway.api('/assets')
  assert.deepEqual([assets.status, /broker is away/.test(assets.problem.detail ?? '')], [503, true])
  await own.start()
})
