import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gate, GateFullError } from './gate.ts'

test('so many run at once, so many wait in their order, the rest is refused', async () => {
  const gate = new Gate({ atOnce: 1, waiting: 2 })
  const first = await gate.enter()
  const order: number[] = []
  const waiting = [1, 2].map((n) => gate.run(async () => order.push(n)))
  await assert.rejects(gate.enter(), GateFullError)
  assert.deepEqual([gate.running, gate.waiting, gate.refused], [1, 2, 1])
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  await Promise.all(waiting)
  assert.deepEqual(order, [1, 2])
  assert.deepEqual([gate.running, gate.waiting], [0, 0])
})

test('who leaves while waiting gives the place to the next', async () => {
  const gate = new Gate({ atOnce: 1, waiting: 2 })
  const first = await gate.enter()
  const leaver = new AbortController()
  const left = gate.enter(leaver.signal)
  const stays = gate.enter()
  leaver.abort(new Error('gone'))
  await assert.rejects(left, /gone/)
  first[Symbol.dispose]()
  using _place = await stays
  assert.deepEqual([gate.running, gate.waiting], [1, 0])
})
