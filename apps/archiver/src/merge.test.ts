import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { type ArchiveFile, CLOSED_TIER, openHistory, paths } from '@netbehave/history'
import { GRACE_MS } from './maintain.ts'
import { DAY_FILES, pickMerge } from './merge.ts'
import { planMerged } from './parquet-file.ts'
import { makeBatch, NOON_MS, openTestArchive } from './testing.ts'

const STREAM = 1

function file(id: number, tier: number, rows = 1): ArchiveFile {
  const path = `2026-11-24/${id}-${id}-${id}.parquet`
  return {
    id,
    path,
    tier,
    rows,
    day: '2026-11-24',
    layout: 1,
    bytes: 1,
    flowBytes: 1,
    flowPackets: 1,
    firstMs: id,
    lastMs: id,
    streamCreatedMs: STREAM,
    firstSequence: id,
    lastSequence: id,
    writtenMs: id,
  }
}

test('a day of 8,640 flushes never has more files than it may, and rewrites a flow less than three times', () => {
  let files: ArchiveFile[] = []
  let rewritten = 0
  let most = 0
  for (let id = 1; id <= 8640; id++) {
    files.push(file(id * 10, 0))
    most = Math.max(most, files.length)
    for (let pick = pickMerge(files); pick; pick = pickMerge(files)) {
      const { sources, tier } = pick
      const merged = planMerged(sources, { id: id * 10 + 1, tier, layout: 1, nowMs: 0 })
      rewritten += merged.rows
      files = [...files.filter((each) => !sources.includes(each)), { ...merged, bytes: 1 }]
      assert.ok(files.length <= DAY_FILES)
    }
  }
  assert.equal(
    files.reduce((sum, { rows }) => sum + rows, 0),
    8640,
  )
  assert.equal(most, DAY_FILES + 1)
  assert.ok(rewritten / 8640 < 3, `rewritten ${rewritten / 8640} times`)
})

test('the sorted file of a closed day is not merged with what came late', () => {
  const late = Array.from({ length: DAY_FILES }, (_, i) => file(i + 2, 0))
  const pick = pickMerge([file(1, CLOSED_TIER, 1_000_000), ...late])
  assert.deepEqual(pick, { sources: late, tier: 1 })
})

test('a merged file stands for its sources: sums, times and sequences', () => {
  const merged = planMerged([file(3, 0, 5), file(9, 1, 7)], { id: 20, tier: 2, layout: 4, nowMs: 99 })
  assert.deepEqual(merged, {
    id: 20,
    path: '2026-11-24/3-9-20.parquet',
    day: '2026-11-24',
    tier: 2,
    layout: 4,
    rows: 12,
    flowBytes: 2,
    flowPackets: 2,
    firstMs: 3,
    lastMs: 9,
    streamCreatedMs: STREAM,
    firstSequence: 3,
    lastSequence: 9,
    writtenMs: 99,
  })
})

test('merging keeps every flow, a search that began before can end, and the sources go after the grace period', async () => {
  await using archive = await openTestArchive()
  for (let sequence = 1; sequence <= DAY_FILES + 1; sequence++) {
    const flows = [{ firstMs: NOON_MS + sequence, srcPort: sequence, bytes: sequence }]
    archive.archive.write(makeBatch(flows, sequence), sequence, STREAM)
    await archive.archive.flush()
  }
  const before = await archive.flows()
  const sources = archive.archive.catalog.allFiles().map(({ path }) => paths.file(archive.dataDir, path))
  await using history = openHistory({ dataDir: archive.dataDir })
  const searching = history.search({ order: 'any' })[Symbol.asyncIterator]()
  await searching.next()
  await archive.archive.maintain()
  assert.equal(archive.counters.merges, 1)
  assert.deepEqual(await archive.flows(), before)
  assert.equal(history.days()[0]!.files, 1)
  assert.ok((await history.verifyDay('2026-11-24')).ok)
  let rest = 1
  while (!(await searching.next()).done) rest++
  assert.equal(rest, DAY_FILES + 1)
  assert.ok(sources.every((path) => existsSync(path)))
  archive.nowMs += GRACE_MS
  await archive.archive.maintain()
  assert.ok(sources.every((path) => !existsSync(path)))
  assert.deepEqual(await archive.flows(), before)
})
