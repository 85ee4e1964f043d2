// The archive as the one who writes sees it: batches in, Parquet files and catalogue out, each batch exactly once.
// A flush is: files written, synced, renamed; then one transaction that lists the files and the sequences they hold; only
// then may the batches be acknowledged. A flush that fails keeps its flows and is tried again by the next call.
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import {
  type ArchiveFile,
  type Catalog,
  createDayClock,
  type DayClock,
  openCatalog,
  paths,
  SequenceSet,
} from '@netbehave/history'
import type { FlowBatch } from '@netbehave/schema'
import { type ArchiverConfig, SORTING_MB } from './config.ts'
import { maintain } from './maintain.ts'
import type { ArchiverCounters } from './metrics.ts'
import { ownDirectory } from './own.ts'
import { type FileMetadata, fileName, type PlannedFile } from './parquet-file.ts'
import { createSession, type Session } from './session.ts'
import type { Sink, WriteOutcome } from './sink.ts'
import { StagedFlows } from './staged-flows.ts'
import { recoverCatalog, removeOrphans } from './tidy.ts'

/** What the archive needs of a logger. */
export interface ArchiveLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface ArchiveOptions {
  readonly dataDir: string
  readonly settings: Omit<ArchiverConfig, 'flushIntervalMs' | 'maintenanceIntervalMs'>
  readonly counters: ArchiverCounters
  readonly log: ArchiveLog
  /** Epoch ms. */
  readonly now: () => number
  /** Called between the steps of a flush; tests stop the process or fail the step here. */
  readonly onStep?: (step: FlushStep) => void | Promise<void>
}

export type FlushStep = 'begin' | 'written' | 'committed'

/** Flows and sequences that become visible together. */
interface Generation {
  readonly flows: StagedFlows
  readonly sequences: SequenceSet
  streamCreatedMs: number
}

/** Texts of one flush, in characters; a sender of ever new texts makes flushes small, not memory large. */
export const FLUSH_TEXT_CHARACTERS = 8 * 1024 * 1024

export interface Archive extends Sink, AsyncDisposable {
  readonly catalog: Catalog
  readonly clock: DayClock
  readonly stagedFlows: number
  /** Merges, closes and removes what is due. Failures are counted and logged; the next round tries again. */
  maintain(): Promise<void>
}

