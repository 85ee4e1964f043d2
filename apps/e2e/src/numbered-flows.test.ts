import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeFlowBatch } from '@netbehave/schema'
import {
  FLOWS,
  KEYS,
  keyOf,
  numberedBatch,
  numberedDatagram,
  numberedFlow,
  V5_RECORDS,
  WHOLE_KEY,
} from './numbered-flows.ts'

test('every flow has its own key and digit, and the flows of a key add up to the whole', () => {
  const sums = new Map<number, { hits: number; bytes: number; packets: number }>()
  for (let k = 7; k < FLOWS; k += KEYS / 10) {
    const { dstIp, srcPort, bytes, packets } = numberedFlow(k)
    assert.equal(keyOf(dstIp, srcPort), k % KEYS)
    const sum = sums.get(k % KEYS) ?? { hits: 0, bytes: 0, packets: 0 }
    sums.set(k % KEYS, { hits: sum.hits + 1, bytes: sum.bytes + bytes, packets: sum.packets + packets })
  }
  assert.equal(sums.size, 10)
  for (const sum of sums.values()) assert.deepEqual(sum, WHOLE_KEY)
})

test('a batch holds the same flows as the datagrams of the same numbers', () => {
  const nowMs = 1_790_000_000_500
  const batch = decodeFlowBatch(numberedBatch(600_000, V5_RECORDS, nowMs, 1))
  const view = new DataView(numberedDatagram(600_000, nowMs).buffer)
  assert.equal(batch.length, V5_RECORDS)
  for (let i = 0; i < V5_RECORDS; i++) {
    const flow = numberedFlow(600_000 + i)
    const at = 24 + i * 48
    assert.equal(batch.address('dstIp')?.v4?.[i], view.getUint32(at + 4))
    assert.equal(batch.numbers('srcPort')[i], view.getUint16(at + 32))
    assert.equal(batch.numbers('bytes')[i], flow.bytes)
    assert.equal(view.getUint32(at + 20), flow.bytes)
    const bootMs = view.getUint32(8) * 1000 + view.getUint32(12) / 1e6 - view.getUint32(4)
    assert.equal(batch.times('first')[i], bootMs + view.getUint32(at + 24))
    assert.equal(batch.times('last')[i], nowMs - flow.agoMs)
  }
})
