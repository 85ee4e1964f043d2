// 100 people watch with filters of their own while 20,000 flows/s come in: how long from the datagram to the row in each socket, what
// is dropped, what the gateway takes; and how long from the datagram to the enriched batch without anybody watching and with all of them. The chain
// before it is real: collector, enricher, archiver and nats-server as processes of their own.
// node bench/live.bench.ts [--clients 100] [--rate 20000] [--seconds 30]
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { jetstreamManager } from '@nats-io/jetstream'
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
import { decodeFlowBatch, SUBJECTS } from '@netbehave/schema'
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
await using archiver = app('archiver')
await using collector = app('collector', '--listen', '127.0.0.1:0')
const ready = async (child: Child) =>
  JSON.parse(await child.line((line) => line.includes('"msg":"ready"'), 'stderr')) as {
    http: string
    listening: string[]
  }
const { http } = await ready(gateway)
await ready(enricher)
await ready(archiver)
const port = Number((await ready(collector)).listening[0]!.split(':').at(-1))

/** Epoch ms at which each probe was sent, by its source port. */
const sentMs = new Map<number, number>()
const latencies: number[] = []
const stats = new Map<number, Extract<LiveMessage, { t: 'stat' }>>()
let refused = ''
let rows = 0
let isMeasuring = false

/** Of the chain before the gateway: from the datagram to the enriched batch. */
const enrichedMs: number[] = []
const probeKey = 0xc6336407 // PROBE_ADDRESS
const reader = broker.connect('analyst')
reader.subscribe(SUBJECTS.flowsEnriched('home'), (bytes) => {
  const nowMs = Date.now()
  const batch = decodeFlowBatch(bytes)
  const [addresses, ports] = [batch.address('dstIp')?.v4, batch.numbers('srcPort')]
  for (let i = 0; i < batch.length; i++)
    if (addresses?.[i] === probeKey) enrichedMs.push(nowMs - (sentMs.get(ports[i]!) ?? nowMs))
})
const manager = await jetstreamManager(await broker.connect('flow-admin').connected, { checkAPI: false })
/** Batches that wait for a consumer of the chain, at most. */
let waiting = 0
const looking = setInterval(async () => {
  for (const [stream, consumer] of [
    ['FLOWS_RAW', 'enricher'],
    ['FLOWS', 'archiver'],
  ] as const)
    waiting = Math.max(waiting, (await manager.consumers.info(stream, consumer)).num_pending)
}, SAMPLE_EVERY_MS)

const probe = createSocket('udp4')
let probes = 0
const probing = setInterval(sendProbe, PROBE_EVERY_MS)
const chain = () => ({ enricher: cpuSeconds(enricher.pid), archiver: cpuSeconds(archiver.pid) })

/** The chain while so much is sent: percentiles in ms, CPU-seconds, what waited. */
async function measureChain() {
  await sendWorkload(port, rate, 3) // warms up
  enrichedMs.length = 0
  waiting = 0
  const [cpu, drops] = [chain(), kernelDrops(port)]
  const sent = await sendWorkload(port, rate, seconds)
  const [after, sorted] = [chain(), enrichedMs.toSorted((a, b) => a - b)]
  return {
    sent,
    p50: sorted[Math.floor(sorted.length * 0.5)]!,
    p99: sorted[Math.floor(sorted.length * 0.99)]!,
    enricher: Number((after.enricher - cpu.enricher).toFixed(1)),
    archiver: Number((after.archiver - cpu.archiver).toFixed(1)),
    waiting,
    drops: kernelDrops(port) - drops,
  }
}
const alone = await measureChain()

const sockets = await Promise.all(Array.from({ length: clients }, (_, i) => watch(i)))
await until(
  'every client has seen a probe',
  () => stats.size === clients && [...stats.values()].every(({ sent }) => sent > 0),
)

isMeasuring = true
const gatewayBefore = cpuSeconds(gateway.pid)
const memory: number[] = []
const sampling = setInterval(() => memory.push(memoryOf(gateway.pid).rssBytes), SAMPLE_EVERY_MS)
const watched = await measureChain()
const gatewayShare = (cpuSeconds(gateway.pid) - gatewayBefore) / (watched.sent.seconds + 3)
isMeasuring = false
clearInterval(sampling)
clearInterval(probing)
clearInterval(looking)

const sorted = latencies.toSorted((a, b) => a - b)
const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
const sum = (of: (stat: Extract<LiveMessage, { t: 'stat' }>) => number) =>
  [...stats.values()].reduce((total, stat) => total + of(stat), 0)
const notes = {
  'flows/s sent': Math.round(watched.sent.flows / watched.sent.seconds),
  'rows received': rows,
  'probes received': sorted.length,
  'matched, all clients': sum(({ matched }) => matched),
  'dropped, all clients': sum(({ dropped }) => dropped),
  'not looked at': sum(({ skipped }) => skipped),
  'kernel drops': watched.drops,
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
  notes: { 'CPU share': Number(gatewayShare.toFixed(2)) },
})
printResult({
  ...{
    bench: 'search-gw',
    case: `live: datagram to enriched batch, ${clients} clients watching at ${rate} flows/s, p99`,
  },
  ...{ value: Number((watched.p99 / alone.p99).toFixed(2)), unit: 'times', bar: 1.2, better: 'less' },
  notes: {
    'p99, ms, nobody / all': `${alone.p99} / ${watched.p99}`,
    'p50, ms, nobody / all': `${alone.p50} / ${watched.p50}`,
    'enricher, CPU-s, nobody / all': `${alone.enricher} / ${watched.enricher}`,
    'archiver, CPU-s, nobody / all': `${alone.archiver} / ${watched.archiver}`,
    'batches that waited, highest, nobody / all': `${alone.waiting} / ${watched.waiting}`,
    'kernel drops, nobody / all': `${alone.drops} / ${watched.drops}`,
  },
})
for (const socket of sockets) socket.terminate()
probe.close()
rmSync(dataDir, { recursive: true, force: true })

function sendProbe(): void {
  const srcPort = 1 + (probes++ % 60_000)
  const nowMs = Date.now()
  sentMs.set(srcPort, nowMs)
  const record = { ...PROBE, srcPort }
  probe.send(
    encodeFixed(5, [record], { exportMs: nowMs, uptimeMs: UPTIME_MS, sequence: probes - 1 }),
    port,
    '127.0.0.1',
  )
}

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
