// The collector as a process of its own, from UDP to acknowledged JetStream publish, on workload W, and nfdump's nfcapd
// (C, writes a local file) fed by the same sender at the same rate in the same run, when it is installed.
// node collector.bench.ts [--rate FLOWS_PER_SECOND] [--seconds N] [--rounds N]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cpuSeconds, kernelDrops, median, printResult, sendWorkload, startChild, until } from '@netbehave/bench'
import { askStats, type Broker } from '@netbehave/broker'
import { startTestBroker } from '@netbehave/broker/testing'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '600000' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
  },
})
const [rate, seconds, rounds] = [Number(values.rate), Number(values.seconds), Number(values.rounds)]
const COLLECTOR = join(import.meta.dirname, '..', 'src', 'main.ts')
const BUFFER_BYTES = 8 * 1024 * 1024

/** One round: what came out, and what it cost. */
interface Round {
  readonly sent: number
  readonly flows: number
  readonly cpuSeconds: number
  readonly drops: number
}

const dir = await mkdtemp(join(tmpdir(), 'netbehave-bench-'))
await using broker = await startTestBroker()
// As docker-compose.yml starts it.
const NODE_FLAGS = ['--initial-old-space-size=256']
await using collector = startChild(process.execPath, [...NODE_FLAGS, COLLECTOR, '--listen', '127.0.0.1:0'], {
  cwd: dir,
  env: { ...process.env, NETBEHAVE_BROKER_URL: broker.url, NETBEHAVE_DATA_DIR: dir, NETBEHAVE_LOG_LEVEL: 'warn' },
})
const admin = broker.connect('flow-admin')
const port = await collectorPort(admin)
const hasNfcapd = (await startChild('nfcapd', ['-V'], {}).ended) === 0

await collectorRound(1) // warms up: compiled code, grown buffers
const ours: Round[] = []
const theirs: Round[] = []
for (let i = 0; i < rounds; i++) {
  ours.push(await collectorRound(seconds))
  if (hasNfcapd) theirs.push(await nfcapdRound(seconds))
}
report('collector, UDP to acknowledged JetStream publish', ours, { bar: 1_500_000, better: 'more' })
if (hasNfcapd) {
  report('nfcapd to a local file, same sender and rate', theirs, {})
  const ratios = ours.map((round, i) => perCpuSecond(round) / perCpuSecond(theirs[i]!))
  printResult({
    ...{ bench: 'collector', case: 'collector over nfcapd, flows per CPU-second', value: round2(median(ratios)) },
    ...{ unit: 'times', bar: 1, better: 'more', runs: ratios.map(round2) },
  })
}
await rm(dir, { recursive: true, force: true })

function report(name: string, results: Round[], bar: { bar?: number; better?: 'more' }): void {
  const total = (of: (round: Round) => number) => results.reduce((sum, round) => sum + of(round), 0)
  printResult({
    ...{ bench: 'collector', case: name, value: Math.round(median(results.map(perCpuSecond))), unit: 'flows/CPU-s' },
    ...bar,
    runs: results.map((round) => Math.round(perCpuSecond(round))),
    notes: {
      'flows/s sent': Math.round(total((round) => round.sent) / (results.length * seconds)),
      'flows sent': total((round) => round.sent),
      'flows kept': total((round) => round.flows),
      'kernel drops': total((round) => round.drops),
    },
  })
}

function perCpuSecond(round: Round): number {
  return round.flows / round.cpuSeconds
}

async function collectorRound(forSeconds: number): Promise<Round> {
  const [flowsBefore, dropsBefore, cpuBefore] = [
    await acknowledged(admin),
    kernelDrops(port),
    cpuSeconds(collector.pid),
  ]
  const { flows: sent } = await sendWorkload(port, rate, forSeconds)
  let flows = -1
  await until('the collector has nothing left to publish', async () => {
    const now = await acknowledged(admin)
    const done = now === flows
    flows = now
    return done
  })
  const drops = kernelDrops(port) - dropsBefore
  return { sent, flows: flows - flowsBefore, cpuSeconds: cpuSeconds(collector.pid) - cpuBefore, drops }
}

/** nfcapd as its packages run it: one process, uncompressed files. Its last file is written at SIGTERM. */
async function nfcapdRound(forSeconds: number): Promise<Round> {
  const flowDir = await mkdtemp(join(dir, 'nfcapd-'))
  const nfcapdPort = port + 1
  const args = ['-b', '127.0.0.1', '-p', String(nfcapdPort), '-w', flowDir, '-B', String(BUFFER_BYTES)]
  const nfcapd = startChild('nfcapd', args, {})
  await until('nfcapd listens', () => /Startup/.test(nfcapd.stderr + nfcapd.stdout))
  const { flows: sent } = await sendWorkload(nfcapdPort, rate, forSeconds)
  let before = -1
  await until('nfcapd has read its socket empty', () => {
    const now = cpuSeconds(nfcapd.pid)
    const idle = now === before
    before = now
    return idle
  })
  const [cost, drops] = [cpuSeconds(nfcapd.pid), kernelDrops(nfcapdPort)]
  nfcapd.signal('SIGTERM')
  await nfcapd.ended
  const flows = await countNfcapdFlows(flowDir)
  await rm(flowDir, { recursive: true, force: true })
  return { sent, flows, cpuSeconds: cost, drops }
}

async function countNfcapdFlows(flowDir: string): Promise<number> {
  const nfdump = startChild('nfdump', ['-R', flowDir, '-I'], {})
  await nfdump.ended
  return Number(/^Flows: (\d+)$/m.exec(nfdump.stdout)?.[1] ?? 0)
}

async function acknowledged(from: Broker): Promise<number> {
  return metricOf(await askStats(from), 'netbehave_collector_publish_acknowledged_flows_total')
}

async function collectorPort(from: Broker): Promise<number> {
  return until('the collector listens', async () => {
    const snapshot = (await askStats(from)).find(({ app }) => app === 'collector')
    const report = snapshot?.report as { listening: { address: string }[] } | undefined
    return Number(report?.listening[0]?.address.split(':').at(-1)) || undefined
  })
}

function metricOf(snapshots: Awaited<ReturnType<typeof askStats>>, name: string): number {
  const metrics = snapshots.flatMap((snapshot) => snapshot.metrics as { name: string; values: { value: number }[] }[])
  return metrics.find((metric) => metric.name === name)?.values[0]?.value ?? 0
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}
