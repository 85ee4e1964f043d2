// What may stand in a log: bounded, counted, nothing wrong stored.
import assert from 'node:assert/strict'
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { ask, type Broker, RequestFault } from '@netbehave/broker'
import { startTestBroker } from '@netbehave/broker/testing'
import {
  DNS_FLUSH,
  DNS_INFO,
  DNS_LIST,
  DNS_QUERY,
  DNS_RESIZE,
  DNS_REVERSE,
  DNS_STATS,
  StatsSnapshot,
} from '@netbehave/schema'
import { startIngest, temporaryFolder, until } from './programs.ts'

const stamp = () => new Date().toString().replace(/^\w+ (\w+) (\d+) \d+ ([\d:]+) .*$/, '$1 $2 $3')
const lines = (name: string, client = '10.0.0.1', address = '192.0.2.1') =>
  `${stamp()} dnsmasq[1]: query[A] ${name} from ${client}\n${stamp()} dnsmasq[1]: reply ${name} is ${address}\n`

/** Values of a metric of dns-ingest, by the value of its label. */
async function metric(broker: Broker, name: string): Promise<Record<string, number>> {
  const { promise, resolve } = Promise.withResolvers<StatsSnapshot>()
  using _heard = broker.subscribe('stats.dns-ingest.>', (bytes) =>
    resolve(StatsSnapshot.parse(JSON.parse(new TextDecoder().decode(bytes)))),
  )
  await broker.flush()
  broker.publishCore('stats-ask', '')
  const { metrics } = await promise
  const found = (metrics as { name: string; values: { value: number; labels: Record<string, string> }[] }[]).find(
    (of) => of.name === `netbehave_dns_ingest_${name}`,
  )
  return Object.fromEntries(found!.values.map(({ value, labels }) => [Object.values(labels)[0] ?? '', value]))
}

const names = async (broker: Broker) => (await ask(broker, DNS_LIST, { limit: 1024 })).queries.map(({ name }) => name)

test('long lines, binary, half lines, a log that is cut, forged names: the good lines between are stored, and nothing else', async () => {
  await using folder = await temporaryFolder()
  await using broker = await startTestBroker()
  const log = folder.file('dnsmasq.log')
  await writeFile(log, '')
  await using ingest = await startIngest(broker.url, folder, { DNS_INGEST_LOGS: log })
  const asker = broker.connect('analyst')
  await asker.connected
  const rssKb = async () => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${ingest.pid}/status`, 'utf8'))![1])
  await appendFile(log, lines('before.test'))
  await until('the first is stored', async () => (await names(asker)).length === 1)
  const before = await rssKb()
  const head = `${stamp()} dnsmasq[1]: `
  for (let i = 0; i < 32; i++) await appendFile(log, `${head}query[A] ${'x'.repeat(1024 * 1024)}.test from 10.0.0.1\n`)
  const binary = Buffer.alloc(256 * 1024, 0).map((_, i) => (i * 7919) & 255)
  await appendFile(log, binary)
  await appendFile(log, `\n${lines('after-binary.test')}`)
  for (const forged of [
    '<script>alert(1)</script>.test',
    `${'k'.repeat(300)}.test`,
    'a\u0000b.test',
    'a\u001b[2J.test',
    'a b.test',
    'm\u00fcller.test',
  ])
    await appendFile(log, lines(forged))
  await appendFile(log, lines('forged-client.test', 'not-an-address'))
  await appendFile(log, lines('forged-address.test', '10.0.0.1', '192.0.2.999'))
  await appendFile(log, `${head}query[A] half`)
  await appendFile(log, '.test from 10.0.0.1\n')
  await until('the last is stored', async () => (await names(asker)).includes('half.test'))
  assert.deepEqual((await names(asker)).sort(), [
    'after-binary.test',
    'before.test',
    'forged-address.test',
    'half.test',
  ])
  const problems = await metric(asker, 'parse_problems_total')
  assert.ok(problems['line-length']! >= 32, JSON.stringify(problems))
  assert.ok(
    problems['name-length']! >= 2 && problems['name-character']! >= 8 && problems['client-address']! >= 1,
    JSON.stringify(problems),
  )
  assert.ok((await rssKb()) - before < 40_000, `${(await rssKb()) - before} kB more for 32 MB of lines`)

  // Cut in the middle of a line, as copy-and-truncate does.
  await appendFile(log, `${head}query[A] cut.te`)
  await until(
    'the piece is read',
    async () => (await metric(asker, 'tail_bytes_total'))['']! >= (await readFile(log)).length,
  )
  await truncate(log)
  await appendFile(log, lines('after-cut.test'))
  await until('the new beginning is stored', async () => (await names(asker)).includes('after-cut.test'))
  assert.ok(!(await names(asker)).some((name) => name.startsWith('cut')))
  assert.deepEqual(
    [(await metric(asker, 'tail_truncations_total'))[''], (await metric(asker, 'parse_problems_total'))['half-line']],
    [1, 1],
  )
})

test('a level of requests is a contract: who may only look cannot write, and wrong requests are refused', async () => {
  await using folder = await temporaryFolder()
  await using broker = await startTestBroker()
  await using _service = await startIngest(broker.url, folder, { DNS_INGEST_MODE: 'cache', DNS_CACHE_MAX: '1024' })
  const asker = broker.connect('analyst')
  const connection = await asker.connected
  const codeOf = async (subject: string, body: unknown) =>
    (await connection.request(subject, JSON.stringify(body), { timeout: 2000 }).catch(() => undefined))?.headers?.get(
      'Nats-Service-Error-Code',
    ) ?? 'none'
  const written = {
    site: 'home',
    source: 'log:1',
    queries: [{ position: 1, atMs: 1, client: '10.0.0.1', name: 'a.test', type: 'A' }],
  }
  assert.equal(await codeOf('dns.ro.reverse', { lookups: [{ address: '192.0.2.1' }], answers: [] }), '400')
  for (const subject of ['dns.ro.query', 'dns.ro.flush']) assert.equal(await codeOf(subject, written), 'none')
  for (const name of ['<b>', 'A.test', 'a b', 'x'.repeat(254), 'a\u0007'])
    assert.equal(await codeOf('dns.rw.query', { ...written, queries: [{ ...written.queries[0], name }] }), '400', name)
  assert.equal((await ask(asker, DNS_INFO, {})).queries, 0)
  assert.deepEqual(await ask(asker, DNS_QUERY, written), { stored: 1, known: 0 })
  assert.deepEqual(await ask(asker, DNS_QUERY, written), { stored: 0, known: 1 })
  await assert.rejects(
    ask(asker, DNS_FLUSH, {}),
    (error: RequestFault) => error instanceof RequestFault && error.code === 400,
  )
  const { cacheMax, queries } = await ask(asker, DNS_INFO, {})
  assert.deepEqual([cacheMax, queries, (await ask(asker, DNS_STATS, {})).counters.known], [1024, 1, 1])
  assert.equal((await ask(asker, DNS_RESIZE, { cacheMax: 16 })).cacheMax, 16)
  assert.deepEqual(await ask(asker, DNS_FLUSH, { all: true }), { answers: 0, queries: 1 })
  assert.deepEqual((await ask(asker, DNS_REVERSE, { lookups: [{ address: '192.0.2.1' }] })).answers, [null])
})
