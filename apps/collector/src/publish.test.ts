import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OutgoingMessage, Publisher } from '@netbehave/broker'
import { decodeFlowBatch, FlowBatchBuilder } from '@netbehave/schema'
import { createBatchSender, MESSAGE_BYTES } from './publish.ts'

test('a batch that is too large for one message is sent in parts, each flow once, each part with its own id', () => {
  const batch = new FlowBatchBuilder()
  for (let i = 0; i < batch.capacity; i++) {
    for (const column of ['srcIp', 'dstIp', 'natSrcIp', 'natDstIp'] as const) {
      batch.rows[column].set6(
        i,
        Uint8Array.from({ length: 16 }, (_, k) => 0x20 + ((i * 7 + k) & 63)),
        0,
      )
      batch.touch(column)
    }
    batch.rows.bytes[i] = i
  }
  batch.touch('bytes')
  batch.commit(batch.capacity)
  const sent: OutgoingMessage[] = []
  const publisher = {
    push: async (message: OutgoingMessage) => {
      sent.push(message)
      return true
    },
  } as Publisher
  createBatchSender(publisher, 'home', 'box-1')(batch.seal({ site: 'home', collector: 'c', seq: 9, received: 1 }))
  assert.ok(sent.length > 1)
  assert.ok(sent.every(({ bytes }) => bytes.length <= MESSAGE_BYTES))
  assert.equal(new Set(sent.map(({ id }) => id)).size, sent.length)
  const bytes = sent.flatMap((message) => [...decodeFlowBatch(message.bytes).numbers('bytes')])
  assert.deepEqual(
    bytes,
    Array.from({ length: batch.capacity }, (_, i) => i),
  )
  assert.equal(
    sent.reduce((sum, { flows }) => sum + flows, 0),
    batch.capacity,
  )
})
