// The enricher as a process of its own: reads raw batches of workload W from the stream, names networks and services,
// publishes, acknowledges. CPU seconds of that process only. node enricher.bench.ts [--rounds N] [--batches N]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { jetstreamManager } from '@nats-io/jetstream'
import { cpuSeconds, median, printResult, startNode, until, workloadBatches } from '@netbehave/bench'
import { createPublisher } from '@netbehave/broker'
import { silentLog, startTestBroker } from '@netbehave/broker/testing'
import { BATCH_FLOWS, SUBJECTS } from '@netbehave/schema'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, batches: { type: 'string', default: '500' } },
})
const [rounds, batchesARound] = [Number(values.rounds), Number(values.batches)]
const ENRICHER = join(import.meta.dirname, '..', 'src', 'main.ts')
/** Batches made once and published over and over. */
const POOL = 32

const dir = await mkdtemp(join(tmpdir(), 'netbehave-bench-'))
await using broker = await startTestBroker()
const manager = await jetstreamManager(await broker.connect('flow-admin').connected, { checkAPI: false })
await using enricher = startNode(ENRICHER, [], {
  cwd: dir,
  env: { ...process.env, NETBEHAVE_BROKER_URL: broker.url, NETBEHAVE_DATA_DIR: dir, NETBEHAVE_LOG_LEVEL: 'warn' },
})
const publisher = createPublisher(broker.connect('collector'), silentLog)
const pool = workloadBatches(POOL, Date.now())
let published = 0

await oneRound(100) // warms up
const runs: number[] = []
for (let i = 0; i < rounds; i++) runs.push(Math.round(await oneRound(batchesARound)))
printResult({
  ...{ bench: 'enricher', case: 'enricher, raw stream to acknowledged enriched stream', value: median(runs) },
  ...{ unit: 'flows/CPU-s', bar: 1_000_000, better: 'more', runs },
  notes: { 'bytes a flow, raw': Math.round((pool[0]!.length / BATCH_FLOWS) * 10) / 10 },
})
await publisher[Symbol.asyncDispose]()
await rm(dir, { recursive: true, force: true })

/** Publishes so many batches and waits until the enricher acknowledged them; flows per CPU-second of the enricher. */
async function oneRound(batches: number): Promise<number> {
  const before = cpuSeconds(enricher.pid)
  const acks: Promise<boolean>[] = []
  for (let i = 0; i < batches; i++) {
    const bytes = pool[published % POOL]!
    acks.push(publisher.push({ subject: SUBJECTS.flowsRaw('home'), id: `${published++}`, bytes, flows: BATCH_FLOWS }))
    if (acks.length % POOL === 0) await acks.at(-1)
  }
  if ((await Promise.all(acks)).includes(false)) throw new Error('the broker did not take a batch')
  await until('the enricher has acknowledged everything', async () => {
    const { ack_floor } = await manager.consumers.info('FLOWS_RAW', 'enricher')
    return ack_floor.stream_seq === published
  })
  const { state } = await manager.streams.info('FLOWS')
  if (state.last_seq !== published) throw new Error(`${published} batches in, ${state.last_seq} out`)
  return (batches * BATCH_FLOWS) / (cpuSeconds(enricher.pid) - before)
}
