import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseValue } from './address-range.ts'
import { Queue } from './queue.ts'

const ARIN = { registry: 'arin', baseUrl: 'https://rdap.example/' } as const
const question = (text: string) => ({ text, address: parseValue(text)! })

test('an address waits once, also while it is being asked for', () => {
  const queue = new Queue(10)
  assert.equal(queue.add(question('8.8.8.8'), ARIN, 0), true)
  assert.equal(queue.add(question('8.8.8.8'), ARIN, 0), false)
  const waiting = queue.take('arin')!
  assert.equal(queue.add(question('8.8.8.8'), ARIN, 0), false)
  assert.deepEqual([queue.size, queue.sizeOf('arin')], [1, 0])
  queue.done(waiting)
  assert.equal(queue.size, 0)
  assert.equal(queue.add(question('8.8.8.8'), ARIN, 0), true)
})

test('beyond the limit addresses are left out and counted', () => {
  const queue = new Queue(3)
  for (let i = 0; i < 10; i++) queue.add(question(`8.8.8.${i}`), ARIN, 0)
  assert.deepEqual([queue.size, queue.counters.added, queue.counters.leftOut], [3, 3, 7])
  assert.equal(queue.take('arin')?.text, '8.8.8.0')
  assert.equal(queue.add(question('8.8.8.9'), ARIN, 0), false, 'what is under way takes its place still')
})

test('an address that is tried again goes to the end of its line', () => {
  const queue = new Queue(3)
  for (let i = 0; i < 2; i++) queue.add(question(`8.8.8.${i}`), ARIN, 0)
  queue.again(queue.take('arin')!, 1)
  assert.equal(queue.take('arin')?.text, '8.8.8.1')
  assert.deepEqual([queue.take('arin')?.attempts, queue.take('arin')], [1, undefined])
})

test('an address that rests is not queued before its time; of too many the oldest may come again', () => {
  const queue = new Queue(2)
  for (let i = 0; i < 3; i++) {
    queue.add(question(`8.8.8.${i}`), ARIN, 0)
    queue.rest(queue.take('arin')!, 1000)
  }
  assert.equal(queue.add(question('8.8.8.2'), ARIN, 999), false)
  assert.equal(queue.add(question('8.8.8.0'), ARIN, 999), true, 'gave way')
  assert.equal(queue.add(question('8.8.8.2'), ARIN, 1000), true)
})
