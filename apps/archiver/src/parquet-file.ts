// Names of Parquet files, and what each says of itself, so that a lost catalogue can be made again from the files alone.
import type { ArchiveFile, SequenceRange } from '@netbehave/history'

/** What a new file will be, before it is written. */
export type PlannedFile = Omit<ArchiveFile, 'bytes'>

/** Under `flows/`: day, sequences, and an id that is never used twice. */
export const fileName = (day: string, firstSequence: number, lastSequence: number, id: number): string =>
  `${day}/${firstSequence}-${lastSequence}-${id}.parquet`

/** `2026-11-24/1-812-17.parquet` and nothing else. */
export const FILE_NAME = /^(\d{4}-\d{2}-\d{2})\/(\d+)-(\d+)-(\d+)\.parquet$/

/** What stands in a file's metadata under the key `netbehave`. */
export interface FileMetadata {
  readonly v: 1
  readonly file: PlannedFile
  /** Sequences of the file's stream that were archived once it was, in this file or others: seldom more than one range. */
  readonly archived: readonly SequenceRange[]
  /** Paths of the files that this one was made of. */
  readonly replaces: readonly string[]
}

/** One file that holds what several held. */
export function planMerged(
  sources: readonly ArchiveFile[],
  identity: { id: number; tier: number; layout: number; nowMs: number },
): PlannedFile {
  const { id, tier, layout, nowMs } = identity
  const newest = sources.reduce((a, b) => (b.streamCreatedMs > a.streamCreatedMs ? b : a))
  const ofStream = sources.filter(({ streamCreatedMs }) => streamCreatedMs === newest.streamCreatedMs)
  const firstSequence = Math.min(...ofStream.map((file) => file.firstSequence))
  const lastSequence = Math.max(...ofStream.map((file) => file.lastSequence))
  const total = (pick: (file: ArchiveFile) => number) =>
    Math.min(
      sources.reduce((sum, file) => sum + pick(file), 0),
      Number.MAX_SAFE_INTEGER,
    )
  return {
    id,
    path: fileName(newest.day, firstSequence, lastSequence, id),
    day: newest.day,
    tier,
    layout,
    rows: total(({ rows }) => rows),
    flowBytes: total(({ flowBytes }) => flowBytes),
    flowPackets: total(({ flowPackets }) => flowPackets),
    firstMs: Math.min(...sources.map(({ firstMs }) => firstMs)),
    lastMs: Math.max(...sources.map(({ lastMs }) => lastMs)),
    streamCreatedMs: newest.streamCreatedMs,
    firstSequence,
    lastSequence,
    writtenMs: nowMs,
  }
}
