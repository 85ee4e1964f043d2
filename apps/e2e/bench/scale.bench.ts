// How the enricher scales: 1, 2 and 4 of them on one consumer of one broker, and what the broker costs. Raw batches of workload W wait in the
// stream; then the enrichers, warm, are let go. CPU seconds of every process by itself; the rest of the machine is idle.
// node scale.bench.ts [--batches 1200] [--rounds 3] [--enrichers 1,2,4]
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { type Child, cpuSeconds, median, printResult, startNode, until, workloadBatches } from '@netbehave/bench'
import { askStats, createPublisher } from '@netbehave/broker'
import { silentLog, startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { BATCH_FLOWS, SUBJECTS } from '@netbehave/schema'

const { values } = parseArgs({
  options: {
    batches: { type: 'string', default: '1200' },
    rounds: { type: 'string', default: '3' },
    enrichers: { type: 'string', default: '1,2,4' },
  },
})
const [batches, rounds] = [Number(values.batches), Number(values.rounds)]
const ENRICHER = join(import.meta.dirname, '../../enricher/src/main.ts')
/** Batches made once and published over and over. */
const POOL = 32
const WARM_UP = 200

const dir = await mkdtemp(join(tmpdir(), 'netbehave-scale-'))
const pool = workloadBatches(POOL, Date.now())
/** Flows/s of one enricher, against which more are compared. */
let ofOne: number | undefined
for (const count of values.enrichers.split(',').map(Number)) await measure(count)
await rm(dir, { recursive: true, force: true })

interface Round {
  /** Flows a second that came out, by the clock. */
  readonly rate: number
  /** CPU seconds for a million flows: the broker taking raw batches in, giving them out and taking enriched ones, and all enrichers. */
  readonly brokerIn: number
  readonly broker: number
  readonly enrichers: number
}

async function measure(count: number): Promise<void> {
  await using broker = await startTestBroker()
  await using enrichers = await startEnrichers(broker, count)
  const manager = await jetstreamManager(await broker.connect('flow-admin').connected, { checkAPI: false })
  await using publisher = createPublisher(broker.connect('collector'), silentLog)
  let published = 0

  async function publish(some: number): Promise<void> {
    const acks: Promise<boolean>[] = []
    for (let i = 0; i < some; i++) {
      const bytes = pool[published % POOL]!
      acks.push(publisher.push({ subject: SUBJECTS.flowsRaw('home'), id: `${published++}`, bytes, flows: BATCH_FLOWS }))
      if (acks.length % POOL === 0) await acks.at(-1)
    }
    if ((await Promise.all(acks)).includes(false)) throw new Error('the broker did not take a batch')
  }

  async function oneRound(): Promise<Round> {
    enrichers.signal('SIGSTOP')
    const before = cpuSeconds(broker.pid)
    await publish(batches)
    const filled = cpuSeconds(broker.pid)
    const worked = enrichers.cpuSeconds()
    const beganMs = performance.now()
    enrichers.signal('SIGCONT')
    await untilEnriched(manager, published)
    const seconds = (performance.now() - beganMs) / 1000
    const millions = (batches * BATCH_FLOWS) / 1e6
    return {
      rate: (millions * 1e6) / seconds,
      brokerIn: (filled - before) / millions,
      broker: (cpuSeconds(broker.pid) - filled) / millions,
      enrichers: (enrichers.cpuSeconds() - worked) / millions,
    }
  }

  await publish(WARM_UP)
  await untilEnriched(manager, published)
  const all: Round[] = []
  for (let i = 0; i < rounds; i++) all.push(await oneRound())
  report(count, all)
}

/** Everything is acknowledged, and one enriched batch came out for each raw one. */
async function untilEnriched(manager: JetStreamManager, published: number): Promise<void> {
  await until(
    'the enrichers have acknowledged everything',
    async () => (await manager.consumers.info('FLOWS_RAW', 'enricher')).ack_floor.stream_seq === published,
    { timeoutMs: 600_000 },
  )
  const { state } = await manager.streams.info('FLOWS')
  if (state.last_seq !== published) throw new Error(`${published} batches in, ${state.last_seq} out`)
}

async function startEnrichers(broker: TestBroker, count: number) {
  const children: Child[] = []
  for (let i = 1; i <= count; i++) {
    const env = { NETBEHAVE_BROKER_URL: broker.url, NETBEHAVE_DATA_DIR: dir, NETBEHAVE_INSTANCE: `bench-${i}` }
    children.push(startNode(ENRICHER, [], { cwd: dir, env: { ...process.env, ...env, NETBEHAVE_LOG_LEVEL: 'warn' } }))
  }
  const analyst = broker.connect('analyst')
  await analyst.connected
  await until('all enrichers run', async () => (await askStats(analyst)).length === count)
  return {
    signal: (signal: NodeJS.Signals) => {
      for (const child of children) child.signal(signal)
    },
    cpuSeconds: () => children.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
    async [Symbol.asyncDispose]() {
      for (const child of children) child.signal('SIGCONT') // one that is stopped does not end
      await Promise.all(children.map((child) => child[Symbol.asyncDispose]()))
    },
  }
}

function report(count: number, all: readonly Round[]): void {
  const of = (read: (round: Round) => number) => median(all.map(read))
  const rate = of(({ rate: one }) => one)
  ofOne ??= rate
  const share = of(({ broker, brokerIn, enrichers }) => (broker + brokerIn) / (broker + brokerIn + enrichers))
  const seconds = (value: number) => Math.round(value * 1000) / 1000
  printResult({
    ...{ bench: 'scale', case: `${count} enricher${count === 1 ? '' : 's'} on ${availableParallelism()} cores` },
    ...{ value: Math.round(rate), unit: 'flows/s', better: 'more', runs: all.map(({ rate: one }) => Math.round(one)) },
    notes: {
      'times one enricher': Math.round((rate / ofOne) * 100) / 100,
      'CPU-s a million flows, enrichers': seconds(of(({ enrichers }) => enrichers)),
      'CPU-s a million flows, broker, raw in': seconds(of(({ brokerIn }) => brokerIn)),
      'CPU-s a million flows, broker, raw out and enriched in': seconds(of(({ broker }) => broker)),
      "broker's share of CPU, %": Math.round(share * 1000) / 10,
      'bytes a flow, raw': Math.round((pool[0]!.length / BATCH_FLOWS) * 10) / 10,
    },
  })
}
