// The catalogue: which Parquet files count, what is in them, and which batches they hold. The archiver writes it, everybody
// reads it. One transaction makes a flush or a merge visible. Fails: throws SQLite's errors.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, openDatabase, type SetAside } from '@netbehave/sqlite'
import { type DayBounds, paths } from './day.ts'
import { PARQUET_COLUMN_NAMES } from './layout.ts'
import { type SequenceRange, SequenceSet } from './sequences.ts'

/** A Parquet file that counts. */
export interface ArchiveFile {
  /** Never used twice; part of the file's name. */
  readonly id: number
  /** Under `flows/`. */
  readonly path: string
  readonly day: string
  /** 0 a flush, n merged n times, CLOSED_TIER the sorted file of a closed day. */
  readonly tier: number
  readonly layout: number
  readonly rows: number
  /** Size on disk. */
  readonly bytes: number
  readonly flowBytes: number
  readonly flowPackets: number
  /** Smallest start of its flows, epoch ms. */
  readonly firstMs: number
  /** Largest end. */
  readonly lastMs: number
  readonly streamCreatedMs: number
  readonly firstSequence: number
  readonly lastSequence: number
  readonly writtenMs: number
}
export const CLOSED_TIER = 99

/** What one day holds; sums over its files. */
export interface DaySummary {
  readonly day: string
  readonly files: number
  readonly flows: number
  /** Octets and packets as exported; exact below 2^53, saturating above. */
  readonly bytes: number
  readonly packets: number
  readonly firstMs: number
  readonly lastMs: number
  /** Size on disk: Parquet files and daily database. */
  readonly diskBytes: number
  /** Merged into one sorted file, with nothing that came later. */
  readonly closed: boolean
  readonly database: DatabaseSummary | null
}

export interface DatabaseSummary {
  /** Size on disk. */
  readonly bytes: number
  readonly rows: number
  /** How many flows were summed in it; fewer than the day's flows: late ones came after. */
  readonly flows: number
}

/** Sequences of one stream, which is told from others of its name by when it was made. */
export interface StreamRanges {
  readonly streamCreatedMs: number
  readonly ranges: readonly SequenceRange[]
}

/** What is known of a day besides its files. */
export interface DayRecord extends DayBounds {
  readonly closedMs: number | null
  readonly database: DatabaseSummary | null
}

interface DayRow {
  day: string
  startMs: number
  endMs: number
  closedMs: number | null
  databaseBytes: number | null
  databaseRows: number | null
  databaseFlows: number | null
}

/** Stands in the catalogue's header once it lists what is on the disk ("NBfl"). */
const APPLICATION_ID = 0x4e42666c
const MIGRATIONS = join(import.meta.dirname, 'migrations')
const FILE_COLUMNS = `id, path, day, tier, layout, rows, bytes, flow_bytes AS flowBytes, flow_packets AS flowPackets,
  first_ms AS firstMs, last_ms AS lastMs, stream_created_ms AS streamCreatedMs, first_sequence AS firstSequence,
  last_sequence AS lastSequence, written_ms AS writtenMs`
const DAY_COLUMNS = `day, start_ms AS startMs, end_ms AS endMs, closed_ms AS closedMs, database_bytes AS databaseBytes,
  database_rows AS databaseRows, database_flows AS databaseFlows`

/** Ranges kept for one stream; where broken streams left more gaps, the oldest gaps are closed. */
export const SEQUENCE_RANGES = 1000

/** Opens the catalogue for its one writer, creating it when missing. */
export function openCatalog(dataDir: string, options: { onSetAside?: (setAside: SetAside) => void } = {}): Catalog {
  return new Catalog(openDatabase(paths.catalog(dataDir), MIGRATIONS, options))
}

/** Opens the catalogue to read; undefined when nothing was ever archived here. */
export function openCatalogToRead(dataDir: string): Catalog | undefined {
  if (!existsSync(paths.catalog(dataDir))) return undefined
  return openCatalogFile(paths.catalog(dataDir))
}

/** A catalogue by its file, to read: a copy that stands elsewhere. */
export function openCatalogFile(path: string): Catalog {
  return new Catalog(openDatabase(path, [], { readonly: true }))
}

export class Catalog implements Disposable {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  [Symbol.dispose](): void {
    if (this.#db.open) this.#db.close()
  }

  /** Files that hold flows active in [fromMs, toMs), oldest first. */
  filesBetween(fromMs = Number.MIN_SAFE_INTEGER, toMs = Number.MAX_SAFE_INTEGER): ArchiveFile[] {
    return this.#files('last_ms >= ? AND first_ms < ?', Math.ceil(fromMs), Math.ceil(toMs))
  }

