import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { cpuSeconds, kernelDrops, memoryOf } from './process-usage.ts'

const elsewhere = { skip: process.platform === 'linux' ? false : 'reads /proc' }

test('CPU seconds are those that the process itself knows of', elsewhere, () => {
  const before = process.cpuUsage()
  while (process.cpuUsage(before).user + process.cpuUsage(before).system < 50_000);
  const { user, system } = process.cpuUsage()
  assert.ok(Math.abs(cpuSeconds(process.pid) - (user + system) / 1e6) < 0.05)
})

test('memory is of this process, and what is shared counts in part', elsewhere, () => {
  const { rssBytes, pssBytes } = memoryOf(process.pid)
  assert.ok(Math.abs(rssBytes / process.memoryUsage.rss() - 1) < 0.2)
  assert.ok(pssBytes > 0 && pssBytes <= rssBytes)
})

test('a receive buffer that runs over shows as drops of its port', elsewhere, async () => {
  const [receiver, sender] = [createSocket('udp4'), createSocket('udp4')]
  receiver.bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  const { port } = receiver.address()
  assert.equal(kernelDrops(port), 0)
  receiver.setRecvBufferSize(4096)
  // The loopback delivers within the system call, and this thread reads only when it comes back to the event loop.
  const sent = Array.from(
    { length: 20 },
    () => new Promise((resolve) => sender.send(Buffer.alloc(1000), port, '127.0.0.1', resolve)),
  )
  await Promise.all(sent)
  assert.ok(kernelDrops(port) > 0)
  receiver.close()
  sender.close()
})
