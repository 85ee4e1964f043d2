import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { consume, createPublisher } from '@netbehave/broker'
import { silentLog, startTestBroker } from '@netbehave/broker/testing'
import {
  CONSUMERS,
  decodeFlowBatch,
  encodeFlowBatch,
  type FlowBatch,
  FlowBatchBuilder,
  SUBJECTS,
} from '@netbehave/schema'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

function rawBatch(site: string, seq: number): FlowBatch {
  const batch = new FlowBatchBuilder(16)
  for (let i = 0; i < 3; i++) {
    batch.rows.protocol[i] = 6
    batch.rows.srcPort[i] = 50_000 + i
    batch.rows.dstPort[i] = 443
    batch.rows.bytes[i] = seq * 10 + i
    batch.rows.srcIp.v4[i] = 0x0a000001 + i
  }
  for (const column of ['protocol', 'srcPort', 'dstPort', 'bytes', 'srcIp'] as const) batch.touch(column)
  batch.commit(3)
  return batch.seal({ site, collector: 'test', seq, received: 1_700_000_000_000 })
}

/** The enricher as a process of its own, as a container runs it. */
function startEnricher(brokerUrl: string) {
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, NETBEHAVE_BROKER_URL: brokerUrl },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  child.stderr.resume()
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return {
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      assert.ok([0, null].includes(await ended))
    },
  }
}

/** Bytes column of all enriched batches, once `count` came. */
async function readEnriched(broker: Awaited<ReturnType<typeof startTestBroker>>, count: number): Promise<FlowBatch[]> {
  const batches: FlowBatch[] = []
  const enough = Promise.withResolvers<void>()
  await using _reading = consume(broker.connect('archiver'), CONSUMERS.archiver, silentLog, (message) => {
    assert.equal(message.subject, 'flows.enriched.home')
    batches.push(decodeFlowBatch(message.bytes))
    message.ack()
    if (batches.length >= count) enough.resolve()
  })
  await enough.promise
  return batches
}

test('each raw batch becomes one enriched batch, also when the enricher is killed between, and rubbish is refused', async () => {
  await using broker = await startTestBroker()
  await using publisher = createPublisher(broker.connect('collector'), silentLog)
  const push = (id: string, bytes: Uint8Array) =>
    publisher.push({ subject: SUBJECTS.flowsRaw('home'), id, bytes, flows: 3 })
  const killed = startEnricher(broker.url)
  for (let seq = 0; seq < 200; seq++) await push(`a${seq}`, encodeFlowBatch(rawBatch('home', seq)))
  await killed.kill()
  await push('rubbish', new Uint8Array([1, 2, 3]))
  await push('liar', encodeFlowBatch(rawBatch('elsewhere', 1)))
  for (let seq = 200; seq < 300; seq++) await push(`a${seq}`, encodeFlowBatch(rawBatch('home', seq)))
  // What the killed one held comes again after ack_wait (60 s); the test asks the server to make that now.
  const manager = await (await broker.connect('flow-admin').jetstream()).jetstreamManager()
  await manager.consumers.update('FLOWS_RAW', CONSUMERS.enricher.durable, { ack_wait: 1_000_000_000 })
  await using _second = startEnricher(broker.url)
  const batches = await readEnriched(broker, 300)
  assert.deepEqual(
    batches.map((batch) => batch.fields.seq).sort((a, b) => a - b),
    Array.from({ length: 300 }, (_, seq) => seq),
  )
  assert.equal(batches[0]!.row(1).service, 'https')
  assert.equal(batches[0]!.row(1).srcIp, '10.0.0.2')
  const raw = await manager.streams.info('FLOWS')
  assert.equal(raw.state.messages, 300)
  // All raw messages are settled: the refused ones too.
  const consumer = await (await broker.connect('enricher').jetstream()).consumers.get('FLOWS_RAW', 'enricher')
  for (;;) {
    const { num_ack_pending: pending, num_pending: waiting } = await consumer.info()
    if (pending === 0 && waiting === 0) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})
