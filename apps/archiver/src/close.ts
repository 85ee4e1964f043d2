// Day close: all files of a day become one, and the daily database is written. Done again when late flows
// came. Each step can be repeated: what a crash leaves undone is found and done by the next round.
import { rm } from 'node:fs/promises'
import {
  type ArchiveFile,
  type Catalog,
  CLOSED_TIER,
  type DatabaseSummary,
  type DayRecord,
  type DuckDb,
  paths,
  writeDailyDatabase,
} from '@netbehave/history'
import type { ArchiveLog } from './archive.ts'
import { type MergeContext, mergeFiles, RUN_ROWS } from './merge.ts'
import { sortDay } from './sort-day.ts'

export interface CloseSettings {
  readonly closeDelayMs: number
  readonly sqliteDays: 'on-close' | 'on-demand'
  readonly sqliteDayMaxRows: number
  readonly sortDayMaxRows: number
  readonly sortMemoryLimitMb: number
}

/** What remains to be done for a day that is over. */
export interface CloseTask {
  readonly day: string
  readonly files: readonly ArchiveFile[]
  readonly merge: boolean
  readonly database: boolean
  readonly flows: number
}

/** One database of a day may take long; a query's limit does not hold for it. */
const DATABASE_LIMIT_MS = 6 * 3_600_000

/** What a day lacks; undefined when it is not due or complete. `files` are those of the day. */
export function planClose(
  record: DayRecord,
  files: readonly ArchiveFile[],
  nowMs: number,
  settings: CloseSettings,
): CloseTask | undefined {
  if (files.length === 0 || nowMs < Math.max(record.endMs, record.closedMs ?? 0) + settings.closeDelayMs)
    return undefined
  const flows = files.reduce((sum, { rows }) => sum + rows, 0)
  const merge = files.length > 1 || files[0]!.tier !== CLOSED_TIER
  const wanted = settings.sqliteDays === 'on-close' && flows <= settings.sqliteDayMaxRows
  const database = wanted && record.database?.flows !== flows
  if (!merge && !database && record.closedMs !== null) return undefined
  return { day: record.day, files, merge, database, flows }
}

export interface CloseContext extends MergeContext {
  readonly duckDb: DuckDb
  readonly settings: Pick<CloseSettings, 'sortDayMaxRows' | 'sortMemoryLimitMb'>
  readonly log: Pick<ArchiveLog, 'warn'>
}

/** Closes a day. Returns the daily database's summary when one was written. */
export async function closeDay(context: CloseContext, task: CloseTask): Promise<DatabaseSummary | undefined> {
  const { catalog, dataDir, duckDb, nowMs } = context
  const { day } = task
  if (task.merge) await mergeDay(context, task)
  let written: DatabaseSummary | undefined
  if (task.database) {
    const query = { dataDir, catalog, duckDb, timeLimitMs: DATABASE_LIMIT_MS }
    written = await writeDailyDatabase(query, day, paths.database(dataDir, day))
    catalog.setDatabase(day, written)
  } else await dropStaleDatabase(catalog, dataDir, task)
  catalog.setClosed(day, nowMs)
  return written
}

/** One file of all files: sorted over hours where the day is large, but not too large for the disk that sorting takes. */
async function mergeDay(context: CloseContext, { day, files, flows }: CloseTask): Promise<void> {
  const { dataDir, catalog, settings, log } = context
  const bounds = catalog.day(day)
  if (bounds && flows > RUN_ROWS && flows <= settings.sortDayMaxRows) {
    try {
      await mergeFiles(context, files, CLOSED_TIER, (source, { path, rows }, metadata) =>
        sortDay({
          ...{ dataDir, source, rows, metadata, startMs: bounds.startMs, endMs: bounds.endMs },
          ...{ path: paths.file(dataDir, path), memoryLimitMb: settings.sortMemoryLimitMb },
        }),
      )
      return
    } catch (error) {
      const [reason] = (error as Error).message.split('\n')
      log.warn({ err: error, step: 'close', day }, `${day} is closed unsorted, searches of it take longer: ${reason}`)
    }
  }
  await mergeFiles(context, files, CLOSED_TIER)
}

/** A database that lacks late flows, of a day that has grown too large for one: better none than a wrong one. */
async function dropStaleDatabase(catalog: Catalog, dataDir: string, { day, flows }: CloseTask): Promise<void> {
  const made = catalog.day(day)?.database
  if (!made || made.flows === flows) return
  catalog.setDatabase(day, null)
  await rm(paths.database(dataDir, day), { force: true })
}
