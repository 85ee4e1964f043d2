// The archiver on a real nats-server: acknowledged means archived, whatever dies in between.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { consume, createPublisher } from '@netbehave/broker'
import { silentLog, startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { openHistory } from '@netbehave/history'
import { CONSUMERS, encodeFlowBatch, SUBJECTS } from '@netbehave/schema'
import { createArchiver } from '../src/archiver.ts'
import { makeBatch, openTestArchive } from '../src/testing.ts'

/** Publishes batches of one flow each, numbered; `bytes` of the flow is its number. */
async function publish(broker: TestBroker, from: number, to: number, garbageAt?: number): Promise<void> {
  const publisher = createPublisher(broker.connect('enricher', `publisher-${from}`), silentLog)
  const subject = SUBJECTS.flowsEnriched('home')
  const pending: Promise<boolean>[] = []
  for (let n = from; n <= to; n++) {
    const bytes = n === garbageAt ? Uint8Array.of(0xff) : encodeFlowBatch(makeBatch([{ bytes: n, packets: 1 }], n))
    pending.push(publisher.push({ subject, id: `test-${n}`, bytes, flows: 1 }))
  }
  assert.ok((await Promise.all(pending)).every((acknowledged) => acknowledged))
  await publisher[Symbol.asyncDispose]()
}

/** An archiver that reads the stream; without timers, flushed by the test. `crash` leaves everything unacknowledged behind. */
async function startArchiver(broker: TestBroker, dataDir: string) {
  const archive = await openTestArchive({}, { dataDir })
  const archiver = createArchiver({
    archive: archive.archive,
    counters: archive.counters,
    log: silentLog,
    limitedLog: () => {},
    flushIntervalMs: 3_600_000,
    maintenanceIntervalMs: 3_600_000,
    maxUnacknowledged: 2048,
  })
  const connection = broker.connect('archiver')
  const reading = consume(connection, CONSUMERS.archiver, silentLog, archiver.onMessage)
  return {
    archive,
    archiver,
    async crash() {
      await connection[Symbol.asyncDispose]() // no acknowledgement can leave any more
      await reading[Symbol.asyncDispose]()
      await archive.archive[Symbol.asyncDispose]()
    },
    async stop() {
      await reading[Symbol.asyncDispose]()
      await archiver[Symbol.asyncDispose]()
      await connection.flush()
      await archive.archive[Symbol.asyncDispose]()
    },
  }
}

/** Messages of the archiver's consumer: delivered and not acknowledged, and the last that is acknowledged. */
async function consumerState(broker: TestBroker) {
  const js = await broker.connect('flow-admin').jetstream()
  const consumer = await js.consumers.get(CONSUMERS.archiver.stream, CONSUMERS.archiver.durable)
  const { ack_floor, num_ack_pending } = await consumer.info()
  return { acknowledged: ack_floor.stream_seq, unacknowledged: num_ack_pending }
}

test('nothing is acknowledged before its flush but what is no batch; after it, everything is', async () => {
  await using broker = await startTestBroker()
  const dataDir = mkdtempSync(join(tmpdir(), 'netbehave-archiver-'))
  const running = await startArchiver(broker, dataDir)
  await publish(broker, 1, 20, 10)
  await until(() => running.archive.counters.batches === 19 && running.archive.counters.refused === 1)
  assert.deepEqual(await consumerState(broker), { acknowledged: 0, unacknowledged: 19 })
  await running.archiver.flush()
  await until(async () => (await consumerState(broker)).unacknowledged === 0)
  assert.equal((await consumerState(broker)).acknowledged, 20)
  await running.stop()
  rmSync(dataDir, { recursive: true })
})

test('an archiver that dies before its flush gets its batches again, one that dies before its acknowledgement skips them', async () => {
  await using broker = await startTestBroker()
  const dataDir = mkdtempSync(join(tmpdir(), 'netbehave-archiver-'))
  const first = await startArchiver(broker, dataDir)
  await publish(broker, 1, 50)
  await until(() => first.archive.counters.batches === 50)
  await first.archive.archive.flush() // archived, and not acknowledged
  await publish(broker, 51, 80)
  await until(() => first.archive.counters.batches === 80)
  await first.crash()
  // What was delivered is delivered again when the consumer's patience is over; a new consumer begins at once.
  const admin = await broker.connect('flow-admin').jetstream()
  const manager = await admin.jetstreamManager(false)
  const { config } = await manager.consumers.info(CONSUMERS.archiver.stream, CONSUMERS.archiver.durable)
  await manager.consumers.delete(CONSUMERS.archiver.stream, CONSUMERS.archiver.durable)
  await manager.consumers.add(CONSUMERS.archiver.stream, config)
  const second = await startArchiver(broker, dataDir)
  await until(() => second.archive.counters.batches === 80)
  assert.equal(second.archive.counters.duplicates, 50)
  await second.archiver.flush()
  await until(async () => (await consumerState(broker)).unacknowledged === 0)
  await second.stop()
  await using history = openHistory({ dataDir })
  assert.deepEqual(await history.count({}), { flows: 80, bytes: (80 * 81) / 2, packets: 80 })
  rmSync(dataDir, { recursive: true })
})

test('the broker is killed and comes back: the archiver goes on reading, each batch once', async () => {
  await using broker = await startTestBroker()
  const dataDir = mkdtempSync(join(tmpdir(), 'netbehave-archiver-'))
  const running = await startArchiver(broker, dataDir)
  await publish(broker, 1, 30)
  await until(() => running.archive.counters.flows === 30)
  await broker.crash()
  await publish(broker, 31, 60)
  await until(() => running.archive.counters.flows === 60)
  await running.archiver.flush()
  await until(async () => (await consumerState(broker)).acknowledged === 60)
  await running.stop()
  await using history = openHistory({ dataDir })
  assert.deepEqual(await history.count({}), { flows: 60, bytes: (60 * 61) / 2, packets: 60 })
  rmSync(dataDir, { recursive: true })
})
