// How many lines of a dnsmasq log are read in a CPU-millisecond: bytes ▸ lines ▸ stamp ▸ parse, and with the join behind it.
// One JSON line per case. `node bench/dns-log.bench.ts --lines 1000000`
import { parseArgs } from 'node:util'
import { median, printResult } from '@netbehave/bench'
import { createDnsmasqParser } from '../src/dnsmasq.ts'
import { LineSplitter, LogReader } from '../src/index.ts'
import { StampReader } from '../src/stamp.ts'

const { values } = parseArgs({ options: { lines: { type: 'string', default: '1000000' } } })
const RUNS = 5
const PIECE_BYTES = 65_536
const latestMs = () => Date.UTC(2026, 11, 1)

/** 200 clients, 5,000 names, half of the answers from the cache, every fifth over a CNAME; 20 questions a second. */
function generate(lines: number, isNumbered: boolean): Buffer {
  const text: string[] = []
  for (let i = 0, second = 0; text.length < lines; i++) {
    if (i % 20 === 0) second++
    const time = new Date(Date.UTC(2026, 10, 24) + second * 1000).toISOString().slice(11, 19)
    const client = `10.0.${i % 4}.${(i * 7) % 200}`
    const name = `host-${(i * 31) % 5000}.service-${i % 97}.example.com`
    const address = `203.0.${(i * 31) % 200}.${i % 250}`
    const head = `Nov 24 ${time} dnsmasq[4711]: ${isNumbered ? `${i} ${client}/${20_000 + (i % 40_000)} ` : ''}`
    text.push(`${head}query[${i % 3 === 0 ? 'AAAA' : 'A'}] ${name} from ${client}`)
    const isCached = i % 2 === 0
    if (!isCached) text.push(`${head}forwarded ${name} to 127.0.0.1#5335`)
    const by = isCached ? 'cached' : 'reply'
    if (i % 5 === 0) text.push(`${head}${by} ${name} is <CNAME>`)
    const end = i % 5 === 0 ? `edge-${i % 50}.cdn.example.net` : name
    text.push(
      `${head}${by} ${end} is ${i % 3 === 0 ? `2001:db8:${(i % 200).toString(16)}::${(i % 97).toString(16)}` : address}`,
    )
  }
  return Buffer.from(`${text.slice(0, lines).join('\n')}\n`)
}

function measure(
  what: string,
  log: Buffer,
  lines: number,
  bar: number | undefined,
  read: () => (line: string, position: number) => void,
): void {
  const runs = Array.from({ length: RUNS }, () => {
    const onLine = read()
    const before = process.cpuUsage()
    const splitter = new LineSplitter()
    for (let from = 0; from < log.length; from += PIECE_BYTES)
      splitter.push(log.subarray(from, from + PIECE_BYTES), onLine)
    const { user, system } = process.cpuUsage(before)
    return Math.round(lines / ((user + system) / 1000))
  })
  const more = bar === undefined ? {} : ({ bar, better: 'more' } as const)
  printResult({ bench: 'dns-log', case: what, value: median(runs), unit: 'lines/CPU-ms', ...more, runs })
}

const lines = Number(values.lines)
for (const isNumbered of [true, false]) {
  const log = generate(lines, isNumbered)
  const form = isNumbered ? 'log-queries=extra' : 'log-queries'
  measure(`parse, dnsmasq ${form}`, log, lines, 1000, () => {
    const stamp = new StampReader({ latestMs })
    const parser = createDnsmasqParser()
    return (line) => {
      stamp.read(line)
      parser.parse(line, stamp.end)
    }
  })
  measure(`parse and join, dnsmasq ${form}`, log, lines, undefined, () => {
    const reader = new LogReader({ source: 'auto', latestMs })
    return (line, position) => {
      reader.read(line, position, 0)
      if (reader.join.size > 1000) reader.take()
    }
  })
}