  filesOf(day: string): ArchiveFile[] {
    return this.#files('day = ?', day)
  }

  allFiles(): ArchiveFile[] {
    return this.#files('true')
  }

  #files(condition: string, ...params: unknown[]): ArchiveFile[] {
    const sql = `SELECT ${FILE_COLUMNS} FROM file WHERE removed_ms IS NULL AND ${condition} ORDER BY first_ms, id`
    return this.#db.prepare(sql).all(...params) as ArchiveFile[]
  }

  /** Paths of every file that the catalogue knows, also those that only wait for their removal. */
  knownPaths(): Set<string> {
    return new Set(this.#db.prepare('SELECT path FROM file').pluck().all() as string[])
  }

  days(): DaySummary[] {
    return (this.#db.prepare(SUMMARIES).all() as SummaryRow[]).map(toSummary)
  }

  daySummary(day: string): DaySummary | undefined {
    return this.days().find((summary) => summary.day === day)
  }

  day(day: string): DayRecord | undefined {
    const row = this.#db.prepare(`SELECT ${DAY_COLUMNS} FROM day WHERE day = ?`).get(day) as DayRow | undefined
    return row && { ...pickBounds(row), closedMs: row.closedMs, database: toDatabase(row) }
  }

  /** The column names of every layout. */
  layouts(): Map<number, readonly string[]> {
    const rows = this.#db.prepare('SELECT id, columns FROM layout').all() as { id: number; columns: string }[]
    return new Map(rows.map(({ id, columns }) => [id, JSON.parse(columns) as string[]]))
  }

  /** The id of the layout that this program writes. */
  currentLayout(): number {
    return this.layoutOf(PARQUET_COLUMN_NAMES)
  }

  /** The id of the layout with these columns, added when new. */
  layoutOf(columnNames: readonly string[]): number {
    const columns = JSON.stringify(columnNames)
    this.#db.prepare('INSERT OR IGNORE INTO layout (columns) VALUES (?)').run(columns)
    return this.#db.prepare('SELECT id FROM layout WHERE columns = ?').pluck().get(columns) as number
  }

  /** Was the catalogue made just now, and not yet compared with the files that are on the disk? */
  get isNew(): boolean {
    return this.#db.pragma('application_id', { simple: true }) !== APPLICATION_ID
  }

  /** Fills a new catalogue with the files that were found, none or many, and the sequences that they say are archived. */
  rebuild(files: readonly ArchiveFile[], days: readonly DayBounds[], archived: readonly StreamRanges[] = []): void {
    this.#transaction(() => {
      for (const day of days) this.#rememberDay(day)
      for (const file of files) this.#insert(file)
      for (const { streamCreatedMs, ranges } of archived) this.#addRanges(streamCreatedMs, ranges)
      this.#db.pragma(`application_id = ${APPLICATION_ID}`)
    })
  }

