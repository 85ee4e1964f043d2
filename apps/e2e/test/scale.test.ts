// Two collectors on one port and two enrichers on one consumer, as `netbehave up --collectors 2 --enrichers 2` runs them: every flow once,
// every instance at work and told apart.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import { askStats, connectBroker } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { restamp, WORKLOAD_W_RECORDS, workloadW } from '@netbehave/netflow/testing'
import { type System, startSystem } from '../src/system.ts'

const EXPORTERS = 24
const ROUNDS = 10
const addresses = Array.from({ length: EXPORTERS }, (_, i) => `127.0.1.${i + 1}`)
const cleanUp = new AsyncDisposableStack()
let system: System

before(async () => {
  system = cleanUp.use(await startSystem({ args: ['--collectors', '2', '--enrichers', '2'] }))
})
after(() => cleanUp.disposeAsync())

type Metric = { name: string; values: { value: number }[] }

const flowsIn = (metrics: readonly Metric[]): number =>
  metrics.find(({ name }) => name === 'netbehave_enricher_enrich_flows_total')?.values[0]?.value ?? 0

interface Exporters {
  collectors: { instance: string; listening: { address: string }[] }[]
  exporters: { ip: string; instance: string; flows: number; lost: number }[]
}

async function output<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await system.run(...args, '-o', 'json')
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout) as T
}

/** Each exporter sends a template and datagrams from one port, in turns. */
async function sendFromAll(): Promise<number> {
  const port = Number(system.collector.split(':').at(-1))
  const { template, datagrams } = workloadW({ datagrams: 1, exportMs: Date.now() })
  const sockets = await Promise.all(
    addresses.map(async (ip) => {
      const socket = createSocket('udp4')
      socket.bind(0, ip)
      await once(socket, 'listening')
      return socket
    }),
  )
  for (let round = 0; round <= ROUNDS; round++) {
    const datagram = round === 0 ? template : datagrams[0]!
    restamp(datagram, Date.now(), round)
    for (const socket of sockets) await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve))
  }
  for (const socket of sockets) socket.close()
  return EXPORTERS * ROUNDS * WORKLOAD_W_RECORDS
}

test('every flow is in history once, whichever collector and enricher it went through', async () => {
  const sent = await sendFromAll()
  await system.untilFlows(sent)
  assert.equal((await system.count()).flows, sent)
  const { collectors, exporters } = await output<Exporters>('exporters')
  assert.equal(collectors.length, 2)
  assert.equal(new Set(collectors.map(({ listening }) => listening[0]!.address)).size, 1, 'one port')
  assert.deepEqual(exporters.map(({ ip }) => ip).sort(), addresses.toSorted(), 'each exporter at one collector')
  assert.ok(exporters.every(({ flows, lost }) => flows === ROUNDS * WORKLOAD_W_RECORDS && lost === 0))
  assert.equal(new Set(exporters.map(({ instance }) => instance)).size, 2, 'both collectors have some')
})

test('each instance has a name of its own in status, and figures of its own', async () => {
  const { apps } = await output<{ apps: { app: string; instance: string }[] }>('status')
  const names = (app: string) => apps.filter((one) => one.app === app).map(({ instance }) => instance)
  for (const app of ['collector', 'enricher']) {
    assert.equal(names(app).length, 2, app)
    assert.ok(
      names(app).every((name, i, all) => /-[12]$/.test(name) && all.indexOf(name) === i),
      String(names(app)),
    )
  }
  await using broker = connectBroker({ ...system.brokerAddress, instance: 'test' }, 'analyst', silentLog)
  await broker.connected
  await until('both enrichers have worked', async () => {
    const enrichers = (await askStats(broker)).filter(({ app }) => app === 'enricher')
    const counts = enrichers.map(({ metrics }) => flowsIn(metrics as Metric[]))
    return counts.length === 2 && counts.every((n) => n > 0)
  })
})
