// How long questions over a closed day take. One JSON line per case; the median of five, after one that warms the page cache.
// `node bench/history.bench.ts --flows 10000000`
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { median, printResult } from '@netbehave/bench'
import { parse } from '@netbehave/filter'
import { createDayClock } from '../src/day.ts'
import { openHistory, type SearchQuery } from '../src/history.ts'
import { DAY, generateDay } from './generate-day.ts'

const { values } = parseArgs({
  options: { flows: { type: 'string', default: '10000000' }, keep: { type: 'string' } },
})
const RUNS = 5
const dataDir = values.keep ?? mkdtempSync(join(tmpdir(), 'netbehave-history-bench-'))
{
  await using existing = openHistory({ dataDir })
  if (existing.days().length === 0) await generateDay(dataDir, Number(values.flows))
}
const history = openHistory({ dataDir })
const { endMs } = createDayClock('UTC').bounds(DAY)
const QUARTER_MS = 900_000

const count = (filter: string) => () => history.count({ filter: parse(filter) })
const top = (field: string) => () => history.top({ fields: [field], limit: 10 })
const newest = (query: SearchQuery) => async () => {
  for await (const _flow of history.search({ limit: 100, ...query }));
}

await measure('one source address', 150, count('src.ip = 192.168.1.7'))
await measure('one address, either side', 150, count('ip = 192.168.1.7'))
await measure('one port', 150, count('port = 443'))
await measure('one name', 150, count('dst.name = host-4711.cdn-55.example.net'))
await measure('part of a name', 150, count('dst.name ~ cdn-55'))
await measure('one service', 150, count('service = ssh'))
await measure('more bytes than', 150, count('bytes > 100000'))
await measure('a block of addresses', 200, count('src.ip = 192.168.2.0/24'))
await measure('top 10 names by bytes', 300, top('dst.name'))
await measure('top 10 addresses by bytes', 300, top('dst.ip'))
await measure('top 10 services by bytes', 300, top('service'))
await measure('newest 100 of the last 15 minutes', 100, newest({ fromMs: endMs - QUARTER_MS }))
await measure('newest 100 of one port', 300, newest({ filter: parse('port = 443') }))
printResult({ bench: 'history', case: 'memory', value: Math.round(process.memoryUsage.rss() / 1e6), unit: 'MB' })
await history[Symbol.asyncDispose]()
if (values.keep === undefined) rmSync(dataDir, { recursive: true })

async function measure(name: string, bar: number, question: () => Promise<unknown>): Promise<void> {
  await question()
  const runs: number[] = []
  const cpuBefore = process.cpuUsage()
  for (let run = 0; run < RUNS; run++) {
    const startedMs = performance.now()
    await question()
    runs.push(Math.round(performance.now() - startedMs))
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  const notes = { flows: Number(values.flows), cpuMs: Math.round((user + system) / 1000 / RUNS) }
  printResult({ bench: 'history', case: name, value: median(runs), unit: 'ms', bar, better: 'less', runs, notes })
}