/** Opens the archive of a data directory for its one writer. Throws DirectoryOwnedError. */
export async function openArchive(options: ArchiveOptions): Promise<Archive> {
  const { dataDir, settings, counters, log, now, onStep } = options
  if (settings.memoryLimitMb < SORTING_MB)
    log.warn(
      { memoryLimitMb: settings.memoryLimitMb },
      `archiver.memoryLimitMb is ${settings.memoryLimitMb}: with less than ${SORTING_MB} small days may stay unsorted when they are closed, and are searched more slowly; set ${SORTING_MB} or more, or leave it out`,
    )
  mkdirSync(paths.flows(dataDir), { recursive: true })
  const owned = ownDirectory(dataDir, process.pid)
  const clock = createDayClock(settings.timeZone)
  const session = createSession(dataDir, settings)
  const catalog = openCatalog(dataDir, {
    onSetAside: ({ path, reason }) =>
      log.error({ path, reason }, `the catalogue was damaged (${reason}); kept as ${path}`),
  })
  await compareWithDisk(options, catalog, session, clock)

  let nextId = catalog.nextFileId()
  let staging = createGeneration()
  let spare: Generation | undefined
  /** Taken from staging and not yet committed. */
  let unwritten: Generation | undefined
  let flushing: Promise<void> = Promise.resolve()
  let maintaining: Promise<void> | undefined
  const archived = new Map<number, SequenceSet>()

  function archivedOf(streamCreatedMs: number): SequenceSet {
    let known = archived.get(streamCreatedMs)
    if (!known) archived.set(streamCreatedMs, (known = catalog.sequences(streamCreatedMs)))
    return known
  }

  function isKnown(sequence: number, stream: number): boolean {
    if (archivedOf(stream).has(sequence)) return true
    return [staging, unwritten].some((held) => held?.streamCreatedMs === stream && held.sequences.has(sequence))
  }

  function mustFlushBefore(flows: number, stream: number): boolean {
    const held = staging.flows
    if (staging.sequences.ranges.length === 0) return false
    return (
      staging.streamCreatedMs !== stream ||
      held.length + flows > settings.flushRows ||
      held.textCharacters > FLUSH_TEXT_CHARACTERS
    )
  }

  function write(batch: FlowBatch, sequence: number, stream: number): WriteOutcome {
    if (isKnown(sequence, stream)) {
      counters.duplicates++
      return 'duplicate'
    }
    checkStream(sequence, stream)
    const filing = { clock, nowMs: now(), clockSkewMs: settings.clockSkewMs }
    counters.clockSkew += staging.flows.append(batch, filing)
    staging.sequences.add(sequence)
    return 'staged'
  }

  function checkStream(sequence: number, stream: number): void {
    const isOther = staging.sequences.ranges.length > 0 && staging.streamCreatedMs !== stream
    if (isOther) throw new Error(`sequence ${sequence} is of another stream than what waits: flush first`)
    staging.streamCreatedMs = stream
  }

  /** Flushes run one after the other; each writes what a failed one left, then what is staged when its turn comes. */
  function flush(): Promise<void> {
    flushing = flushing.then(flushNow, flushNow)
    return flushing
  }

  async function flushNow(): Promise<void> {
    if (unwritten) await commit(unwritten)
    if (staging.sequences.ranges.length === 0) return
    unwritten = staging
    staging = spare ?? createGeneration()
    spare = undefined
    await commit(unwritten)
  }

  async function commit(generation: Generation): Promise<void> {
    const startedMs = performance.now()
    const { flows, sequences, streamCreatedMs } = generation
    const plans = planFiles(generation)
    try {
      await onStep?.('begin')
      const files = await writeFiles(generation, plans)
      await onStep?.('written')
      const days = flows.days.map(({ bounds }) => bounds)
      catalog.addFlush(files, days, streamCreatedMs, sequences.ranges)
    } catch (error) {
      counters.flushFailures++
      for (const { path } of plans) await rm(paths.file(dataDir, path), { force: true })
      throw error
    }
    for (const { first, last } of sequences.ranges) archivedOf(streamCreatedMs).add(first, last)
    counters.flushes++
    counters.flushedFlows += flows.length
    counters.flushSeconds = (performance.now() - startedMs) / 1000
    flows.clear()
    sequences.clear()
    unwritten = undefined
    spare = generation
    await onStep?.('committed')
  }

  function planFiles({ flows, sequences, streamCreatedMs }: Generation): PlannedFile[] {
    const firstSequence = sequences.ranges[0]!.first
    const lastSequence = sequences.last
    const layout = catalog.currentLayout()
    return flows.days.map(({ bounds: { day }, rows, bytes: flowBytes, packets: flowPackets, firstMs, lastMs }) => {
      const id = nextId++
      const path = fileName(day, firstSequence, lastSequence, id)
      const sequenceRange = { streamCreatedMs, firstSequence, lastSequence }
      const sums = { rows, flowBytes, flowPackets, firstMs, lastMs }
      return { id, path, day, tier: 0, layout, ...sums, ...sequenceRange, writtenMs: now() }
    })
  }

  async function writeFiles(
    { flows, sequences, streamCreatedMs }: Generation,
    plans: PlannedFile[],
  ): Promise<ArchiveFile[]> {
    if (plans.length === 0) return []
    const archived = new SequenceSet([...archivedOf(streamCreatedMs).ranges, ...sequences.ranges]).ranges
    const filePlans = plans.map((file, day) => ({
      path: paths.file(dataDir, file.path),
      day,
      metadata: JSON.stringify({ v: 1, file, archived, replaces: [] } satisfies FileMetadata),
    }))
    const written = await (await session.writer()).write(flows, filePlans)
    return plans.map((plan, i) => {
      const { bytes, rows } = written[i]!
      if (rows !== plan.rows) throw new Error(`${plan.path} has ${rows} flows instead of ${plan.rows}`)
      return { ...plan, bytes }
    })
  }

  function runMaintenance(): Promise<void> {
    const context = { dataDir, settings, catalog, clock, session, counters, log, now, takeId: () => nextId++ }
    maintaining ??= maintain(context).finally(() => {
      maintaining = undefined
    })
    return maintaining
  }

  return {
    catalog,
    clock,
    get stagedFlows() {
      return staging.flows.length + (unwritten?.flows.length ?? 0)
    },
    mustFlushBefore,
    write,
    flush,
    lastSequence: (stream) => archivedOf(stream).last,
    maintain: runMaintenance,
    async [Symbol.asyncDispose]() {
      await flushing.catch(() => {}) // its caller has the error
      await maintaining
      await session[Symbol.asyncDispose]()
      catalog[Symbol.dispose]()
      owned[Symbol.dispose]()
    },
  }
}

const createGeneration = (): Generation => ({
  flows: new StagedFlows(),
  sequences: new SequenceSet(),
  streamCreatedMs: 0,
})

async function compareWithDisk(
  { dataDir, counters, log }: ArchiveOptions,
  catalog: Catalog,
  session: Session,
  clock: DayClock,
): Promise<void> {
  if (catalog.isNew) {
    const { files, unreadable } = await recoverCatalog(dataDir, catalog, session.duckDb, clock)
    if (files > 0) log.warn({ files }, `the catalogue was lost and is made again from ${files} files`)
    if (unreadable.length > 0) log.error({ unreadable }, `${unreadable.length} files cannot be read and were set aside`)
  }
  counters.orphanFiles = await removeOrphans(dataDir, catalog)
  if (counters.orphanFiles > 0)
    log.info({ files: counters.orphanFiles }, 'removed files of an interrupted flush or merge')
}
