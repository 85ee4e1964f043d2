import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IncomingMessage } from '@netbehave/broker'
import { encodeFlowBatch } from '@netbehave/schema'
import type { FlushStep } from './archive.ts'
import { createArchiver } from './archiver.ts'
import { makeBatch, openTestArchive, type TestArchive } from './testing.ts'

const STREAM = 1

/** An archiver without timers that fire, and the messages that it acknowledged. */
function setUp(archive: TestArchive, options: { maxUnacknowledged?: number } = {}) {
  const acknowledged: number[] = []
  const terminated: number[] = []
  const complaints: string[] = []
  const archiver = createArchiver({
    archive: archive.archive,
    counters: archive.counters,
    log: { info() {}, warn() {}, error() {} },
    limitedLog: (_key, _fields, message) => {
      complaints.push(message)
    },
    flushIntervalMs: 3_600_000,
    maintenanceIntervalMs: 3_600_000,
    maxUnacknowledged: options.maxUnacknowledged ?? 1000,
    retryMs: 1,
  })
  const message = (
    sequence: number,
    bytes = encodeFlowBatch(makeBatch([{ srcPort: sequence }], sequence)),
  ): IncomingMessage => ({
    bytes,
    subject: 'flows.enriched.home',
    sequence,
    streamCreatedMs: STREAM,
    redelivered: false,
    ack: () => acknowledged.push(sequence),
    term: () => terminated.push(sequence),
    nak: () => assert.fail('never'),
  })
  return { archiver, acknowledged, terminated, complaints, message }
}

test('a message is acknowledged only after its flush, each by itself', async () => {
  await using archive = await openTestArchive()
  const { archiver, acknowledged, message } = setUp(archive)
  await archiver.onMessage(message(1))
  await archiver.onMessage(message(2))
  assert.deepEqual(acknowledged, [])
  await archiver.flush()
  assert.deepEqual(acknowledged, [1, 2])
  assert.equal((await archive.flows()).length, 2)
  await archiver[Symbol.asyncDispose]()
})

test('what is no batch is counted, named and terminated at once; what came before it waits for its flush', async () => {
  await using archive = await openTestArchive()
  const { archiver, acknowledged, terminated, complaints, message } = setUp(archive)
  await archiver.onMessage(message(1))
  await archiver.onMessage(message(2, Uint8Array.of(0xff, 0x00)))
  assert.deepEqual([acknowledged, terminated], [[], [2]])
  assert.equal(archive.counters.refused, 1)
  assert.match(complaints[0]!, /^batch from flows\.enriched\.home refused: /)
  await archiver.flush()
  assert.deepEqual([acknowledged, terminated], [[1], [2]])
  await archiver[Symbol.asyncDispose]()
})

test('a flush that fails is tried until it succeeds, and nothing is acknowledged before', async () => {
  let failures = 3
  const onStep = (step: FlushStep) => {
    if (step === 'written' && failures-- > 0) throw new Error('no space left on device')
  }
  await using archive = await openTestArchive({}, { onStep })
  const { archiver, acknowledged, complaints, message } = setUp(archive)
  await archiver.onMessage(message(1))
  await archiver.flush()
  assert.deepEqual(acknowledged, [1])
  assert.equal(complaints.length, 3)
  assert.equal(complaints[0], 'cannot write flows, nothing is lost, trying again: no space left on device')
  assert.equal((await archive.flows()).length, 1)
  await archiver[Symbol.asyncDispose]()
})

test('a full flush begins by itself, and a batch that does not fit waits for it', async () => {
  await using archive = await openTestArchive({ flushRows: 3 })
  const { archiver, acknowledged, message } = setUp(archive)
  for (let sequence = 1; sequence <= 10; sequence++) await archiver.onMessage(message(sequence))
  await archiver.flush()
  assert.deepEqual(acknowledged, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  assert.ok(archive.counters.flushes >= 3)
  assert.equal((await archive.flows()).length, 10)
  await archiver[Symbol.asyncDispose]()
})

test('a flush begins before more messages wait than the broker lets wait', async () => {
  await using archive = await openTestArchive()
  const { archiver, acknowledged, message } = setUp(archive, { maxUnacknowledged: 2 })
  await archiver.onMessage(message(1))
  await archiver.onMessage(message(2))
  await archiver.flush() // waits for the one that is under way
  assert.deepEqual(acknowledged, [1, 2])
  await archiver[Symbol.asyncDispose]()
})

test('the stop writes and acknowledges what waits', async () => {
  await using archive = await openTestArchive()
  const { archiver, acknowledged, message } = setUp(archive)
  await archiver.onMessage(message(1))
  await archiver[Symbol.asyncDispose]()
  assert.deepEqual(acknowledged, [1])
})

test('a stop does not wait for a disk that stays full, and acknowledges nothing', async () => {
  const onStep = () => {
    throw new Error('no space left on device')
  }
  await using archive = await openTestArchive({ flushRows: 1 }, { onStep })
  const { archiver, acknowledged, message } = setUp(archive)
  await archiver.onMessage(message(1))
  const waiting = archiver.onMessage(message(2))
  archiver.giveUpRetrying()
  await waiting
  await assert.rejects(async () => archiver[Symbol.asyncDispose](), /no space left/)
  assert.deepEqual(acknowledged, [])
})
