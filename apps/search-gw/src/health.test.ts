import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatsSnapshot } from '@netbehave/schema'
import { judgeHealth } from './health.ts'
import { FRESH_MS, SNAPSHOTS_AT_MOST, Snapshots } from './snapshots.ts'

const snapshot = (app: string, instance = 'one'): StatsSnapshot => ({
  app,
  site: 'home',
  instance,
  startedMs: 1,
  atMs: 1,
  metrics: [],
})

test('an app that has been silent for 15 s no longer counts as running', () => {
  const snapshots = new Snapshots()
  for (const app of ['collector', 'enricher', 'archiver']) snapshots.put(snapshot(app), 0)
  assert.deepEqual(judgeHealth(true, snapshots.fresh(FRESH_MS - 1)), {
    status: 'ok',
    findings: [],
    running: { collector: 1, enricher: 1, archiver: 1 },
  })
  snapshots.put(snapshot('enricher'), FRESH_MS)
  const { status, findings } = judgeHealth(true, snapshots.fresh(FRESH_MS))
  assert.equal(status, 'degraded')
  assert.deepEqual(findings, [
    'no collector has reported for 15 s; is it running?',
    'no archiver has reported for 15 s; is it running?',
  ])
})

test('without a broker nothing is blamed but the broker', () => {
  assert.deepEqual(judgeHealth(false, []).findings, ['the broker is away: nothing is known of the other apps'])
})

test('snapshots are bounded, whoever sends them', () => {
  const snapshots = new Snapshots()
  for (let i = 0; i < SNAPSHOTS_AT_MOST + 500; i++) snapshots.put(snapshot('collector', `c${i}`), i % 1000)
  const fresh = snapshots.fresh(1000)
  assert.equal(fresh.length, SNAPSHOTS_AT_MOST)
  assert.equal(fresh.at(-1)!.instance, `c${SNAPSHOTS_AT_MOST + 499}`)
})
