// Every counter of the archiver.
import { type CountedConnection, countConnections } from '@netbehave/service'
import { Counter, Gauge, type Registry } from 'prom-client'

export interface ArchiverCounters {
  batches: number
  flows: number
  /** Batches that were archived already, or that wait for the flush. */
  duplicates: number
  /** Messages that are no valid batch. */
  refused: number
  /** Flows filed under today because their time cannot be right. */
  clockSkew: number
  flushes: number
  flushedFlows: number
  flushFailures: number
  /** Seconds of the last flush, from its first row to its commit. */
  flushSeconds: number
  merges: number
  mergedFlows: number
  closedDays: number
  databaseRows: number
  prunedDays: number
  prunedBytes: number
  maintenanceFailures: number
  orphanFiles: number
  /** Bytes free on the disk of the data directory; null before it was looked at. */
  freeBytes: number | null
  /** 1 while the disk has too little free and there is no day left to remove. */
  diskFull: number
}

export const createCounters = (): ArchiverCounters => ({
  batches: 0,
  flows: 0,
  duplicates: 0,
  refused: 0,
  clockSkew: 0,
  flushes: 0,
  flushedFlows: 0,
  flushFailures: 0,
  flushSeconds: 0,
  merges: 0,
  mergedFlows: 0,
  closedDays: 0,
  databaseRows: 0,
  prunedDays: 0,
  prunedBytes: 0,
  maintenanceFailures: 0,
  orphanFiles: 0,
  freeBytes: null,
  diskFull: 0,
})

/** What is read when the metrics are. */
export interface ArchiverGauges {
  stagedFlows(): number
  files(): number
  diskBytes(): number
  readonly brokers: readonly CountedConnection[]
}

export function registerMetrics(registry: Registry, counters: ArchiverCounters, gauges: ArchiverGauges): void {
  const registers = [registry]
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name: `netbehave_archiver_${name}`,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `netbehave_archiver_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  counter('subscribe_batches_total', 'batches read', () => counters.batches)
  counter('subscribe_flows_total', 'flows read', () => counters.flows)
  counter('subscribe_duplicates_total', 'batches skipped because they are archived already', () => counters.duplicates)
  counter('subscribe_refused_total', 'messages that are no valid batch', () => counters.refused)
  counter(
    'write_clock_skew_flows_total',
    'flows filed under today: their time cannot be right',
    () => counters.clockSkew,
  )
  counter('write_flushes_total', 'flushes committed', () => counters.flushes)
  counter('write_flows_total', 'flows committed', () => counters.flushedFlows)
  counter('write_failures_total', 'flushes that failed and were tried again', () => counters.flushFailures)
  gauge('write_seconds', 'duration of the last flush', () => counters.flushSeconds)
  gauge('write_staged_flows', 'flows that wait for the next flush', gauges.stagedFlows)
  counter('merge_merges_total', 'merges of several files into one', () => counters.merges)
  counter('merge_flows_total', 'flows rewritten by merges', () => counters.mergedFlows)
  counter('close_days_total', 'days closed', () => counters.closedDays)
  counter('close_database_rows_total', 'rows written into daily databases', () => counters.databaseRows)
  counter('retain_pruned_days_total', 'days removed', () => counters.prunedDays)
  counter('retain_pruned_bytes_total', 'bytes removed', () => counters.prunedBytes)
  counter('maintenance_failures_total', 'merges, closes and removals that failed', () => counters.maintenanceFailures)
  counter(
    'tidy_orphan_files_total',
    'files removed because the catalogue does not list them',
    () => counters.orphanFiles,
  )
  gauge('files', 'Parquet files that count', gauges.files)
  gauge('disk_bytes', 'bytes that the archive takes on disk', gauges.diskBytes)
  countConnections(registry, 'archiver', () => gauges.brokers)
  gauge('disk_free_bytes', 'bytes free on its disk; -1 when not known', () => counters.freeBytes ?? -1)
  gauge('disk_full', '1 while the disk is nearly full and no day is left to remove', () => counters.diskFull)
}