  /** An id for the next file; ids of files that never became visible may come again. */
  nextFileId(): number {
    return ((this.#db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'file'").pluck().get() as number) ?? 0) + 1
  }

  sequences(streamCreatedMs: number): SequenceSet {
    const sql = 'SELECT first, last FROM sequence_range WHERE stream_created_ms = ? ORDER BY first'
    return new SequenceSet(this.#db.prepare(sql).all(streamCreatedMs) as SequenceRange[])
  }

  /** Makes the files of one flush visible together with the sequences that they hold. All or nothing. */
  addFlush(
    files: readonly ArchiveFile[],
    days: readonly DayBounds[],
    stream: number,
    ranges: readonly SequenceRange[],
  ) {
    this.#transaction(() => {
      for (const day of days) this.#rememberDay(day)
      for (const file of files) this.#insert(file)
      this.#addRanges(stream, ranges)
    })
  }

  /** Puts one file in the place of others. They stay on disk, unlisted, until `forget`. */
  replaceFiles(replaced: readonly ArchiveFile[], file: ArchiveFile, nowMs: number): void {
    this.#transaction(() => {
      this.#remove(replaced, nowMs)
      this.#insert(file)
    })
  }

  /** Takes files out of the archive; they stay on disk until `forget`. */
  removeFiles(files: readonly ArchiveFile[], nowMs: number): void {
    this.#transaction(() => this.#remove(files, nowMs))
  }

  /** Paths of files that were taken out at or before a time. */
  removedBefore(ms: number): string[] {
    return this.#db.prepare('SELECT path FROM file WHERE removed_ms <= ?').pluck().all(ms) as string[]
  }

  /** A file that was taken out is gone from the disk. */
  forget(path: string): void {
    this.#db.prepare('DELETE FROM file WHERE path = ? AND removed_ms IS NOT NULL').run(path)
  }

  setClosed(day: string, closedMs: number): void {
    this.#db.prepare('UPDATE day SET closed_ms = ? WHERE day = ?').run(closedMs, day)
  }

  setDatabase(day: string, database: DatabaseSummary | null): void {
    const { bytes = null, rows = null, flows = null } = database ?? {}
    const sql = 'UPDATE day SET database_bytes = ?, database_rows = ?, database_flows = ? WHERE day = ?'
    this.#db.prepare(sql).run(bytes, rows, flows, day)
  }

  /** Forgets a day that has no files any more. */
  forgetDay(day: string): void {
    this.#db.prepare('DELETE FROM day WHERE day = ?').run(day)
  }

  #transaction(work: () => void): void {
    this.#db.transaction(work).immediate()
  }

  #rememberDay({ day, startMs, endMs }: DayBounds): void {
    this.#db.prepare('INSERT OR IGNORE INTO day (day, start_ms, end_ms) VALUES (?, ?, ?)').run(day, startMs, endMs)
  }

  #insert(file: ArchiveFile): void {
    const sql = `INSERT INTO file (id, path, day, tier, layout, rows, bytes, flow_bytes, flow_packets, first_ms, last_ms,
      stream_created_ms, first_sequence, last_sequence, written_ms)
      VALUES (@id, @path, @day, @tier, @layout, @rows, @bytes, @flowBytes, @flowPackets, @firstMs, @lastMs,
      @streamCreatedMs, @firstSequence, @lastSequence, @writtenMs)`
    this.#db.prepare(sql).run(file)
  }

  #remove(files: readonly ArchiveFile[], nowMs: number): void {
    const remove = this.#db.prepare('UPDATE file SET removed_ms = ? WHERE id = ? AND removed_ms IS NULL')
    for (const { id, path } of files) {
      if (remove.run(nowMs, id).changes !== 1) throw new Error(`${path} is not in the catalogue any more`)
    }
  }

  #addRanges(stream: number, ranges: readonly SequenceRange[]): void {
    const known = this.sequences(stream)
    for (const { first, last } of ranges) known.add(first, last)
    while (known.ranges.length > SEQUENCE_RANGES) known.add(known.ranges[0]!.first, known.ranges[1]!.last)
    this.#db.prepare('DELETE FROM sequence_range WHERE stream_created_ms = ?').run(stream)
    const insert = this.#db.prepare('INSERT INTO sequence_range (stream_created_ms, first, last) VALUES (?, ?, ?)')
    for (const { first, last } of known.ranges) insert.run(stream, first, last)
  }
}

interface SummaryRow extends Omit<DayRow, 'startMs' | 'endMs'> {
  files: number
  flows: number
  fileBytes: number
  bytes: number
  packets: number
  firstMs: number
  lastMs: number
  tier: number
}

// total(), not sum(): a sum over 2^63 is an error, and above 2^53 the value saturates anyway.
const SUMMARIES = `SELECT file.day, count(*) AS files, sum(rows) AS flows, sum(bytes) AS fileBytes,
  total(flow_bytes) AS bytes, total(flow_packets) AS packets, min(first_ms) AS firstMs, max(last_ms) AS lastMs,
  min(tier) AS tier, closed_ms AS closedMs, database_bytes AS databaseBytes, database_rows AS databaseRows,
  database_flows AS databaseFlows
  FROM file LEFT JOIN day ON day.day = file.day WHERE removed_ms IS NULL GROUP BY file.day ORDER BY file.day`

function toSummary(row: SummaryRow): DaySummary {
  const { day, files, flows, firstMs, lastMs } = row
  const database = toDatabase(row)
  return {
    day,
    files,
    flows,
    bytes: Math.min(row.bytes, Number.MAX_SAFE_INTEGER),
    packets: Math.min(row.packets, Number.MAX_SAFE_INTEGER),
    firstMs,
    lastMs,
    diskBytes: row.fileBytes + (database?.bytes ?? 0),
    closed: row.closedMs !== null && files === 1 && row.tier === CLOSED_TIER,
    database,
  }
}

function toDatabase(row: Pick<DayRow, 'databaseBytes' | 'databaseRows' | 'databaseFlows'>): DatabaseSummary | null {
  const { databaseBytes: bytes, databaseRows: rows, databaseFlows: flows } = row
  return bytes === null || rows === null || flows === null ? null : { bytes, rows, flows }
}

const pickBounds = ({ day, startMs, endMs }: DayBounds): DayBounds => ({ day, startMs, endMs })
