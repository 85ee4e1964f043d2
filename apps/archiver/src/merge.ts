// Merging: many small files of a day become few. Pure choice first, then the work: one file written, one transaction.
import { rm } from 'node:fs/promises'
import {
  type ArchiveFile,
  type Catalog,
  CLOSED_TIER,
  type DuckDBConnection,
  type FileLayout,
  isOutOfMemory,
  PARQUET_COLUMN_NAMES,
  paths,
  sourceSql,
} from '@netbehave/history'
import { type FileMetadata, type PlannedFile, planMerged } from './parquet-file.ts'
import type { WrittenFile } from './write.ts'

/** Rows of a row group of a merged file: searches of a day take half the time that they take with a flush's 40,960. */
const MERGED_LAYOUT: FileLayout = { groupRows: 122_880 }

/** Files of a day at most; one more, and some are merged. */
export const DAY_FILES = 36
/** Files that are merged at once at least. */
const MERGE_FILES = 12

/**
 * The files of a day to merge next, oldest first, and the tier of the file that they become; undefined while the day has few
 * enough. Merging costs more than writing (every text is looked at again), so nothing is merged before it must be, and small
 * files first: the lowest tiers that have MERGE_FILES together. 8,640 flushes of a day rewrite a flow about twice; a day of
 * up to 36 full flushes (9 million flows) is not rewritten before it is closed.
 */
export function pickMerge(files: readonly ArchiveFile[]): { sources: ArchiveFile[]; tier: number } | undefined {
  if (files.length <= DAY_FILES) return undefined
  const open = files.filter(({ tier }) => tier !== CLOSED_TIER).sort((a, b) => a.tier - b.tier || a.id - b.id)
  const sources: ArchiveFile[] = []
  for (const file of open) {
    const isNextTier = sources.length > 0 && file.tier !== sources.at(-1)!.tier
    if (isNextTier && sources.length >= MERGE_FILES) break
    sources.push(file)
  }
  return { sources, tier: sources.at(-1)!.tier + 1 }
}

export interface MergeContext {
  readonly dataDir: string
  readonly catalog: Catalog
  readonly connection: DuckDBConnection
  /** An id for the new file. */
  readonly id: number
  readonly nowMs: number
}

/**
 * The rows of a file stand in runs, each sorted by address (address-order.ts). Up to this many rows, a merge makes one run of
 * its sources' runs; beyond, sorting would spill to disk and cost five times the merge itself, and longer runs bring little.
 */
export const RUN_ROWS = 262_144
const RUN_ORDER = 'ORDER BY src_ip4 NULLS FIRST, dst_ip4 NULLS FIRST, first_ms'

/** Writes all flows of a relation to the planned file. */
export type WriteMerged = (source: string, plan: PlannedFile, metadata: string) => Promise<WrittenFile>

/**
 * Puts one file in the place of several of one day, oldest runs first. Returns the new file. Who closes a day writes it
 * in a way of their own.
 */
export async function mergeFiles(
  context: MergeContext,
  sources: readonly ArchiveFile[],
  tier: number,
  write: WriteMerged = (...args) => writeRuns(context, ...args),
): Promise<ArchiveFile> {
  const { dataDir, catalog, id, nowMs } = context
  const plan = planMerged(sources, { id, tier, layout: catalog.currentLayout(), nowMs })
  const archived = catalog.sequences(plan.streamCreatedMs).ranges
  const metadata: FileMetadata = { v: 1, file: plan, archived, replaces: sources.map(({ path }) => path) }
  const source = sourceSql(dataDir, sources, catalog.layouts())
  const written = await write(source, plan, JSON.stringify(metadata))
  if (written.rows !== plan.rows) {
    await rm(paths.file(dataDir, plan.path))
    throw new Error(`${plan.path} has ${written.rows} flows, its sources have ${plan.rows}: the sources stay`)
  }
  const file = { ...plan, bytes: written.bytes }
  catalog.replaceFiles(sources, file, nowMs)
  return file
}

/** Row after row as they stand; where they are few, as one run. With too little memory for that, as they stand in small groups. */
async function writeRuns(
  { dataDir, connection }: MergeContext,
  source: string,
  plan: PlannedFile,
  metadata: string,
): Promise<WrittenFile> {
  const { FLUSH_LAYOUT, writeParquet } = await import('./write.ts')
  const select = `SELECT ${PARQUET_COLUMN_NAMES.join(', ')} FROM ${source}`
  const path = paths.file(dataDir, plan.path)
  try {
    const run = plan.rows <= RUN_ROWS ? `${select} ${RUN_ORDER}` : select
    return await writeParquet(connection, run, path, metadata, MERGED_LAYOUT)
  } catch (error) {
    if (!isOutOfMemory(error)) throw error
    return writeParquet(connection, select, path, metadata, FLUSH_LAYOUT)
  }
}
