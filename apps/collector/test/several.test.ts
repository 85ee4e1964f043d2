// Two collectors on one port. The kernel spreads exporters over them by address and port, and spreads them anew when one starts or ends:
// whoever hears an exporter next has its templates, counts no loss, and nobody tells it as silent.
import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Child, startNode, until } from '@netbehave/bench'
import { askStats, consume } from '@netbehave/broker'
import { silentLog, startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { restamp, WORKLOAD_W_RECORDS, workloadW } from '@netbehave/netflow/testing'
import { CONSUMERS, CollectorReport, decodeFlowBatch } from '@netbehave/schema'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const EXPORTERS = 24
const exporters: { ip: string; socket: Socket; sequence: number; sent: number }[] = []
const received = new Map<string, number>()
const { template, datagrams } = workloadW({ datagrams: 1, exportMs: Date.now() })
const cleanUp = new AsyncDisposableStack()
let broker: TestBroker
let dataDir: string
let port: number
let first: Child
let second: Child

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'netbehave-several-'))
  cleanUp.defer(() => rm(dataDir, { recursive: true, force: true }))
  broker = cleanUp.use(await startTestBroker())
  cleanUp.use(
    consume(broker.connect('enricher'), CONSUMERS.enricher, silentLog, (message) => {
      const batch = decodeFlowBatch(message.bytes)
      for (let i = 0; i < batch.length; i++) {
        const { exporter } = batch.row(i)
        received.set(exporter!, (received.get(exporter!) ?? 0) + 1)
      }
      message.ack()
    }),
  )
  first = cleanUp.use(startCollector('box-1', '127.0.0.1:0'))
  port = Number((await readyAddress(first)).split(':').at(-1))
  second = cleanUp.use(startCollector('box-2', `127.0.0.1:${port}`))
  await readyAddress(second)
  for (let i = 0; i < EXPORTERS; i++) {
    const socket = createSocket('udp4')
    cleanUp.defer(() => void socket.close())
    const ip = `127.0.1.${i + 1}`
    socket.bind(0, ip)
    await once(socket, 'listening')
    exporters.push({ ip, socket, sequence: 0, sent: 0 })
  }
})
after(() => cleanUp.disposeAsync())

function startCollector(instance: string, listen: string): Child {
  const flags = ['--data-dir', dataDir, '--instance', instance, '--listen', listen, '--linger-ms', '20']
  const env = { ...process.env, NETBEHAVE_BROKER_URL: broker.url, COLLECTOR_SHARE_PORTS: 'true' }
  return startNode(MAIN, [...flags, '--silent-after-ms', '20000'], { env })
}

async function readyAddress(collector: Child): Promise<string> {
  const line = await collector.line((text) => text.includes('"msg":"ready"'), 'stderr')
  return (JSON.parse(line) as { listening: string[] }).listening[0]!
}

/** Each exporter sends so many datagrams; resolves when the flows of all of them are in the stream. */
async function everyExporterSends(count: number, withTemplate = false): Promise<void> {
  for (const exporter of exporters) {
    const send = (datagram: Buffer) => {
      restamp(datagram, Date.now(), exporter.sequence++)
      return new Promise((resolve) => exporter.socket.send(datagram, port, '127.0.0.1', resolve))
    }
    if (withTemplate) await send(template)
    for (let i = 0; i < count; i++) await send(datagrams[0]!)
    exporter.sent += count * WORKLOAD_W_RECORDS
  }
  const missing = () => exporters.filter(({ ip, sent }) => received.get(ip) !== sent).map(({ ip }) => ip)
  await until('all flows are there', () => missing().length === 0, { lastSeen: missing })
}

async function reports(): Promise<Map<string, CollectorReport>> {
  const answers = await askStats(broker.connect('analyst'), { quietMs: 500, maxMs: 5_000 })
  return new Map(answers.map(({ instance, report }) => [instance, CollectorReport.parse(report)]))
}

const heardBy = ({ exporters: all }: CollectorReport): string[] =>
  all.filter(({ datagrams: n }) => n > 0).map(({ ip }) => ip)

/** Until a collector wrote when it heard its exporters, after this moment. */
async function untilTold(instance: string, sinceMs: number): Promise<void> {
  const path = join(dataDir, 'collector', `heard-home-${instance}.json`)
  await until(`${instance} tells what it heard`, async () => {
    const heard = JSON.parse(await readFile(path, 'utf8').catch(() => '{}')) as Record<string, number>
    return Object.values(heard).some((atMs) => atMs >= sinceMs)
  })
}

test('each exporter stays with one collector, and no flow is lost or doubled', async () => {
  await everyExporterSends(3, true)
  await everyExporterSends(3)
  const all = await reports()
  const [a, b] = [heardBy(all.get('box-1')!), heardBy(all.get('box-2')!)]
  assert.ok(a.length > 0 && b.length > 0, `${a.length} and ${b.length}`)
  assert.deepEqual([...a, ...b].sort(), exporters.map(({ ip }) => ip).sort())
  const drops = async () =>
    [...(await reports()).values()].flatMap(({ listening }) => listening.map(({ kernelDrops }) => kernelDrops))
  await until('each collector knows the socket of its own', async () => (await drops()).every((n) => n === 0))
})

test('an exporter of a collector that was killed is decoded by the other, without a new template', async () => {
  await second.kill()
  await everyExporterSends(3)
  const { exporters: all } = (await reports()).get('box-1')!
  assert.equal(all.filter(({ datagrams: n }) => n > 0).length, EXPORTERS)
  assert.equal(
    all.reduce((sum, { lost }) => sum + lost, 0),
    0,
  )
})

test('what went to the other collector meanwhile is no loss when its exporters come back', async () => {
  second = cleanUp.use(startCollector('box-2', `127.0.0.1:${port}`))
  await readyAddress(second)
  const sinceMs = Date.now()
  await everyExporterSends(50)
  assert.ok(heardBy((await reports()).get('box-2')!).length > 0)
  await untilTold('box-2', sinceMs)
  const toldMs = Date.now()
  await everyExporterSends(1)
  await untilTold('box-1', toldMs)
  await second.kill()
  await everyExporterSends(3)
  const { exporters: all } = (await reports()).get('box-1')!
  assert.deepEqual(
    all.filter(({ lost, restarts }) => lost + restarts > 0).map(({ ip, lost }) => [ip, lost]),
    [],
  )
})
