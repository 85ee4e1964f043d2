import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTestBroker } from '@netbehave/broker/testing'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const init = (url: string) =>
  spawnSync(process.execPath, [MAIN, 'broker', 'init', '--broker-url', url], { encoding: 'utf8' })

test('broker init makes the streams, and may be run again', async () => {
  await using broker = await startTestBroker()
  const manager = await (await broker.connect('flow-admin').jetstream()).jetstreamManager()
  for (const stream of ['FLOWS_RAW', 'FLOWS', 'EVENTS']) await manager.streams.delete(stream)
  for (let run = 0; run < 2; run++) {
    const { status, stderr } = init(broker.url)
    assert.equal(status, 0, stderr)
    assert.match(stderr, /streams and consumers are in place/)
  }
  assert.equal((await manager.consumers.info('FLOWS', 'archiver')).config.ack_policy, 'explicit')
})

test('a broker that does not answer is one sentence and exit code 69', () => {
  const { status, stderr } = init('nats://127.0.0.1:9')
  assert.equal(status, 69)
  assert.equal(stderr, 'netbehave: the broker at nats://127.0.0.1:9 does not answer; is nats-server running there?\n')
})
