// kill -9 of each app and of the broker while 1,000,000 flows pass. The flows are published as a collector does it, so
// which of them were acknowledged is known without a doubt: all.
import assert from 'node:assert/strict'
import { watch } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Child, startNode } from '@netbehave/bench'
import { createPublisher } from '@netbehave/broker'
import { silentLog, startTestBroker } from '@netbehave/broker/testing'
import { openHistory } from '@netbehave/history'
import { SUBJECTS } from '@netbehave/schema'
import { dailyRows, dailySums } from '../src/daily-database.ts'
import { FLOWS, KEYS, numberedBatch, WHOLE_KEY } from '../src/numbered-flows.ts'
import { appMain } from '../src/programs.ts'
import { messageCount, setAckWait, untilAllRead } from '../src/streams.ts'
import { zoneWhereItIs } from '../src/time-zone.ts'

const BATCH_FLOWS = 4000
const BATCHES = FLOWS / BATCH_FLOWS
const LONGEST_MS = 240_000

test('kill -9 of broker, enricher and archiver during a million flows: history has each exactly once', {
  timeout: LONGEST_MS,
}, async () => {
  const nowMs = Date.now()
  const dataDir = await mkdtemp(join(tmpdir(), 'netbehave-crash-'))
  const flowsDir = join(dataDir, 'flows')
  await mkdir(flowsDir)
  await using broker = await startTestBroker()
  const connection = broker.connect('flow-admin')
  await setAckWait(connection, { enricher: 2_000, archiver: 20_000 })
  const env = {
    ...process.env,
    TZ: zoneWhereItIs(2, nowMs),
    NETBEHAVE_BROKER_URL: broker.url,
    NETBEHAVE_DATA_DIR: dataDir,
    NETBEHAVE_LOG_LEVEL: 'warn',
    // Many small flushes, so that a kill finds one under way.
    ARCHIVER_FLUSH_ROWS: '40000',
    ARCHIVER_FLUSH_INTERVAL_MS: '1000',
  }
  const start = (app: string) => startNode(appMain(app), [], { cwd: dataDir, env })
  await using apps = new Apps(start)
  const publisher = createPublisher(broker.connect('collector'), silentLog)

  let acknowledgedFlows = 0
  let pushed = 0
  const publish = (upTo: number): Promise<unknown> => {
    const acks: Promise<unknown>[] = []
    for (; pushed < upTo; pushed++) {
      const bytes = numberedBatch(pushed * BATCH_FLOWS, BATCH_FLOWS, nowMs, pushed)
      const message = { subject: SUBJECTS.flowsRaw('home'), id: `numbered-${pushed}`, bytes, flows: BATCH_FLOWS }
      acks.push(
        publisher.push(message).then((acknowledged) => {
          if (acknowledged) acknowledgedFlows += BATCH_FLOWS
        }),
      )
    }
    return Promise.all(acks)
  }

  // Each crash comes while batches are on their way to the victim. After a crash of the archiver its successor writes what
  // comes next, before it gets what the dead one had: acknowledging the one must not acknowledge the other.
  const successorWrites = () => nextParquetFile(flowsDir)
  const steps = [
    () => apps.crash('enricher'),
    () => apps.crashWhen('archiver', nextParquetFile(flowsDir)),
    successorWrites,
    () => broker.crash(),
    () => apps.crashWhen('archiver', nextParquetFile(flowsDir)),
    successorWrites,
    () => Promise.all([apps.crash('enricher'), broker.crash()]),
    () => Promise.all([apps.crash('enricher'), apps.crash('archiver'), broker.crash()]),
  ]
  for (const [i, step] of steps.entries()) {
    const acked = publish(Math.round(((i + 1) * BATCHES) / (steps.length + 1)))
    await step()
    await acked
  }
  await publish(BATCHES)
  assert.equal(acknowledgedFlows, FLOWS)
  assert.equal(await messageCount(connection, 'FLOWS_RAW'), BATCHES, 'a repeated publish is stored once')

  await untilAllRead(connection, 120_000)
  await using history = openHistory({ dataDir })
  const sums = { flows: FLOWS, bytes: KEYS * WHOLE_KEY.bytes, packets: KEYS * WHOLE_KEY.packets }
  assert.deepEqual(await history.count({}), sums)

  const days = history.days().map(({ day }) => day)
  assert.equal(days.length, 2, 'half of the flows are of yesterday')
  for (const day of days) {
    const path = join(dataDir, `${day}.sqlite3`)
    await history.exportDay(day, { format: 'sqlite', to: path })
    const expected = { hits: WHOLE_KEY.hits, bytes: WHOLE_KEY.bytes, packets: WHOLE_KEY.packets }
    for (const { hits, bytes, packets } of dailyRows(path)) assert.deepEqual({ hits, bytes, packets }, expected)
    assert.equal(dailySums(path).rows, KEYS / 2)
  }
  await rm(dataDir, { recursive: true, force: true })
})

/** The apps as processes of their own: a crash is a SIGKILL, after which a new one starts at once. */
class Apps implements AsyncDisposable {
  readonly #start: (app: string) => Child
  readonly #running: Map<string, Child>

  constructor(start: (app: string) => Child) {
    this.#start = start
    this.#running = new Map(['enricher', 'archiver'].map((app) => [app, start(app)]))
  }

  async crash(app: string): Promise<void> {
    const victim = this.#running.get(app)!
    assert.ok(victim.isRunning, `${app} runs until it is killed; it said: ${victim.stderr}`)
    await victim.kill()
    this.#running.set(app, this.#start(app))
  }

  async crashWhen(app: string, moment: Promise<void>): Promise<void> {
    await moment
    await this.crash(app)
  }

  async [Symbol.asyncDispose]() {
    await Promise.all([...this.#running.values()].map((app) => app[Symbol.asyncDispose]()))
  }
}

/** Resolves when the next Parquet file under a folder is begun or renamed: in the middle of a flush. */
function nextParquetFile(dir: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(dir, { recursive: true }, (_event, path) => {
      if (!path?.includes('.parquet')) return
      watcher.close()
      resolve()
    })
  })
}
