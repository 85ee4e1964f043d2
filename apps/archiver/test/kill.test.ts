// kill -9 between the steps of a flush: what was acknowledged is there, nothing is there twice, whatever the moment.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { openHistory } from '@netbehave/history'
import type { FlushStep } from '../src/archive.ts'
import { makeBatch, openTestArchive } from '../src/testing.ts'

const BATCHES = 10

/** Runs a writer until it kills itself; returns the last sequence that it could have acknowledged. */
function runUntilKilled(dataDir: string, firstSequence: number, step: FlushStep, flush: number): number {
  const args = [join(import.meta.dirname, 'writer-process.ts'), dataDir, firstSequence, BATCHES, step, flush].map(
    String,
  )
  const { signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 180_000 })
  assert.equal(signal, 'SIGKILL', stderr)
  return Number(stdout.trim().split('\n').at(-1) || firstSequence - 1)
}

for (const step of ['begin', 'written', 'committed'] as const) {
  test(`killed at "${step}", again and again: every acknowledged batch once, and redelivery adds nothing`, async () => {
    await using archive = await openTestArchive()
    await archive.archive[Symbol.asyncDispose]()
    let acknowledged = 0
    for (let flush = 1; flush <= 3; flush++) {
      // The broker delivers again from the first batch that was not acknowledged.
      acknowledged = runUntilKilled(archive.dataDir, acknowledged + 1, step, flush)
    }
    await archive.restart()
    const last = archive.archive.lastSequence(1)
    assert.ok(last >= acknowledged)
    assert.equal(last, step === 'committed' ? acknowledged + BATCHES : acknowledged)
    for (let sequence = 1; sequence <= last; sequence++) {
      assert.equal(archive.archive.write(makeBatch([{}]), sequence, 1), 'duplicate')
    }
    await using history = openHistory({ dataDir: archive.dataDir })
    const sum = (last * (last + 1)) / 2
    assert.deepEqual(await history.count({}), { flows: 2 * last, bytes: 2 * sum, packets: 2 * last })
    assert.deepEqual(
      history.days().map(({ flows, bytes }) => ({ flows, bytes })),
      [
        { flows: last, bytes: sum },
        { flows: last, bytes: sum },
      ],
    )
    for (const { day } of history.days()) assert.deepEqual((await history.verifyDay(day)).problems, [])
  })
}
