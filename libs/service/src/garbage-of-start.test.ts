import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectGarbageOfStart } from './garbage-of-start.ts'

const [BEFORE_MS, AFTER_MS] = [4_000, 6_000]

test('the heap is collected once, some seconds after the start, and not when it was stopped before', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { gc } = globalThis
  let collected = 0
  globalThis.gc = (async () => void collected++) as unknown as NodeJS.GCFunction
  try {
    using _stopped = collectGarbageOfStart()
    collectGarbageOfStart()[Symbol.dispose]()
    t.mock.timers.tick(BEFORE_MS)
    assert.equal(collected, 0)
    t.mock.timers.tick(AFTER_MS)
    assert.equal(collected, 1)
    t.mock.timers.tick(AFTER_MS)
    assert.equal(collected, 1)
    globalThis.gc = undefined
    using _without = collectGarbageOfStart()
    t.mock.timers.tick(AFTER_MS)
  } finally {
    globalThis.gc = gc
  }
})
