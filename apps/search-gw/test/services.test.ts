import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { endpoint, RequestFault, type Service, serve } from '@netbehave/broker'
import { silentLog, startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import {
  ALERTS_TEST,
  type Asset,
  type AssetDetail,
  DNS_LIST,
  IPAM_EDIT,
  IPAM_EXPORT,
  IPAM_GET,
  IPAM_LIST,
  WHOIS_LOOKUP,
} from '@netbehave/schema'
import { startGateway, type TestGateway } from './gateway.ts'

const ASSET: Asset = {
  ip: '192.168.1.7',
  site: 'home',
  mac: null,
  macRandom: false,
  vendor: '',
  hostname: '<b>printer</b>',
  name: '',
  owner: '',
  type: '',
  note: '',
  tags: [],
  firstMs: 1,
  lastMs: 2,
  active: true,
}
const DETAIL: AssetDetail = { ...ASSET, version: 3, flows: 1, bytes: 1, origins: [], macs: [], ports: [] }

let broker: TestBroker
let gateway: TestGateway
const services: Service[] = []
/** What reached the services, with the request. */
const asked: [string, unknown][] = []

before(async () => {
  broker = await startTestBroker({ roles: ['home'] })
  gateway = await startGateway(broker.url, { keys: broker.keys })
  const options = { version: '1.0.0', description: 'for tests' }
  const note = <T>(subject: string, request: unknown, reply: T): T => {
    asked.push([subject, request])
    return reply
  }
  services.push(
    serve(
      broker.connect('ipam-service'),
      silentLog,
      [
        endpoint(IPAM_LIST, (request) =>
          note('list', request, { assets: [{ ...ASSET, served: [] }], next: { site: 'home', ip: ASSET.ip } }),
        ),
        endpoint(IPAM_GET, (request) => {
          if (request.ip !== ASSET.ip) throw new RequestFault(404, `there is no asset ${request.ip}`)
          return note('get', request, DETAIL)
        }),
        endpoint(IPAM_EDIT, (request) => {
          if (request.version !== 3) throw new RequestFault(409, 'it was changed meanwhile')
          return note('edit', request, { ...DETAIL, name: request.set.name ?? '' })
        }),
        endpoint(IPAM_EXPORT, (request) =>
          note('export', request, {
            assets: [{ ...ASSET, locked: [] }],
            next: request.after ? null : { site: 'home', ip: ASSET.ip },
          }),
        ),
      ],
      options,
    ),
    serve(
      broker.connect('dns-service'),
      silentLog,
      [endpoint(DNS_LIST, (request) => note('dns', request, { queries: [], next: null }))],
      options,
    ),
    serve(
      broker.connect('whois-service'),
      silentLog,
      [
        endpoint(WHOIS_LOOKUP, ({ addresses }) => ({
          holders: addresses.map(() => ({ state: 'none' as const, holder: null })),
        })),
      ],
      options,
    ),
    serve(
      broker.connect('alerts-service'),
      silentLog,
      [
        endpoint(ALERTS_TEST, () => {
          throw new RequestFault(502, 'the mail server refused: 550')
        }),
      ],
      options,
    ),
  )
  await Promise.all(services.map(({ ready }) => ready))
})
after(async () => {
  await gateway?.[Symbol.asyncDispose]()
  for (const service of services) await service[Symbol.asyncDispose]()
  await broker?.[Symbol.asyncDispose]()
})

test('queries become requests of the service, and its reply comes as it is', async () => {
  const list = await gateway.api('/assets?active=true&limit=5&after=home/192.168.1.6', { as: 'viewer' })
  assert.equal(list.status, 200, list.text)
  assert.equal(list.json.assets[0].hostname, '<b>printer</b>')
  assert.deepEqual(asked.at(-1), ['list', { active: true, limit: 5, after: { site: 'home', ip: '192.168.1.6' } }])
  const dns = await gateway.api('/dns/queries?client=192.168.1.7&from=1000&to=2000', { as: 'viewer' })
  assert.equal(dns.status, 200, dns.text)
  assert.deepEqual(asked.at(-1), ['dns', { client: '192.168.1.7', limit: 100, fromMs: 1000, toMs: 2000 }])
  const whois = await gateway.api('/whois?addresses=192.0.2.1,2001:db8::1')
  assert.equal(whois.json.holders.length, 2)
})

test('faults of a service keep their code and sentence', async () => {
  const missing = await gateway.api('/asset?ip=192.0.2.9')
  assert.deepEqual([missing.status, missing.problem.detail], [404, 'there is no asset 192.0.2.9'])
  const late = await gateway.api('/assets/home/192.168.1.7', {
    method: 'PATCH',
    as: 'operator',
    body: { version: 2, set: { name: 'x' } },
  })
  assert.equal(late.status, 409)
  const mail = await gateway.api('/alerts/test', { method: 'POST', as: 'operator', body: { channel: 'mail' } })
  assert.deepEqual([mail.status, mail.problem.detail], [502, 'the mail server refused: 550'])
})

test('a service that does not run is named in words of the settings, with how it is switched on', async () => {
  // Of the alerter only the test of a channel runs here.
  const { status, problem } = await gateway.api('/alerts')
  assert.equal(status, 503)
  assert.match(problem.detail!, /^the alerter does not run; .* netbehave\.yaml, section alerter$/)
})

test('an operator edits an asset; a viewer may look at it only', async () => {
  const edit = (as: string) =>
    gateway.api('/assets/home/192.168.1.7', { method: 'PATCH', as, body: { version: 3, set: { name: 'printer' } } })
  const edited = await edit('operator')
  assert.deepEqual([edited.status, edited.json.name], [200, 'printer'])
  assert.deepEqual(asked.at(-1), [
    'edit',
    { site: 'home', ip: '192.168.1.7', version: 3, set: { name: 'printer' }, unlock: [] },
  ])
  assert.equal((await edit('viewer')).status, 403)
  assert.equal((await gateway.api('/asset?ip=192.168.1.7', { as: 'viewer' })).status, 200)
})

test('all assets come as lines, page after page, to an admin', async () => {
  const { text, headers } = await gateway.api('/assets/export')
  assert.equal(headers.get('content-type'), 'application/x-ndjson')
  assert.equal(text.trim().split('\n').length, 2)
  assert.equal((await gateway.api('/assets/export', { as: 'operator' })).status, 403)
})
