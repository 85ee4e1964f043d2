// The process that sortDay starts. Reads one task from its parent, answers, ends; ends at once when the parent is gone.
import { join } from 'node:path'
import { CLOSED_LAYOUT, closedOrderSql, openDuckDb, PARQUET_COLUMN_NAMES, paths } from '@netbehave/history'
import type { SortAnswer, SortTask } from './sort-day.ts'
import { writeParquet } from './write.ts'

process.once('message', async (task: SortTask) => {
  const answer = await sort(task).catch((error: Error): SortAnswer => ({ error: error.message }))
  process.send!(answer, () => process.disconnect())
})
process.once('disconnect', () => process.exit())

async function sort({ dataDir, source, path, metadata, memoryLimitMb, ...day }: SortTask): Promise<SortAnswer> {
  using duckDb = await openDuckDb({
    directories: [paths.flows(dataDir)],
    temporaryDirectory: join(paths.temporary(dataDir), 'archiver', 'sort'),
    memoryLimitMb,
    threads: 1,
  })
  const connection = await duckDb.connect({ sortsOnDisk: true })
  const select = `SELECT ${PARQUET_COLUMN_NAMES.join(', ')} FROM ${source} ORDER BY ${closedOrderSql(day)}`
  return { written: await writeParquet(connection, select, path, metadata, CLOSED_LAYOUT) }
}
