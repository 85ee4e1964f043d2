// What the gateway knows of sites, from a real broker: which there are, and when each was heard.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { ensureStreams } from '@netbehave/broker'
import { startTestBroker } from '@netbehave/broker/testing'
import { SiteWatch } from '../src/site-watch.ts'

const snapshot = (app: string, site: string) => ({ app, site, instance: 'one', startedMs: 1, atMs: 1, metrics: [] })

test('the sites are those that the stream of raw flows remembers; the snapshot of a collector is their sign of life, that of a forwarder tells what waits', async () => {
  await using server = await startTestBroker({ roles: ['home'] })
  const admin = await server.connect('flow-admin').connected
  await ensureStreams(admin, { sites: [{ name: 'cabin', keepBytes: 5_000 }] })
  let nowMs = 1_000
  using watch = new SiteWatch(server.connect('search-gw'), () => nowMs)
  await until('it has asked', () => watch.report().length === 1)
  const cabin = { name: 'cabin', keepBytes: 5_000, waiting: 0, waitingSinceMs: null, watchedSinceMs: 1_000 }
  assert.deepEqual(watch.report(), [{ ...cabin, heardMs: null }])
  nowMs = 2_000
  for (const [app, site] of [
    ['enricher', 'cabin'],
    ['collector', 'home'],
  ] as const)
    watch.hear(snapshot(app, site))
  assert.deepEqual(watch.report(), [{ ...cabin, heardMs: null }], 'other apps and the hub itself are no sign of it')
  watch.hear(snapshot('collector', 'cabin'))
  assert.deepEqual(watch.report(), [{ ...cabin, heardMs: 2_000 }])
  for (const [atMs, waiting, waitingSinceMs] of [
    [3_000, 7, 3_000],
    [4_000, 9, 3_000],
    [5_000, 0, null],
  ] as const) {
    nowMs = atMs
    watch.hear({ ...snapshot('forwarder', 'cabin'), report: { waiting } })
    watch.hear({ ...snapshot('forwarder', 'nowhere'), report: { waiting: 5 } })
    assert.deepEqual(watch.report(), [{ ...cabin, heardMs: 2_000, waiting, waitingSinceMs }])
  }
})
