import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BATCH_FLOWS, decodeFlowBatch } from '@netbehave/schema'
import { workloadBatches } from './workload-batches.ts'

test('batches of workload W are full, end now, and have one local side each', () => {
  const nowMs = 1_790_000_000_000
  const batches = workloadBatches(3, nowMs).map(decodeFlowBatch)
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [BATCH_FLOWS, BATCH_FLOWS, BATCH_FLOWS],
  )
  const last = batches[2]!
  assert.ok(last.times('last').every((ms) => ms <= nowMs && ms > nowMs - 2000))
  const isHome = (side: 'srcNet' | 'dstNet', i: number) => last.texts('net')[last.numbers(side)[i]!] === 'home'
  for (let i = 0; i < last.length; i++) assert.notEqual(isHome('srcNet', i), isHome('dstNet', i))
})
