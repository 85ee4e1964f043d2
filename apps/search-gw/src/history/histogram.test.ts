import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bucketWidth, readHistogram } from './histogram.ts'

const HOUR_MS = 3_600_000

test('buckets are of a width that people read off an axis, and never more than asked for', () => {
  assert.equal(bucketWidth({ fromMs: 0, toMs: HOUR_MS }, 120), 30_000)
  assert.equal(bucketWidth({ fromMs: 1, toMs: HOUR_MS + 1 }, 120), 60_000)
  assert.equal(bucketWidth({ fromMs: 0, toMs: 24 * HOUR_MS }, 100), 15 * 60_000)
  for (const [span, most] of [
    [1, 2],
    [HOUR_MS * 24 * 4000, 2],
    [12_345, 500],
  ] as const) {
    const width = bucketWidth({ fromMs: 7, toMs: 7 + span }, most)
    assert.ok(Math.ceil((7 + span) / width) - Math.floor(7 / width) <= most)
  }
})

test('without an archive every bucket is there and empty', async () => {
  const span = { fromMs: 0, toMs: 60_000 }
  const { bucketMs, buckets, total } = await readHistogram(undefined, span, { kind: 'all' }, 6)
  assert.deepEqual(total, { flows: 0, bytes: 0, packets: 0 })
  assert.equal(bucketMs, 10_000)
  assert.deepEqual(buckets.map(({ startMs, flows }) => [startMs, flows]).at(-1), [50_000, 0])
  assert.equal((await readHistogram(undefined, span, { kind: 'all' }, 1)).buckets.length, 1)
})
