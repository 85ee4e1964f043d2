// 100 people watch with filters of their own while 20,000 flows/s come in: how long from the datagram to the row in each socket, what
// is dropped, what the gateway takes. The chain before it is real: collector, enricher and nats-server as processes of their own.
// node bench/live.bench.ts [--clients 100] [--rate 20000] [--seconds 30]
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openAccess } from '@netbehave/access'
import {
  type Child,
  cpuSeconds,
  kernelDrops,
  memoryOf,
  printResult,
  sendWorkload,
  startNode,
  until,
} from '@netbehave/bench'
import { startTestBroker } from '@netbehave/broker/testing'
import { encodeFixed } from '@netbehave/netflow/testing'
import type { LiveMessage } from '@netbehave/schema/api'
import { WebSocket } from 'ws'

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '100' },
    rate: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '30' },
  },
})
const [clients, rate, seconds] = [values.clients, values.rate, values.seconds].map(Number) as [number, number, number]

/** A flow of its own among the others, by which a datagram is known again: every client's filter has it. */
const PROBE_ADDRESS = '198.51.100.7'
const UPTIME_MS = 3_600_000
const PROBE = {
  srcIp: '192.168.1.7',
  dstIp: PROBE_ADDRESS,
  dstPort: 9,
  protocol: 17,
  packets: 1,
  bytes: 60,
  firstMs: UPTIME_MS,
  lastMs: UPTIME_MS,
}
const PROBE_EVERY_MS = 25
const SAMPLE_EVERY_MS = 500
const MB = 1e6
const PASSWORD = 'only for this run'
/** What people ask: cheap and dear conditions, each with values of its own. */
const FILTERS: readonly ((i: number) => string)[] = [
  (i) => `dst.port in (${1000 + i * 13}..${1200 + i * 13})`,
  (i) => `port in (${i * 7 + 1000}, ${i * 11 + 5000}..${i * 11 + 5100})`,
  (i) => `protocol = tcp and bytes > ${500 + i} and src.port in (${20_000 + i * 10}..${20_300 + i * 10})`,
  (i) => `dst.port > ${65_300 + i}, not src.port < 1024`,
  (i) => `name = *.example${i}.com or src.port = ${2000 + i}`,
]

const dataDir = mkdtempSync(join(tmpdir(), 'netbehave-live-bench-'))
await using broker = await startTestBroker()
{
  using access = openAccess(dataDir)
  await access.users.add('bench', 'viewer', PASSWORD)
}
const env = { ...process.env, NETBEHAVE_BROKER_URL: broker.url, NETBEHAVE_DATA_DIR: dataDir }
const app = (name: string, ...args: string[]): Child =>
  startNode(fileURLToPath(new URL(`../../${name}/src/main.ts`, import.meta.url)), args, { env })
await using gateway = app(
  'search-gw',
  '--listen',
  '127.0.0.1:0',
  '--live-sockets',
  '1000',
  '--live-sockets-per-user',
  '1000',
)
await using enricher = app('enricher')
await using collector = app('collector', '--listen', '127.0.0.1:0')
const ready = async (child: Child) =>
  JSON.parse(await child.line((line) => line.includes('"msg":"ready"'), 'stderr')) as {
    http: string
    listening: string[]
  }
const { http } = await ready(gateway)
await ready(enricher)
const port = Number((await ready(collector)).listening[0]!.split(':').at(-1))

/** Epoch ms at which each probe was sent, by its source port. */
const sentMs = new Map<number, number>()
const latencies: number[] = []
const stats = new Map<number, Extract<LiveMessage, { t: 'stat' }>>()
let refused = ''
let rows = 0
let isMeasuring = false

const sockets = await Promise.all(Array.from({ length: clients }, (_, i) => watch(i)))
const probe = createSocket('udp4')
let probes = 0
const probing = setInterval(() => {
  const srcPort = 1 + (probes++ % 60_000)
  const nowMs = Date.now()
  sentMs.set(srcPort, nowMs)
  const record = { ...PROBE, srcPort }
  probe.send(
    encodeFixed(5, [record], { exportMs: nowMs, uptimeMs: UPTIME_MS, sequence: probes - 1 }),
    port,
    '127.0.0.1',
  )
}, PROBE_EVERY_MS)
await until(
  'every client has seen a probe',
  () => stats.size === clients && [...stats.values()].every(({ sent }) => sent > 0),
)

await sendWorkload(port, rate, 3) // warms up
isMeasuring = true
const before = { gateway: cpuSeconds(gateway.pid), drops: kernelDrops(port) }
const memory: number[] = []
const sampling = setInterval(() => memory.push(memoryOf(gateway.pid).rssBytes), SAMPLE_EVERY_MS)
const sent = await sendWorkload(port, rate, seconds)
isMeasuring = false
clearInterval(sampling)
clearInterval(probing)

const sorted = latencies.toSorted((a, b) => a - b)
const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
const sum = (of: (stat: Extract<LiveMessage, { t: 'stat' }>) => number) =>
  [...stats.values()].reduce((total, stat) => total + of(stat), 0)
const notes = {
  'flows/s sent': Math.round(sent.flows / sent.seconds),
  'rows received': rows,
  'probes received': sorted.length,
  'matched, all clients': sum(({ matched }) => matched),
  'dropped, all clients': sum(({ dropped }) => dropped),
  'not looked at': sum(({ skipped }) => skipped),
  'kernel drops': kernelDrops(port) - before.drops,
}
printResult({
  ...{
    bench: 'search-gw',
    case: `live: datagram to socket, ${clients} clients with filters of their own at ${rate} flows/s, p99`,
  },
  ...{ value: at(0.99), unit: 'ms', bar: 250, better: 'less' },
  notes: { 'p50, ms': at(0.5), 'p99.9, ms': at(0.999), ...notes },
})
printResult({
  ...{ bench: 'search-gw', case: `live: gateway resident, ${clients} clients at ${rate} flows/s, highest` },
  ...{ value: Math.round(Math.max(...memory) / MB), unit: 'MB', bar: 300, better: 'less' },
  notes: { 'CPU share': Number(((cpuSeconds(gateway.pid) - before.gateway) / sent.seconds).toFixed(2)) },
})
for (const socket of sockets) socket.terminate()
probe.close()
rmSync(dataDir, { recursive: true, force: true })

async function watch(i: number): Promise<WebSocket> {
  const authorization = `Basic ${Buffer.from(`bench:${PASSWORD}`).toString('base64')}`
  const socket = new WebSocket(`${http.replace('http', 'ws')}/ws`, { headers: { authorization } })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const q = `dst.ip = ${PROBE_ADDRESS} or (${FILTERS[i % FILTERS.length]!(i)})`
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as LiveMessage
    if (message.t === 'stat') stats.set(i, message)
    else if (message.t === 'err') refused = `${q}: ${message.message}`
    else if (message.t === 'flows' && isMeasuring) {
      const nowMs = Date.now()
      rows += message.rows.length
      for (const { dstIp, srcPort } of message.rows)
        if (dstIp === PROBE_ADDRESS) latencies.push(nowMs - sentMs.get(srcPort)!)
    }
    if (refused) throw new Error(refused)
  })
  socket.send(JSON.stringify({ t: 'sub', id: 'a', q }))
  return socket
}
