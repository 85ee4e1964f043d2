import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '@netbehave/filter'
import type { ArchiveFile } from './catalog.ts'
import { boundByStart, partStarts } from './cutoff.ts'
import { paths } from './day.ts'
import { openDuckDb } from './duckdb.ts'
import type { QueryContext, QueryScope } from './query.ts'
import { createTestHistory } from './testing.ts'
import { filterWhere } from './where.ts'

const NOON_MS = Date.UTC(2026, 10, 24, 12)
const HOUR_MS = 3_600_000

test('short spans at the end are asked first, and only where they hold many flows', () => {
  const file = (firstMs: number, lastMs: number, rows: number) => ({ firstMs, lastMs, rows }) as ArchiveFile
  const files = [file(0, 1024, 5_000_000), file(512, 2048, 5_000_000)]
  assert.deepEqual(partStarts(files, {}, 'newest'), [1984n])
  assert.deepEqual(partStarts(files, {}, 'oldest'), [64n])
  assert.deepEqual(partStarts(files, {}, 'newest', 1), [2046n, 1984n])
  assert.deepEqual(partStarts(files, { fromMs: 1024, toMs: 1056 }, 'newest'), [1055n])
  assert.deepEqual(partStarts([file(0, 1024, 7_999_999)], {}, 'newest'), [])
  assert.deepEqual(partStarts([], {}, 'newest', 0), [])
})

test('the N-th start is the same whether spans are asked first or the whole at once', async () => {
  await using archive = await createTestHistory()
  const startsMs = Array.from({ length: 300 }, (_, i) => NOON_MS + ((i * 7919) % 300) * (HOUR_MS / 300))
  await archive.add(startsMs.slice(0, 200).map((firstMs, i) => ({ firstMs, srcPort: i % 3 })))
  await archive.add(startsMs.slice(200).map((firstMs, i) => ({ firstMs, srcPort: i % 3 })))
  using duckDb = await openDuckDb({
    directories: [paths.flows(archive.dataDir)],
    temporaryDirectory: paths.temporary(archive.dataDir),
    memoryLimitMb: 200,
    threads: 1,
  })
  const context: QueryContext = { dataDir: archive.dataDir, catalog: archive.catalog, duckDb, timeLimitMs: 10_000 }
  for (const filter of ['', 'src.port = 1', 'src.port = 7']) {
    for (const order of ['newest', 'oldest'] as const) {
      for (const limit of [1, 4, 99, 500]) {
        const scope: QueryScope = { where: filterWhere(parse(filter)), toMs: NOON_MS + HOUR_MS * 0.9 }
        const bySpans = await boundByStart(context, scope, order, limit, 1)
        assert.deepEqual(
          bySpans,
          await boundByStart(context, scope, order, limit, Infinity),
          `${filter} ${order} ${limit}`,
        )
      }
    }
  }
})
