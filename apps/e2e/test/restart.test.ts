// What a restart keeps: templates, so that the first data datagram after it is decoded without a new template; and a
// second start copes with what a killed first one left behind.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isProcessAlive, until } from '@netbehave/bench'
import { connectBroker } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { workloadW } from '@netbehave/netflow/testing'
import { askMetric } from '../src/metrics.ts'
import { type System, startSystem } from '../src/system.ts'

const { template, datagrams } = workloadW({ datagrams: 3, exportMs: Date.now() })
const [first, second, third] = datagrams as [Buffer, Buffer, Buffer]
const FLOWS = 24
const env = { ARCHIVER_FLUSH_INTERVAL_MS: '500' }

test('after an orderly restart, and after a kill, the first data datagram is decoded without a new template', {
  timeout: 300_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'netbehave-restart-'))
  const start = () => startSystem({ dataDir, env })
  {
    const system = await start()
    await send(system, [template, first])
    await system.untilFlows(FLOWS)
    assert.equal(await system.stop(), 0)
  }
  {
    const system = await start()
    await send(system, [second])
    assert.equal((await system.untilFlows(2 * FLOWS)).flows, 2 * FLOWS)
    await system.kill()
  }
  await using system = await start()
  await send(system, [third])
  assert.equal((await system.untilFlows(3 * FLOWS)).flows, 3 * FLOWS)
  await rm(dataDir, { recursive: true, force: true })
})

test('when only the command was killed, the next start finds no nats-server in its way and goes on', {
  timeout: 300_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'netbehave-orphan-'))
  const killed = await startSystem({ dataDir, env })
  const natsServer = await killed.natsServerPid()
  await send(killed, [template, first])
  await killed.untilFlows(FLOWS)
  await killed.killCommand()

  await using system = await startSystem({ dataDir, env })
  assert.equal(await isProcessAlive(natsServer), false)
  await send(system, [second])
  assert.equal((await system.untilFlows(2 * FLOWS)).flows, 2 * FLOWS)
  await rm(dataDir, { recursive: true, force: true })
})

test('an orderly stop leaves no process behind, and no flow that was received', { timeout: 300_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'netbehave-stop-'))
  const first24 = await startSystem({ dataDir })
  const natsServer = await first24.natsServerPid()
  await send(first24, [template, first])
  await untilReceived(first24, 2)
  assert.equal(await first24.stop(), 0)
  assert.equal(await isProcessAlive(natsServer), false)
  await using system = await startSystem({ dataDir, env })
  assert.equal((await system.untilFlows(FLOWS)).flows, FLOWS)
  await rm(dataDir, { recursive: true, force: true })
})

async function untilReceived(system: System, datagrams: number): Promise<void> {
  await using broker = connectBroker({ ...system.brokerAddress, instance: 'test' }, 'analyst', silentLog)
  const received = () => askMetric(broker, 'netbehave_collector_listen_datagrams_total')
  await until('the collector has received the datagrams', async () => (await received()) >= datagrams)
}

async function send(system: System, payloads: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4')
  const port = Number(system.collector.split(':').at(-1))
  for (const payload of payloads) {
    await new Promise<void>((resolve, reject) => {
      socket.send(payload, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()))
    })
  }
  socket.close()
}
