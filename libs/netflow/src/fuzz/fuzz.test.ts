// 200,000 mutated datagrams; `npm run fuzz -- --count N --seed S` runs any number with any seed.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { FuzzFailure, fuzz } from './fuzz.ts'

const COUNT = 200_000
const SEED = 20_260_106
/** Growth of the heap between a third and the end of the run that counts as flat: what the decoder may hold is full by then. */
const FLAT_BYTES = 8 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heapBytes(): number {
  // What the first finds is freed beside us, some MB of it, until the second waits for it.
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

test('200,000 mutated datagrams neither throw nor take 5 ms nor lose a byte nor grow memory', (context) => {
  const heap: number[] = []
  try {
    const report = fuzz({
      count: COUNT,
      seed: SEED,
      clock: () => performance.now(),
      onProgress: () => void heap.push(heapBytes()),
    })
    context.diagnostic(JSON.stringify(report))
    assert.equal(report.datagrams, COUNT)
    assert.ok(report.flows > COUNT / 2, 'most mutations still decode to something')
    assert.ok(report.problems > COUNT / 2, 'most mutations are seen')
  } catch (error) {
    if (error instanceof FuzzFailure) {
      const file = join(mkdtempSync(join(tmpdir(), 'netflow-fuzz-')), 'datagram.hex')
      writeFileSync(file, `${error.datagram.toString('hex')}\n`)
      context.diagnostic(`seed ${error.seed}, datagram ${error.index} written to ${file}`)
    }
    throw error
  }
  const third = Math.floor(heap.length / 3)
  const settled = Math.min(...heap.slice(third, third + 3))
  const end = Math.min(...heap.slice(-3))
  assert.ok(end - settled < FLAT_BYTES, `heap grew from ${settled} to ${end} bytes`)
})
