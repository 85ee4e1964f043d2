// The names service without the hub, and the hub without the names service: each does what it can, and says so.
import assert from 'node:assert/strict'
import { appendFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { ask } from '@netbehave/broker'
import { startTestBroker } from '@netbehave/broker/testing'
import { DNS_FORWARD, DNS_INFO } from '@netbehave/schema'
import { startIngest, temporaryFolder, until } from './programs.ts'

const stamp = () => new Date().toString().replace(/^\w+ (\w+) (\d+) \d+ ([\d:]+) .*$/, '$1 $2 $3')

test('without the hub it goes on reading and keeps the names, says that nobody answers, and serves once the hub is there', async () => {
  await using folder = await temporaryFolder()
  await using broker = await startTestBroker()
  const asker = broker.connect('analyst')
  await asker.connected
  await broker.kill()
  const log = folder.file('dnsmasq.log')
  await writeFile(log, '')
  await using ingest = await startIngest(broker.url, folder, { DNS_INGEST_LOGS: log, DNS_INGEST_POLL_MS: '5' })
  await appendFile(
    log,
    `${stamp()} dnsmasq[1]: query[A] printer.test from 10.0.0.7\n${stamp()} dnsmasq[1]: reply printer.test is 192.0.2.9\n`,
  )
  await ingest.line((line) => line.includes('does not answer; is nats-server running there? Trying on'), 'stderr')
  assert.ok(ingest.isRunning)

  await broker.start()
  await until('it serves', async () => (await ask(asker, DNS_INFO, {}).catch(() => undefined))?.answers === 1)
  const { answers } = await ask(asker, DNS_FORWARD, { name: 'printer.test' })
  assert.deepEqual(
    answers.map(({ client, address }) => [client, address]),
    [['10.0.0.7', '192.0.2.9']],
  )
})

test('at a hub without the names service whoever asks is told at once that nobody serves it', async () => {
  await using broker = await startTestBroker()
  const asker = broker.connect('analyst')
  await asker.connected
  await assert.rejects(ask(asker, DNS_INFO, {}), {
    code: 503,
    message: 'nobody serves dns.ro.info: is the dns service running?',
  })
})
