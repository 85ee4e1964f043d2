// Everything that is done to the archive apart from writing flows: merge, close, retain, tidy. One round at a time, beside the
// flushes. Each task that fails is logged and counted and tried again in the next round; none of them loses a flow.
import { rm } from 'node:fs/promises'
import { type Catalog, type DayClock, paths } from '@netbehave/history'
import type { ArchiveLog } from './archive.ts'
import { closeDay, planClose } from './close.ts'
import type { ArchiverConfig } from './config.ts'
import { mergeFiles, pickMerge } from './merge.ts'
import type { ArchiverCounters } from './metrics.ts'
import { planRetention, readFreeBytes } from './retain.ts'
import type { Session } from './session.ts'
import { deleteRemoved } from './tidy.ts'

export interface MaintainContext {
  readonly dataDir: string
  readonly settings: Omit<ArchiverConfig, 'flushIntervalMs' | 'maintenanceIntervalMs'>
  readonly catalog: Catalog
  readonly clock: DayClock
  readonly session: Session
  readonly counters: ArchiverCounters
  readonly log: ArchiveLog
  readonly now: () => number
  /** An id for a new file. */
  readonly takeId: () => number
}

/** A replaced file stays so long for queries that began before; longer than a query may take. */
export const GRACE_MS = 120_000

/** One round. Never rejects. */
export async function maintain(context: MaintainContext): Promise<void> {
  await attempt(context, 'retain', () => retain(context))
  for (const { day } of context.catalog.days()) await attempt(context, 'merge', () => mergeDay(context, day), day)
  for (const { day } of context.catalog.days()) await attempt(context, 'close', () => closeDueDay(context, day), day)
  await attempt(context, 'tidy', () => deleteRemoved(context.dataDir, context.catalog, context.now() - GRACE_MS))
}

/** `day` where the work is that of one day: the others are done all the same. */
async function attempt(
  { counters, log }: MaintainContext,
  step: string,
  work: () => Promise<void>,
  day?: string,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    counters.maintenanceFailures++
    const what = day === undefined ? step : `${step} of ${day}`
    // DuckDB adds advice about settings that are not the operator's.
    const [reason] = (error as Error).message.split('\n')
    log.error({ err: error, step, day }, `${what} failed, will try again: ${reason}`)
  }
}

async function mergeDay({ dataDir, catalog, session, counters, takeId, now }: MaintainContext, day: string) {
  for (let pick = pickMerge(catalog.filesOf(day)); pick; pick = pickMerge(catalog.filesOf(day))) {
    const connection = await session.merging()
    const context = { dataDir, catalog, connection, id: takeId(), nowMs: now() }
    const { rows } = await mergeFiles(context, pick.sources, pick.tier)
    counters.merges++
    counters.mergedFlows += rows
  }
}

async function closeDueDay(context: MaintainContext, day: string): Promise<void> {
  const { dataDir, catalog, session, settings, counters, log, takeId, now } = context
  const record = catalog.day(day)
  const task = record && planClose(record, catalog.filesOf(day), now(), settings)
  if (!task) return
  const duckDbs = { connection: await session.merging(), duckDb: await session.duckDb() }
  const neighbours = { dataDir, catalog, settings, log, ...duckDbs }
  const database = await closeDay({ ...neighbours, id: takeId(), nowMs: now() }, task)
  counters.closedDays++
  counters.databaseRows += database?.rows ?? 0
  log.info({ step: 'close', day, flows: task.flows, databaseRows: database?.rows }, `closed ${day}`)
}

async function retain(context: MaintainContext): Promise<void> {
  const { dataDir, catalog, clock, settings, counters, log, now } = context
  const freeBytes = await readFreeBytes(paths.flows(dataDir))
  counters.freeBytes = freeBytes
  const endMs = (day: string) => catalog.day(day)?.endMs ?? clock.bounds(day).endMs
  const { prune, stillFull } = planRetention(catalog.days(), clock.at(now()), endMs, freeBytes, settings)
  for (const day of prune) await pruneDay(context, day)
  if (stillFull && counters.diskFull === 0) {
    log.error(
      { freeBytes, minFreeBytes: settings.minFreeBytes },
      `only ${freeBytes} bytes are free in ${dataDir} and there is no older day to remove: free some space`,
    )
  }
  counters.diskFull = stillFull ? 1 : 0
}

/** Removes a day: its files at once when the disk needs the space, else after the grace period for running queries. */
async function pruneDay(context: MaintainContext, day: string): Promise<void> {
  const { dataDir, catalog, settings, counters, log, now } = context
  const files = catalog.filesOf(day)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0) + (catalog.day(day)?.database?.bytes ?? 0)
  await rm(paths.database(dataDir, day), { force: true })
  catalog.removeFiles(files, now())
  catalog.forgetDay(day)
  if ((counters.freeBytes ?? 0) < settings.minFreeBytes) await deleteRemoved(dataDir, catalog, now())
  counters.prunedDays++
  counters.prunedBytes += bytes
  log.info({ step: 'retain', day, bytes }, `removed ${day}`)
}
