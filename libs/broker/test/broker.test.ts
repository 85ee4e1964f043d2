import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONSUMERS, SUBJECTS } from '@netbehave/schema'
import { askStats, connectBroker, consume, createPublisher, type IncomingMessage, publishStats } from '../src/index.ts'
import { silentLog, startTestBroker } from '../src/testing.ts'

const message = (id: number, size = 10) => ({
  subject: SUBJECTS.flowsRaw('home'),
  id: `test-${id}`,
  bytes: new Uint8Array(size).fill(id),
  flows: 1,
})

/** Reads until `count` messages came. */
async function read(broker: Awaited<ReturnType<typeof startTestBroker>>, count: number): Promise<IncomingMessage[]> {
  const got: IncomingMessage[] = []
  const enough = Promise.withResolvers<void>()
  await using _reading = consume(broker.connect('enricher'), CONSUMERS.enricher, silentLog, (incoming) => {
    got.push(incoming)
    incoming.ack()
    if (got.length === count) enough.resolve()
  })
  await enough.promise
  return got
}

test('what is pushed while the broker is killed and started again arrives once, and is acknowledged', async () => {
  await using broker = await startTestBroker()
  const connection = broker.connect('collector')
  await connection.connected
  await using publisher = createPublisher(connection, silentLog, { ackTimeoutMs: 500 })
  const results: Promise<boolean>[] = []
  for (let id = 0; id < 50; id++) results.push(publisher.push(message(id)))
  await broker.kill()
  for (let id = 50; id < 100; id++) results.push(publisher.push(message(id)))
  await broker.start()
  assert.deepEqual(new Set(await Promise.all(results)), new Set([true]))
  const got = await read(broker, 100)
  assert.deepEqual(
    got.map((incoming) => incoming.bytes[0]).sort((a, b) => a! - b!),
    Array.from({ length: 100 }, (_, id) => id),
  )
  const info = await (await connection.jetstream()).streams.get('FLOWS_RAW').then((stream) => stream.info())
  assert.equal(info.state.messages, 100)
})

test('a full ring drops the oldest messages and counts their flows', async () => {
  await using broker = await startTestBroker()
  const connection = broker.connect('collector')
  await connection.connected
  await broker.kill()
  const publisher = createPublisher(connection, silentLog, { maxBytes: 10_000, closeMs: 0, ackTimeoutMs: 500 })
  const results = Array.from({ length: 25 }, (_, id) => publisher.push(message(id, 1000)))
  assert.deepEqual(await Promise.all(results.slice(0, 15)), new Array(15).fill(false))
  assert.equal(publisher.counters.droppedFlows, 15)
  assert.equal(publisher.counters.heldBytes, 10_000)
  await broker.start()
  assert.deepEqual(await Promise.all(results.slice(15)), new Array(10).fill(true))
  await publisher[Symbol.asyncDispose]()
})

test('a message that was not acknowledged comes again; one that was refused does not', async () => {
  await using broker = await startTestBroker()
  await using publisher = createPublisher(broker.connect('collector'), silentLog)
  await publisher.push(message(1))
  await publisher.push(message(2))
  const seen: number[] = []
  const done = Promise.withResolvers<void>()
  await using _reading = consume(broker.connect('enricher'), CONSUMERS.enricher, silentLog, (incoming) => {
    seen.push(incoming.bytes[0]!)
    if (incoming.bytes[0] === 1) incoming.term('refused by the test')
    else if (!incoming.redelivered) incoming.nak(10)
    else {
      incoming.ack()
      done.resolve()
    }
  })
  await done.promise
  assert.deepEqual(seen, [1, 2, 2])
})

test('reading goes on after the broker was killed', async () => {
  await using broker = await startTestBroker()
  await using publisher = createPublisher(broker.connect('collector'), silentLog, { ackTimeoutMs: 500 })
  const seen = new Set<number>()
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  await using _reading = consume(broker.connect('enricher'), CONSUMERS.enricher, silentLog, (incoming) => {
    incoming.ack()
    seen.add(incoming.bytes[0]!)
    if (incoming.bytes[0] === 1) first.resolve()
    if (incoming.bytes[0] === 2) second.resolve()
  })
  await publisher.push(message(1))
  await first.promise
  await broker.crash()
  await publisher.push(message(2))
  await second.promise
  assert.deepEqual(seen, new Set([1, 2]))
})

test('a connection that is closed before the broker ever answered ends at once', async () => {
  const connection = connectBroker({ brokerUrl: 'nats://127.0.0.1:9', instance: 'test' }, 'collector', silentLog)
  await connection[Symbol.asyncDispose]()
  assert.equal(connection.publishCore('x', ''), false)
})

test('reading and publishing can be ended where the broker was never there', async () => {
  const config = { brokerUrl: 'nats://127.0.0.1:9', instance: 'test' }
  const connection = connectBroker(config, 'archiver', silentLog)
  const reading = consume(connection, CONSUMERS.archiver, silentLog, () => {})
  const publisher = createPublisher(connection, silentLog)
  await publisher[Symbol.asyncDispose]()
  await reading[Symbol.asyncDispose]()
  await connection[Symbol.asyncDispose]()
})

test('apps answer with their snapshot when asked', async () => {
  await using broker = await startTestBroker()
  using _stats = publishStats(broker.connect('collector'), {
    app: 'collector',
    site: 'home',
    instance: 'one',
    startedMs: 1,
    now: () => 2,
    metrics: async () => [{ name: 'x', values: [] }],
    report: () => ({ listening: [] }),
  })
  const asker = broker.connect('analyst')
  const snapshots = await askStats(asker)
  assert.deepEqual(
    snapshots.map(({ app, instance, atMs }) => ({ app, instance, atMs })),
    [{ app: 'collector', instance: 'one', atMs: 2 }],
  )
})
