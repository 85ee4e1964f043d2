// Loss, disk and archive, from snapshots as collectors and archivers publish them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatsSnapshot } from '@netbehave/schema'
import { LossMeter } from './loss-meter.ts'
import { openTestAlerter } from './testing.ts'

const MINUTE_MS = 60_000
const metric = (name: string, value: number) => ({ name: `netbehave_${name}`, values: [{ value, labels: {} }] })
const snapshot = (app: string, metrics: unknown[], report?: unknown): StatsSnapshot => ({
  ...{ app, site: 'home', instance: 'one', startedMs: 0, atMs: 0, metrics },
  ...(report !== undefined && { report }),
})
const exporter = (ip: string, flows: number, lost: number) => ({
  ...{ ip, domain: 0, version: 9, firstSeenMs: 0, lastSeenMs: 0, datagrams: flows, flows, optionsRecords: 0, lost },
  ...{
    lossUnit: 'flows',
    restarts: 0,
    reordered: 0,
    clockSkewMs: 0,
    sampling: 1,
    problems: {},
    templates: [],
    awaiting: [],
  },
})
const collector = (flows: number, lost: number, kernelDrops = 0, dropped = 0) =>
  snapshot(
    'collector',
    [
      metric('collector_listen_datagrams_total', flows),
      metric('collector_publish_dropped_flows_total', dropped),
      metric('collector_publish_acknowledged_flows_total', flows),
    ],
    {
      listening: [{ address: '0.0.0.0:2055', receiveBufferBytes: 1, kernelDrops }],
      exporters: [exporter('192.168.1.1', flows, lost)],
    },
  )
const archiver = (more: Record<string, number> = {}) => {
  const values = { disk_full: 0, write_failures_total: 0, write_flushes_total: 10, disk_free_bytes: 1e12, ...more }
  return snapshot(
    'archiver',
    Object.entries(values).map(([name, value]) => metric(`archiver_${name}`, value)),
  )
}
const subjects = (messages: readonly { subject: string }[]) => messages.map(({ subject }) => subject)

test('loss above the limit in a window is told once, and again after it was below', async () => {
  await using t = openTestAlerter()
  const see = async (flows: number, lost: number) => {
    t.alerter.onSnapshot(collector(flows, lost))
    await t.deliver()
    t.advance(5 * MINUTE_MS)
  }
  await see(0, 0)
  await see(10_000, 50) // 0.5 %
  assert.equal(t.sent.length, 0)
  await see(19_800, 250) // 2 %
  await see(29_000, 1050) // 8 %, told already
  assert.deepEqual(subjects(t.sent), ['Loss of 2.0 %: Exporter 192.168.1.1'])
  assert.match(t.sent[0]!.text, /lost 200 flows in the last 5 minutes: 2\.0 %/)
  await see(39_000, 1050)
  await see(49_000, 1250)
  assert.equal(t.sent.length, 2)
})

test('datagrams that the kernel dropped and flows that the collector dropped are loss too, each with its own advice', async () => {
  await using t = openTestAlerter()
  t.alerter.onSnapshot(collector(0, 0))
  t.advance(5 * MINUTE_MS)
  t.alerter.onSnapshot(collector(1000, 0, 100, 1000))
  await t.deliver()
  assert.deepEqual(subjects(t.sent), ['Loss of 9.1 %: Socket 0.0.0.0:2055', 'Loss of 50.0 %: The collector'])
  assert.match(t.sent[0]!.text, /receive buffer was full/)
  assert.match(t.sent[1]!.text, /Look after nats-server/)
})

test('counters that begin anew with a restart are no loss, and senders that are watched are bounded', () => {
  const meter = new LossMeter(MINUTE_MS, 2)
  assert.equal(meter.measure('a', 500, 500, 0), undefined)
  assert.equal(meter.measure('a', 0, 10, MINUTE_MS), undefined)
  assert.deepEqual(meter.measure('a', 10, 100, 2 * MINUTE_MS), { lost: 10, percent: 10, spanMs: MINUTE_MS })
  meter.measure('b', 0, 0, 2 * MINUTE_MS)
  meter.measure('c', 0, 0, 2 * MINUTE_MS)
  assert.equal(meter.unwatched, 1)
  meter.tidy(20 * MINUTE_MS)
  meter.measure('c', 0, 0, 20 * MINUTE_MS)
  assert.equal(meter.unwatched, 1)
})

test('a disk that is full or nearly so, and flows that cannot be written, are told when they begin', async () => {
  await using t = openTestAlerter()
  const see = async (more: Record<string, number>) => {
    t.alerter.onSnapshot(archiver(more))
    await t.deliver()
    t.advance(5000)
  }
  await see({})
  await see({ disk_free_bytes: 1000, disk_full: 1 })
  await see({ disk_free_bytes: 1000, disk_full: 1 })
  await see({ write_failures_total: 1 })
  await see({ write_failures_total: 2 })
  await see({ write_failures_total: 2, write_flushes_total: 11 })
  await see({ write_failures_total: 3, write_flushes_total: 11 })
  assert.deepEqual(subjects(t.sent), [
    'Archive of home: the disk is nearly full and no day is left to remove',
    'Archive of home: little is free on its disk',
    'Archive of home: flows cannot be written',
    'Archive of home: flows cannot be written',
  ])
  assert.equal(t.sent[0]!.severity, 'critical')
})

test('an archiver that says nothing any more is told, unless it is the broker that is away', async () => {
  await using t = openTestAlerter()
  const others = async (minutes: number) => {
    for (let i = 0; i < minutes * 4; i++) {
      t.alerter.onSnapshot(snapshot('alerter', []))
      await t.deliver()
      t.advance(15_000)
    }
  }
  t.alerter.onSnapshot(archiver())
  t.advance(10 * MINUTE_MS) // nothing from anybody
  await t.deliver()
  await others(2)
  assert.equal(t.sent.length, 0)
  await others(2)
  assert.match(t.sent[0]!.subject, /^Archive of home: the archiver says nothing any more/)
  await others(2)
  assert.equal(t.sent.length, 1)
  t.alerter.onSnapshot(archiver())
  await others(4)
  assert.equal(t.sent.length, 2)
})

test('snapshots of any shape harm nobody', async () => {
  await using t = openTestAlerter()
  for (const metrics of [[null], [{}], [{ name: 'netbehave_archiver_disk_full', values: [null, { value: 'x' }] }]]) {
    t.alerter.onSnapshot(snapshot('archiver', metrics))
    t.alerter.onSnapshot(snapshot('collector', metrics, { listening: 5 }))
  }
  await t.deliver()
  assert.equal(t.sent.length, 0)
})
