import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '@netbehave/bench'
import { askStats, consume } from '@netbehave/broker'
import { silentLog, startTestBroker } from '@netbehave/broker/testing'
import { workloadW } from '@netbehave/netflow/testing'
import { CONSUMERS, CollectorReport, decodeFlowBatch, ExporterEvent, type Flow } from '@netbehave/schema'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
type TestBroker = Awaited<ReturnType<typeof startTestBroker>>

interface RunningCollector extends AsyncDisposable {
  port: number
  /** Lines of the log so far. */
  log: Record<string, unknown>[]
  kill(): Promise<void>
}

function spawnCollector(brokerUrl: string, dataDir: string, flags: string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, '--data-dir', dataDir, ...flags], {
    env: { ...process.env, NETBEHAVE_BROKER_URL: brokerUrl },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
}

async function startCollector(brokerUrl: string, dataDir: string, ...flags: string[]): Promise<RunningCollector> {
  const child = spawnCollector(brokerUrl, dataDir, ['--listen', '127.0.0.1:0', '--linger-ms', '20', ...flags])
  const ended = once(child, 'exit')
  const log: Record<string, unknown>[] = []
  const ready = Promise.withResolvers<string>()
  createInterface(child.stderr!).on('line', (line) => {
    const entry = JSON.parse(line) as Record<string, unknown>
    log.push(entry)
    if (entry.msg === 'ready') ready.resolve((entry.listening as string[])[0]!)
  })
  const address = await Promise.race([
    ready.promise,
    ended.then(() => assert.fail(`ended early: ${JSON.stringify(log)}`)),
  ])
  return {
    port: Number(address.split(':').at(-1)),
    log,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      assert.deepEqual(await ended, [0, null])
    },
  }
}

async function send(port: number, datagrams: Uint8Array[], from = '127.0.0.1'): Promise<void> {
  const socket = createSocket('udp4')
  socket.bind(0, from)
  await once(socket, 'listening')
  for (const datagram of datagrams) await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve))
  socket.close()
}

/** Flows of the raw stream, once `count` came. */
async function readRaw(broker: TestBroker, count: number): Promise<Flow[]> {
  const flows: Flow[] = []
  const enough = Promise.withResolvers<void>()
  await using _reading = consume(broker.connect('enricher'), CONSUMERS.enricher, silentLog, (message) => {
    const batch = decodeFlowBatch(message.bytes)
    for (let i = 0; i < batch.length; i++) flows.push(batch.row(i))
    message.ack()
    if (flows.length >= count) enough.resolve()
  })
  await enough.promise
  return flows
}

const scratch = await mkdtemp(join(tmpdir(), 'netbehave-collector-'))
after(() => rm(scratch, { recursive: true, force: true }))
const dataDir = () => mkdtemp(join(scratch, 'case-'))
const bytesOf = (flows: Flow[]) => flows.reduce((sum, { bytes }) => sum + bytes, 0)

/** Asks until a condition of the collector's report holds. */
async function untilReport(broker: TestBroker, holds: (report: CollectorReport) => boolean): Promise<CollectorReport> {
  const asker = broker.connect('analyst')
  for (;;) {
    const snapshot = (await askStats(asker, { quietMs: 100, maxMs: 1000 })).find(({ app }) => app === 'collector')
    const report = snapshot && CollectorReport.parse(snapshot.report)
    if (report && holds(report)) return report
  }
}

test('datagrams become acknowledged batches with networks, for the exporters that are allowed', async () => {
  await using broker = await startTestBroker()
  await using collector = await startCollector(
    broker.url,
    await dataDir(),
    '--allow',
    '127.0.0.1',
    '--networks',
    'lab=192.168.0.0/16',
  )
  const { template, datagrams, flows: count, bytes } = workloadW({ datagrams: 20, exportMs: Date.now() })
  await send(collector.port, [template, ...datagrams], '127.0.0.2')
  await send(collector.port, [template, ...datagrams])
  const flows = await readRaw(broker, count)
  assert.equal(flows.length, count)
  assert.equal(bytesOf(flows), bytes)
  const { exporter, site, srcNet, dstNet } = flows[0]!
  assert.equal(exporter, '127.0.0.1')
  assert.equal(site, 'home')
  assert.deepEqual([srcNet, dstNet].sort(), ['external', 'lab'])
  const report = await untilReport(broker, (r) => r.exporters.length > 0)
  assert.equal(report.exporters.length, 1)
  assert.equal(report.exporters[0]!.flows, count)
  assert.equal(report.exporters[0]!.lost, 0)
  assert.ok(collector.log.some(({ msg }) => /127\.0\.0\.2 dropped: .*not in collector\.allow/.test(String(msg))))
})

test('flows of days ago keep their times when the collector is told to believe them, else they are of now', async () => {
  const threeDaysAgo = Date.now() - 3 * 86_400_000
  for (const [flags, isKept] of [
    [[], false],
    [['--clock-skew-ms', String(7 * 86_400_000)], true],
  ] as const) {
    await using broker = await startTestBroker()
    await using collector = await startCollector(broker.url, await dataDir(), ...flags)
    const { template, datagrams, flows: count } = workloadW({ datagrams: 1, exportMs: threeDaysAgo })
    await send(collector.port, [template, ...datagrams])
    const flows = await readRaw(broker, count)
    for (const { lastMs } of flows) assert.equal(Math.abs(lastMs - threeDaysAgo) < 60_000, isKept, String(lastMs))
  }
})

