import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { until } from '@netbehave/bench'
import { parseValue } from '../src/address-range.ts'
import { findAuthorityOf } from '../src/bootstrap.ts'
import { createHttp } from '../src/http.ts'
import { type BootstrapFiles, openBootstrapFiles } from '../src/refresh.ts'
import { type Answerer, json, type RdapServer, redirect, startRdapServer } from './rdap-server.ts'

type File = { publication: string; services: [string[], string[]][] }
const DAY_MS = 86_400_000
let directory: string
let server: RdapServer
let nowMs: number
const complaints: string[] = []

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'netbehave-bootstrap-'))
  server = await startRdapServer()
  nowMs = Date.now()
  complaints.length = 0
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

function open(refreshMs = 7 * DAY_MS): BootstrapFiles & { http: Disposable } {
  const http = createHttp({ timeoutMs: 2000, maxResponseBytes: 100_000, trustedUrls: [server.origin] })
  const limitedLog = (_key: string, _fields: object, message: string) => void complaints.push(message)
  const options = { directory, http, refreshMs, maxRedirects: 2, limitedLog, now: () => nowMs }
  return { ...openBootstrapFiles({ ...options, bootstrapUrl: `${server.origin}/rdap` }), http }
}

/** IANA's file of today, with a block that ours does not have. */
function newer(family: 4 | 6, publication = '2026-10-01T00:00:00Z'): File {
  const file = JSON.parse(readFileSync(new URL(`../src/bootstrap/ipv${family}.json`, import.meta.url), 'utf8')) as File
  file.publication = publication
  file.services
    .find(([, urls]) => urls.some((url) => url.includes('ripe')))![0]
    .push(family === 4 ? '8.8.0.0/16' : '2a20::/12')
  return file
}
const publish = (ipv4: unknown, ipv6: unknown = newer(6)) => {
  server.answer = (path, ...rest) => json(path.includes('ipv4') ? ipv4 : ipv6)(path, ...rest)
}
const who = (files: BootstrapFiles) => findAuthorityOf(files.of(4), parseValue('8.8.8.8')!)?.registry

test('the shipped files hold until newer ones were fetched, which hold over a restart', async () => {
  publish(newer(4))
  const files = open()
  assert.deepEqual([who(files), files.state().ipv4.fetchedMs], ['arin', null])
  await files.refresh()
  assert.deepEqual(server.asked, ['rdap/ipv4.json', 'rdap/ipv6.json'])
  assert.deepEqual([who(files), files.counters], ['ripe', { fetched: 2, failed: 0 }])
  const after = open()
  assert.equal(who(after), 'ripe')
  assert.equal(after.state().ipv4.publication, '2026-10-01T00:00:00Z')
  await after.refresh()
  assert.equal(server.asked.length, 2, 'they are fresh')
  nowMs += 7 * DAY_MS + 60_000
  await after.refresh()
  assert.equal(server.asked.length, 4)
})

test('a file that cannot be right leaves the last good one in place, on disk too', async () => {
  publish(newer(4))
  const files = open(1)
  await files.refresh()
  const good = readFileSync(join(directory, 'ipv4.json'), 'utf8')
  const half = newer(4)
  half.services.splice(1, 1)
  for (const wrong of [half, [], { ...newer(4), services: [] }, newer(6), newer(4, '2020-01-01T00:00:00Z')]) {
    nowMs += DAY_MS
    publish(wrong)
    await files.refresh()
    assert.equal(who(files), 'ripe')
    assert.equal(readFileSync(join(directory, 'ipv4.json'), 'utf8'), good)
  }
  const broken: Answerer[] = [
    json({}, 404),
    redirect(`${server.origin}/rdap/ipv4.json`),
    (_path, response) => void response.end('x'.repeat(1_000_000)),
  ]
  for (const answer of broken) {
    nowMs += DAY_MS
    server.answer = answer
    await files.refresh()
  }
  assert.deepEqual([who(files), files.counters.failed], ['ripe', 5 + 2 * 3])
  assert.match(complaints.join('\n'), /nothing of apnic|cannot be all/)
})

test('a damaged file in the data folder is told, and the shipped one holds', () => {
  writeFileSync(join(directory, 'ipv4.json'), '{"version":')
  const files = open()
  assert.deepEqual([who(files), files.state().ipv4.fetchedMs], ['arin', null])
  assert.match(complaints.join(), /IPv4 blocks was not taken.*no JSON/)
})

test('started, it fetches by itself; with 0 days it never does', async () => {
  publish(newer(4))
  const never = open(0)
  never.start()
  const files = open()
  files.start()
  await until('both are fetched', () => files.counters.fetched === 2)
  assert.equal(server.asked.length, 2)
  await files[Symbol.asyncDispose]()
  await never[Symbol.asyncDispose]()
})
