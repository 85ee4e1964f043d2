import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IncomingMessage } from '@netbehave/broker'
import { SUBJECTS } from '@netbehave/schema'
import { createCounters } from './counters.ts'
import { createSubscription } from './subscribe.ts'
import { assetEvent, toBytes } from './testing.ts'

function message(id: string, told: string[], bytes = toBytes(assetEvent(id, '10.0.0.1'))): IncomingMessage {
  return {
    ...{ bytes, subject: SUBJECTS.assetNew, sequence: 1, streamCreatedMs: 0, redelivered: false },
    ack: () => void told.push(`ack ${id}`),
    term: () => void told.push(`term ${id}`),
    nak: () => void told.push(`nak ${id}`),
  }
}

test('an event is acknowledged after it is kept, and not while it cannot be', async () => {
  const told: string[] = []
  const counters = createCounters()
  const tries = Promise.withResolvers<void>()
  let failures = 3
  const subscription = createSubscription({
    ...{ counters, limitedLog: () => {}, retryMs: 1 },
    takeIn: (events) => {
      if (failures-- > 0) throw new Error('disk full')
      for (const { id } of events) told.push(`kept ${id}`)
      tries.resolve()
    },
  })
  await subscription.onMessage(message('a', told))
  await subscription.onMessage(message('b', told))
  await tries.promise
  await subscription[Symbol.asyncDispose]()
  assert.deepEqual(told, ['kept a', 'kept b', 'ack a', 'ack b'])
  assert.equal(counters.storeFailures, 3)
})

test('what cannot be kept at the stop is not acknowledged', async () => {
  const told: string[] = []
  const subscription = createSubscription({
    ...{ counters: createCounters(), limitedLog: () => {}, retryMs: 3_600_000 },
    takeIn: () => {
      throw new Error('disk full')
    },
  })
  await subscription.onMessage(message('a', told))
  await subscription[Symbol.asyncDispose]()
  assert.deepEqual(told, [])
})

test('a message that is no event is ended and counted, and the next one is read', async () => {
  const told: string[] = []
  const counters = createCounters()
  const subscription = createSubscription({ counters, limitedLog: () => {}, takeIn: () => {} })
  await subscription.onMessage(message('bad', told, toBytes('nonsense')))
  await subscription.onMessage(message('worse', told, Uint8Array.of(0xff)))
  await subscription.onMessage(message('good', told))
  await subscription[Symbol.asyncDispose]()
  assert.deepEqual(told, ['term bad', 'term worse', 'ack good'])
  assert.equal(counters.refusedEvents, 2)
})