test('an exporter that is silent, and then sends again, is told on the stream of events', async () => {
  await using broker = await startTestBroker()
  await using collector = await startCollector(broker.url, await dataDir(), '--silent-after-ms', '300')
  const events: [string, ExporterEvent][] = []
  const decoder = new TextDecoder()
  await using _reading = consume(broker.connect('alerter'), CONSUMERS.alerter, silentLog, (message) => {
    events.push([message.subject, ExporterEvent.parse(JSON.parse(decoder.decode(message.bytes)))])
    message.ack()
  })
  const { template, datagrams } = workloadW({ datagrams: 1, exportMs: Date.now() })
  await send(collector.port, [template, ...datagrams])
  await until('silence', () => events[0])
  await send(collector.port, datagrams)
  await until('the return', () => events[1])
  const [[silent, first], [back, second]] = events as [[string, ExporterEvent], [string, ExporterEvent]]
  assert.deepEqual([silent, back], ['events.exporter.silent.home', 'events.exporter.back.home'])
  assert.deepEqual([first.exporter, first.site, second.exporter], ['127.0.0.1', 'home', '127.0.0.1'])
  assert.equal(first.lastSeenMs, second.lastSeenMs)
  assert.ok(first.atMs - first.lastSeenMs >= 300 && second.atMs > first.lastSeenMs)
})

test('what is wrong with a datagram is logged with what it means and what to do', async () => {
  await using broker = await startTestBroker()
  await using collector = await startCollector(broker.url, await dataDir())
  await send(collector.port, [Buffer.from('0006000000000000', 'hex')])
  const line = await until('the log line', () => collector.log.find(({ problem }) => problem === 'unknown-version'))
  assert.match(
    String(line.msg),
    /^datagram from 127\.0\.0\.1: unknown-version: .*was dropped; set the exporter to NetFlow 9/,
  )
})

test('after a kill -9 the first data datagram is decoded without a new template', async () => {
  await using broker = await startTestBroker()
  const data = await dataDir()
  const first = await startCollector(broker.url, data)
  const { template, datagrams } = workloadW({ datagrams: 2, exportMs: Date.now() })
  await send(first.port, [template])
  const saved = join(data, 'collector')
  await until('the templates are saved', async () => (await readdir(saved)).some((file) => file.endsWith('.json')))
  await first.kill()
  await using second = await startCollector(broker.url, data)
  await send(second.port, datagrams)
  assert.equal((await readRaw(broker, 48)).length, 48)
})

test('saved templates that are damaged are set aside, and the collector starts', async () => {
  await using broker = await startTestBroker()
  const data = await dataDir()
  {
    await using collector = await startCollector(broker.url, data, '--instance', 'box')
    await send(collector.port, [workloadW({ datagrams: 1, exportMs: Date.now() }).template])
    await untilReport(broker, (report) => report.exporters.length === 1)
  }
  const file = join(data, 'collector', 'templates-home-box.json')
  const saved = await readFile(file, 'utf8')
  await writeFile(file, saved.slice(0, saved.length / 2))
  await using collector = await startCollector(broker.url, data, '--instance', 'box')
  assert.ok(collector.log.some(({ msg }) => /saved templates cannot be used .* kept as .*\.damaged/.test(String(msg))))
  assert.equal(await readFile(`${file}.damaged`, 'utf8'), saved.slice(0, saved.length / 2))
})

test('what comes while the broker is away is held and arrives when it is back', async () => {
  await using broker = await startTestBroker()
  await broker.kill()
  await using collector = await startCollector(broker.url, await dataDir())
  const { template, datagrams, flows: count, bytes } = workloadW({ datagrams: 10, exportMs: Date.now() })
  await send(collector.port, [template, ...datagrams])
  await broker.start()
  const flows = await readRaw(broker, count)
  assert.equal(bytesOf(flows), bytes)
})

test('the last batch is published at an orderly stop', async () => {
  await using broker = await startTestBroker()
  const { template, datagrams, flows: count } = workloadW({ datagrams: 3, exportMs: Date.now() })
  {
    await using collector = await startCollector(broker.url, await dataDir(), '--linger-ms', '10000')
    await send(collector.port, [template, ...datagrams])
    await untilReport(broker, ({ exporters }) => exporters[0]?.flows === count)
  }
  assert.equal((await readRaw(broker, count)).length, count)
})

test('a port that another program has is one sentence and exit code 69', async () => {
  await using broker = await startTestBroker()
  const taken = createSocket('udp4').unref()
  taken.bind(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address()
  const child = spawnCollector(broker.url, await dataDir(), ['--listen', `127.0.0.1:${port}`])
  let stderr = ''
  child.stderr!.on('data', (bytes) => {
    stderr += bytes
  })
  assert.deepEqual(await once(child, 'exit'), [69, null])
  assert.match(stderr, new RegExp(`cannot listen on UDP 127\\.0\\.0\\.1:${port}: another program has this port`))
  taken.close()
})

test('a data folder that cannot be made is one sentence and exit code 73', async () => {
  const file = join(await dataDir(), 'a-file')
  await writeFile(file, '')
  const child = spawnCollector('nats://127.0.0.1:9', file, ['--listen', '127.0.0.1:0'])
  let stderr = ''
  child.stderr!.on('data', (bytes) => {
    stderr += bytes
  })
  assert.deepEqual(await once(child, 'exit'), [73, null])
  assert.match(stderr, /cannot make the folder .*a-file\/collector for templates: a part of the path is not a folder/)
  assert.doesNotMatch(stderr, /stack/)
})

test('a wrong key is named and exits 78', async () => {
  const child = spawnCollector('nats://127.0.0.1:9', await dataDir(), [
    '--networks',
    'home=192.168.1.0/99',
    '--lisen',
    'x',
  ])
  let stderr = ''
  child.stderr!.on('data', (bytes) => {
    stderr += bytes
  })
  assert.deepEqual(await once(child, 'exit'), [78, null])
  assert.match(stderr, /--lisen: unknown; did you mean --listen\?/)
})
