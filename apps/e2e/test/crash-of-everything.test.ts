// kill -9 of the whole system, twice, while an exporter sends 1,000,000 flows by UDP. What was acknowledged is what the
// stream of raw flows holds: history and the daily databases must hold exactly that.
import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { kernelDrops } from '@netbehave/bench'
import { type Broker, connectBroker, type Role } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { parseAddress } from '@netbehave/schema'
import { dailyRows } from '../src/daily-database.ts'
import { ACKNOWLEDGED_FLOWS, askMetric } from '../src/metrics.ts'
import { FLOWS, KEYS, keyOf, numberedDatagram, numberedFlow, V5_RECORDS } from '../src/numbered-flows.ts'
import { messageCount, readStream, setAckWait, untilAllRead } from '../src/streams.ts'
import { type System, startSystem } from '../src/system.ts'
import { zoneWhereItIs } from '../src/time-zone.ts'

const LONGEST_MS = 280_000
/** 36 datagrams of 25 flows every 10 ms: 90,000 flows/s, bursts far below the receive buffer. */
const BURST = { datagrams: 36, everyMs: 10 }

test('kill -9 of the whole system, twice, during a million flows: history has each acknowledged flow exactly once', {
  timeout: LONGEST_MS,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'netbehave-crash-all-'))
  const port = await freeUdpPort()
  const env = { TZ: zoneWhereItIs(2, Date.now()), ARCHIVER_FLUSH_ROWS: '40000', ARCHIVER_FLUSH_INTERVAL_MS: '1000' }
  const start = () => startSystem({ dataDir, env, args: ['--listen', `127.0.0.1:${port}`] })
  using exporter = new Exporter(port)

  const acknowledged: number[] = []
  for (const part of [0.35, 0.7]) {
    const system = await start()
    await exporter.sendUpTo(part * FLOWS)
    acknowledged.push(await acknowledgedFlows(system))
    await system.kill()
  }
  await using system = await start()
  assert.equal(kernelDrops(port), 0)
  await exporter.sendUpTo(FLOWS)
  await using broker = connectBroker({ ...system.brokerAddress, instance: 'test' }, 'flow-admin', silentLog)
  await setAckWait(broker, { enricher: 2_000, archiver: 20_000 })
  await untilAllRead(broker, 150_000)

  const kept = await countRaw(broker)
  assert.ok(kept.mostOfOneFlow === 1, 'the stream of raw flows holds none twice')
  assert.ok(acknowledged[0]! > 0.3 * FLOWS * 0.9, 'the first kill came after much was acknowledged')
  const least = acknowledged.reduce((sum, flows) => sum + flows) + 0.3 * FLOWS
  assert.ok(kept.flows >= least, `${kept.flows} flows are in the stream, at least ${least} had been acknowledged`)

  assert.deepEqual(await system.count(), { flows: kept.flows, bytes: kept.bytes, packets: kept.packets })
  const hits = new Uint8Array(KEYS)
  for (const { day } of JSON.parse((await system.run('days', 'ls', '-o', 'json')).stdout) as { day: string }[]) {
    const path = join(dataDir, `${day}.sqlite3`)
    const exported = await system.run('days', 'export', day, '--format', 'sqlite', '--to', path)
    assert.equal(exported.code, 0, exported.stderr)
    for (const row of dailyRows(path)) {
      const key = keyOf(parseAddress(row.dstip) as number, row.srcport)
      hits[key] = row.hits
      assert.deepEqual([row.hits, row.bytes, row.packets], kept.ofKey(key), `key ${key}`)
    }
  }
  assert.deepEqual(hits, kept.hits, 'every key that the stream holds is in a daily database')
  await system.stop()
  await rm(dataDir, { recursive: true, force: true })
})

/** Sends the numbered flows in order, each once, at a steady pace; whoever listens. */
class Exporter implements Disposable {
  readonly #socket: Socket = createSocket({ type: 'udp4', sendBufferSize: 1024 * 1024 })
  readonly #port: number
  #sent = 0

  constructor(port: number) {
    this.#port = port
  }

  async sendUpTo(flows: number): Promise<void> {
    while (this.#sent < flows) {
      const nowMs = Date.now()
      for (let i = 0; i < BURST.datagrams && this.#sent < flows; i++) {
        this.#socket.send(numberedDatagram(this.#sent, nowMs), this.#port, '127.0.0.1')
        this.#sent += V5_RECORDS
      }
      // Pacing, not waiting for something to happen.
      await new Promise((resolve) => setTimeout(resolve, BURST.everyMs))
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}

/** What the collector itself says that the broker has acknowledged. */
async function acknowledgedFlows(system: System): Promise<number> {
  const connect = (role: Role) => connectBroker({ ...system.brokerAddress, instance: 'test' }, role, silentLog)
  await using keeper = connect('flow-admin')
  assert.ok(await messageCount(keeper, 'FLOWS_RAW'))
  await using reader = connect('analyst')
  return await askMetric(reader, ACKNOWLEDGED_FLOWS) // the broker is closed after
}

/** Counts every flow of the raw stream by its number. */
async function countRaw(broker: Broker) {
  const times = new Uint8Array(FLOWS)
  await readStream(broker, 'FLOWS_RAW', (batch) => {
    const dstIp = batch.address('dstIp')!.v4!
    const [srcPort, bytes] = [batch.numbers('srcPort'), batch.numbers('bytes')]
    for (let i = 0; i < batch.length; i++) {
      const occurrence = Math.round(Math.log2(bytes[i]!) / 4)
      times[occurrence * KEYS + keyOf(dstIp[i]!, srcPort[i]!)]!++
    }
  })
  const sums = { flows: 0, bytes: 0, packets: 0, mostOfOneFlow: 0 }
  const hits = new Uint8Array(KEYS)
  for (let k = 0; k < FLOWS; k++) {
    const flow = numberedFlow(k)
    sums.flows += times[k]!
    sums.bytes += times[k]! * flow.bytes
    sums.packets += times[k]! * flow.packets
    sums.mostOfOneFlow = Math.max(sums.mostOfOneFlow, times[k]!)
    hits[k % KEYS]! += times[k]!
  }
  const ofKey = (key: number): [hits: number, bytes: number, packets: number] => {
    const sum: [number, number, number] = [0, 0, 0]
    for (let k = key; k < FLOWS; k += KEYS) {
      const { bytes, packets } = numberedFlow(k)
      sum[0] += times[k]!
      sum[1] += times[k]! * bytes
      sum[2] += times[k]! * packets
    }
    return sum
  }
  return { ...sums, hits, ofKey }
}
