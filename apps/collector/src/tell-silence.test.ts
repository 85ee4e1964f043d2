import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OutgoingMessage, Publisher } from '@netbehave/broker'
import { ExporterEvent } from '@netbehave/schema'
import { createTellSilence, lookIntervalMs } from './tell-silence.ts'

const MINUTE_MS = 60_000

function setUp(silentAfterMs = 10 * MINUTE_MS, startedMs = 0) {
  const pushed: OutgoingMessage[] = []
  const exporters = new Map<string, { ip: string; lastSeenMs: number }>()
  const counters = { silent: 0, back: 0 }
  const look = createTellSilence({
    ...{ site: 'home', silentAfterMs, startedMs, counters },
    reports: () => [...exporters.values()],
    publisher: { push: async (message: OutgoingMessage) => pushed.push(message) > 0 } as unknown as Publisher,
  })
  const events = () =>
    pushed.map(({ subject, bytes }) => [subject, JSON.parse(new TextDecoder().decode(bytes))] as const)
  const see = (ip: string, lastSeenMs: number, domain = 0) => exporters.set(`${ip} ${domain}`, { ip, lastSeenMs })
  return { look, see, events, counters, exporters, pushed }
}

test('an exporter that is silent for long is told once, and once when it is back', () => {
  const { look, see, events, counters, pushed } = setUp()
  see('192.168.1.1', 0)
  see('192.168.1.2', 9 * MINUTE_MS)
  look(10 * MINUTE_MS - 1)
  assert.deepEqual(events(), [])
  look(10 * MINUTE_MS)
  look(11 * MINUTE_MS)
  const [subject, event] = events()[0]!
  assert.equal(subject, 'events.exporter.silent.home')
  const { exporter, lastSeenMs, id } = ExporterEvent.parse(event)
  assert.deepEqual([exporter, lastSeenMs, id, pushed[0]!.id], ['192.168.1.1', 0, pushed[0]!.id, id])
  see('192.168.1.1', 12 * MINUTE_MS)
  look(12 * MINUTE_MS + 5)
  look(13 * MINUTE_MS)
  assert.deepEqual(
    events().map(([name]) => name),
    ['events.exporter.silent.home', 'events.exporter.back.home'],
  )
  assert.deepEqual(counters, { silent: 1, back: 1 })
  see('192.168.1.2', 30 * MINUTE_MS)
  look(30 * MINUTE_MS)
  assert.equal(pushed.length, 3) // silent a second time, with an id of its own
  assert.equal(new Set(pushed.map(({ id }) => id)).size, 3)
})

test('an exporter of several domains is silent when all are', () => {
  const { look, see, pushed } = setUp()
  see('192.168.1.1', 0, 1)
  see('192.168.1.1', 5 * MINUTE_MS, 2)
  look(12 * MINUTE_MS)
  assert.equal(pushed.length, 0)
  look(15 * MINUTE_MS)
  assert.equal(pushed.length, 1)
})

test('after a restart what was saved long ago is silent only when it is not heard within the time', () => {
  const { look, see, pushed } = setUp(10 * MINUTE_MS, 100 * MINUTE_MS)
  see('192.168.1.1', 0)
  look(105 * MINUTE_MS)
  assert.equal(pushed.length, 0)
  look(110 * MINUTE_MS)
  assert.equal(pushed.length, 1)
})

test('exporters that the decoder forgot are forgotten here, and 0 tells nothing', () => {
  const { look, see, exporters, pushed } = setUp()
  see('192.168.1.1', 0)
  look(20 * MINUTE_MS)
  exporters.clear()
  look(21 * MINUTE_MS)
  see('192.168.1.1', 22 * MINUTE_MS)
  look(22 * MINUTE_MS)
  assert.equal(pushed.length, 1)
  const off = setUp(0)
  off.see('192.168.1.1', 0)
  off.look(1e12)
  assert.equal(off.pushed.length, 0)
})

test('it is looked often enough for short times and not too often for long ones', () => {
  assert.deepEqual([100, 10_000, 3_600_000].map(lookIntervalMs), [100, 1000, 10_000])
})
