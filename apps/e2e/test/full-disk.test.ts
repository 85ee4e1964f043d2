// A disk that fills up while flows come: it is said, and once there is space again every flow is in history.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startChild, until } from '@netbehave/bench'
import { connectBroker } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { workloadW } from '@netbehave/netflow/testing'
import { askMetric } from '../src/metrics.ts'
import { NETBEHAVE } from '../src/programs.ts'
import { type FlowSums, type System, startSystem } from '../src/system.ts'

const DATAGRAMS = 400
const FLOWS = DATAGRAMS * 24
/** A small disk of its own, seen only by the command and its children (mount_namespaces(7)). */
const SMALL_DISK = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mount -t tmpfs -o size=64m tmpfs "$PWD" && cd "$PWD" && exec "$@"',
  'sh',
]
const cannotMount = process.platform !== 'linux' || process.getuid?.() !== 0

test('flows that come while the disk is full are in history once there is space', {
  skip: cannotMount ? 'needs root on Linux, to mount a small disk' : false,
  timeout: 300_000,
}, async () => {
  await using system = await startSystem({ wrap: SMALL_DISK, env: { ARCHIVER_FLUSH_INTERVAL_MS: '500' } })
  const filler = join(`/proc/${system.pid}/root`, system.dataDir, 'filler')
  await fillDisk(filler)
  const { brokerUrl, brokerKeys } = system.brokerAddress
  const address = { brokerUrl, brokerKeys: join(`/proc/${system.pid}/root`, brokerKeys), instance: 'test' }
  await using broker = connectBroker(address, 'analyst', silentLog)

  const { template, datagrams } = workloadW({ datagrams: DATAGRAMS, exportMs: Date.now() })
  const socket = createSocket('udp4')
  const port = Number(system.collector.split(':').at(-1))
  for (const datagram of [template, ...datagrams]) {
    await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve))
  }
  socket.close()
  await until('the collector has every flow', async () => {
    return (await askMetric(broker, 'netbehave_collector_decode_flows_total')) === FLOWS
  })
  await until('somebody says that the disk is full', () =>
    /no space left|disk is full|ENOSPC|insufficient/i.test(system.stderr),
  )

  await rm(filler)
  await until('history has every flow', async () => (await countInside(system)).flows >= FLOWS, { timeoutMs: 90_000 })
  assert.equal((await countInside(system)).flows, FLOWS)
})

/** `netbehave search --count` where the small disk is seen. */
async function countInside(system: System): Promise<FlowSums> {
  const command = [process.execPath, NETBEHAVE, 'search', '--count', '--data', system.dataDir]
  const search = startChild('nsenter', ['--mount', '--target', String(system.pid), ...command], {})
  assert.equal(await search.ended, 0, search.stderr)
  return JSON.parse(search.stdout) as FlowSums
}

/** Writes until nothing more fits. */
async function fillDisk(path: string): Promise<void> {
  await using file = await open(path, 'w')
  const bytes = Buffer.alloc(1024 * 1024)
  for (let size = bytes.length; size >= 4096; ) {
    const written = await file.write(bytes, 0, size).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOSPC') throw error
      return undefined
    })
    if (written === undefined) size /= 2
  }
}
