// The same questions over the same flows, asked of history and of nfdump in turns; the answers must agree. nfcapd receives the
// flows of the archive as NetFlow 9 and writes its files, compressed as the archive is. Without nfdump on this machine there is nothing to compare with.
// One JSON line per case: how many times faster history is. `node bench/nfdump.bench.ts --flows 10000000`
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cpuSeconds, kernelDrops, median, printResult, startChild, startNode, until } from '@netbehave/bench'
import { parse } from '@netbehave/filter'
import { openHistory } from '../src/history.ts'
import type { FlowSums } from '../src/sums.ts'
import { generateDay } from './generate-day.ts'

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '10000000' },
    /** An archive that is there, or where it is kept. */
    keep: { type: 'string' },
    runs: { type: 'string', default: '5' },
  },
})
const RUNS = Number(values.runs)
const BUFFER_BYTES = 8 << 20

if ((await startChild('nfdump', ['-V']).ended) !== 0) {
  process.stderr.write('nfdump is not installed: nothing to compare with\n')
  process.exit(0)
}
const folder = mkdtempSync(join(tmpdir(), 'netbehave-nfdump-bench-'))
const dataDir = values.keep ?? join(folder, 'data')
{
  await using existing = openHistory({ dataDir })
  if (existing.days().length === 0) await generateDay(dataDir, Number(values.flows))
}
await using history = openHistory({ dataDir })
const flowDir = mkdtempSync(join(folder, 'nfcapd-'))
await fillNfcapd()

const count = (filter: string) => () => history.count({ filter: parse(filter) })
const top = (field: string, by: 'bytes' | 'flows') => async () => (await history.top({ fields: [field], by })).total
await compare('one source address', count('src.ip = 192.168.1.7'), ['src ip 192.168.1.7'])
await compare('one address, either side', count('ip = 192.168.1.7'), ['ip 192.168.1.7'])
await compare('one port, either side', count('port = 443'), ['port 443'])
await compare('one protocol', count('protocol = UDP'), ['proto udp'])
await compare('more bytes than', count('bytes > 100000'), ['bytes > 100000'])
await compare('TCP flags', count('flags ~ SYN+ACK'), ['flags SA'])
await compare('a block of addresses', count('src.ip = 192.168.2.0/24'), ['src net 192.168.2.0/24'])
await compare('two conditions and a negation', count('src.ip = 192.168.2.0/24 dst.port = 443 not bytes > 10000'), [
  'src net 192.168.2.0/24 and dst port 443 and not bytes > 10000',
])
await compare('top 10 addresses by bytes', top('dst.ip', 'bytes'), ['-s', 'dstip/bytes', '-n', '10'])
await compare('top 10 ports by flows', top('dst.port', 'flows'), ['-s', 'dstport/flows', '-n', '10'])
rmSync(folder, { recursive: true, force: true })

async function fillNfcapd(): Promise<void> {
  const port = 20_000 + (process.pid % 20_000)
  const args = ['-b', '127.0.0.1', '-p', String(port), '-w', flowDir, '-z', '-B', String(BUFFER_BYTES)]
  await using nfcapd = startChild('nfcapd', args)
  await until('nfcapd listens', () => /Startup/.test(nfcapd.stderr + nfcapd.stdout))
  await using sender = startNode(join(import.meta.dirname, 'send-day.ts'), [dataDir, String(port)])
  if ((await sender.ended) !== 0) throw new Error(`the sender failed: ${sender.stderr}`)
  const { flows } = JSON.parse(sender.stdout) as { flows: number }
  let before = -1
  await until('nfcapd has read its socket empty', () => {
    const now = cpuSeconds(nfcapd.pid)
    const idle = now === before
    before = now
    return idle
  })
  const drops = kernelDrops(port)
  nfcapd.signal('SIGTERM')
  await nfcapd.ended
  const { sums } = await askNfdump([])
  if (sums.flows !== flows) throw new Error(`nfcapd kept ${sums.flows} of ${flows} flows, the kernel dropped ${drops}`)
}

/** nfdump's own sums over what matches, without a line for each flow. */
async function askNfdump(question: readonly string[]): Promise<{ sums: FlowSums; ms: number }> {
  const output = question[0] === '-s' ? [] : ['-o', 'null']
  const startedMs = performance.now()
  const nfdump = startChild('nfdump', ['-R', flowDir, '-N', ...output, ...question])
  const code = await nfdump.ended
  const ms = performance.now() - startedMs
  const summary = /^Summary: total flows: (\d+), total bytes: (\d+), total packets: (\d+)/m.exec(nfdump.stdout)
  if (code !== 0 || !summary) throw new Error(`nfdump ${question.join(' ')} ended with ${code}: ${nfdump.stderr}`)
  const [flows, bytes, packets] = summary.slice(1).map(Number) as [number, number, number]
  return { sums: { flows, bytes, packets }, ms }
}

async function compare(name: string, ask: () => Promise<FlowSums>, question: readonly string[]): Promise<void> {
  const { sums: theirs } = await askNfdump(question)
  const ours = await ask()
  if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
    throw new Error(`${name}: ${JSON.stringify(ours)}, nfdump says ${JSON.stringify(theirs)}`)
  }
  const [ourMs, theirMs]: [number[], number[]] = [[], []]
  for (let run = 0; run < RUNS; run++) {
    const startedMs = performance.now()
    await ask()
    ourMs.push(performance.now() - startedMs)
    theirMs.push((await askNfdump(question)).ms)
  }
  const ratios = ourMs.map((ms, i) => Math.round((theirMs[i]! / ms) * 10) / 10)
  printResult({
    ...{ bench: 'nfdump', case: `${name}: history over nfdump`, value: median(ratios), unit: 'times faster' },
    ...{ bar: 4, better: 'more', runs: ratios },
    notes: { flows: ours.flows, 'history ms': Math.round(median(ourMs)), 'nfdump ms': Math.round(median(theirMs)) },
  })
}
