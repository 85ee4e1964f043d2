import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { startWithHeapRoom } from './heap-room.ts'

const GROWS = new URL('../../test/fixtures/growing-heap.ts', import.meta.url)

/** How often the whole heap was collected while it grew to about 60 MB. */
async function collections(megabytes: number): Promise<number> {
  const worker = startWithHeapRoom(megabytes, () => new Worker(GROWS))
  // Both are listened for at once: the end may follow the message in the same turn.
  const [[count]] = await Promise.all([once(worker, 'message') as Promise<[number]>, once(worker, 'exit')])
  return count
}

test('a worker that runs takes no room from one that is still being started', async () => {
  const [one, other] = [new EventEmitter(), new EventEmitter()]
  for (const starting of [one, other]) startWithHeapRoom(256, () => starting as Worker)
  one.emit('online')
  one.emit('exit')
  assert.equal(await collections(0), 0, 'the flag holds for the other')
  other.emit('online')
  assert.ok((await collections(0)) > 0)
})

test('a worker with room is not collected as a whole while it grows, and the next one without is', async () => {
  assert.equal(await collections(256), 0)
  assert.ok((await collections(0)) > 0)
})
