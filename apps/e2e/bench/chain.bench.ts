// The whole chain on one machine: `netbehave up` with defaults, workload W by UDP, every flow in history at the end.
// First the highest rate that goes through without loss is looked for in short runs, then it is held.
// node chain.bench.ts [--seconds 30] [--rate FLOWS_PER_SECOND: no search]
import { parseArgs } from 'node:util'
import { cpuSeconds, kernelDrops, memoryOf, printResult, sendWorkload, until } from '@netbehave/bench'
import { connectBroker } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { openHistory } from '@netbehave/history'
import { messageCount, untilAllRead } from '../src/streams.ts'
import { startSystem } from '../src/system.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, rate: { type: 'string' } },
})
const RATES = [100_000, 200_000, 300_000, 400_000, 500_000, 600_000]
const SEARCH_SECONDS = 8
/** The next rate to hold, as a part of one that lost flows. */
const LOWER = 0.8
/** A flow shall be found 15 s after it was received: so long may the chain take for the last one. */
const LATEST_MS = 15_000

interface Run {
  readonly rate: number
  readonly sent: number
  readonly found: number
  readonly drops: number
  /** From the last datagram until history had every flow, in ms. */
  readonly tailMs: number
  readonly cpuSeconds: number
  readonly rssMb: number
}

await using system = await startSystem()
await using broker = connectBroker({ ...system.brokerAddress, instance: 'bench' }, 'flow-admin', silentLog)
await using history = openHistory({ dataDir: system.dataDir })
const port = Number(system.collector.split(':').at(-1))
const pids = [system.pid, await system.natsServerPid()]
const cpu = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)

await pass(50_000, 3) // warms up
const held = await holdWithoutLoss(values.rate ? Number(values.rate) : await highestRate(), Number(values.seconds))
printResult({
  ...{ bench: 'chain', case: `whole chain, ${values.seconds} s, datagram to history`, unit: 'flows/s' },
  ...{ value: isLossy(held) ? 0 : Math.round(held.sent / Number(values.seconds)), bar: 300_000, better: 'more' },
  notes: {
    'flows sent': held.sent,
    'flows in history': held.found,
    'kernel drops': held.drops,
    'last flow found after, ms': Math.round(held.tailMs),
    'flows per CPU-second of the whole system': Math.round(held.found / held.cpuSeconds),
    'resident at the end, MB': held.rssMb,
  },
})
if (isLossy(held)) process.exitCode = 1

/** What a short run takes a long one may not: the rate is lowered until nothing is lost. The last run when none was. */
async function holdWithoutLoss(from: number, seconds: number): Promise<Run> {
  let run = await pass(from, seconds)
  for (let rate = from * LOWER; isLossy(run) && rate > from / 4; rate *= LOWER) {
    process.stderr.write(`${JSON.stringify(run)}\n`)
    run = await pass(Math.round(rate), seconds)
  }
  return run
}

async function highestRate(): Promise<number> {
  let highest = RATES[0]!
  for (const rate of RATES) {
    const run = await pass(rate, SEARCH_SECONDS)
    process.stderr.write(`${JSON.stringify(run)}\n`)
    if (isLossy(run) || run.tailMs > LATEST_MS) break
    highest = rate
  }
  return highest
}

function isLossy(run: Run): boolean {
  return run.found !== run.sent
}

async function pass(rate: number, seconds: number): Promise<Run> {
  const [before, dropsBefore, cpuBefore] = [(await history.count({})).flows, kernelDrops(port), cpu()]
  const { flows: sent } = await sendWorkload(port, rate, seconds)
  const endMs = performance.now()
  await untilEverythingIsWritten()
  const found = (await history.count({})).flows - before
  return {
    ...{ rate, sent, found, drops: kernelDrops(port) - dropsBefore, tailMs: performance.now() - endMs },
    cpuSeconds: cpu() - cpuBefore,
    rssMb: Math.round(pids.reduce((sum, pid) => sum + memoryOf(pid).rssBytes, 0) / 1e6),
  }
}

/** The collector publishes no more, and what it published is read to the end. */
async function untilEverythingIsWritten(): Promise<void> {
  let messages = -1
  await until('the collector has published everything', async () => {
    const now = await messageCount(broker, 'FLOWS_RAW')
    const done = now === messages
    messages = now
    return done
  })
  await untilAllRead(broker, 300_000)
}
