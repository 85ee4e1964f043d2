// A whole day as one file to take away: the daily database, Parquet, CSV or JSON lines. Written under a temporary name.

import { copyFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Ast } from '@netbehave/filter'
import { Flow } from '@netbehave/schema'
import { writeDailyDatabase } from './daily-database.ts'
import { paths } from './day.ts'
import { openDuckDb, quote } from './duckdb.ts'
import { chunkToFlows } from './flow-row.ts'
import { PARQUET_COLUMN_NAMES } from './layout.ts'
import { bindable, type QueryContext, runQuery } from './query.ts'
import { sourceSql } from './source.ts'
import { filterWhere, type Where } from './where.ts'

export const EXPORT_FORMATS = ['sqlite', 'parquet', 'csv', 'json'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export interface ExportOptions {
  readonly format: ExportFormat
  /** The file to write; one that exists is replaced. */
  readonly to: string
  /** Only flows that match; without it, all. */
  readonly filter?: Ast | undefined
}

/** Writes a day; `rows` are flows, for `sqlite` the rows of the table `flow`. */
export async function exportDay(
  context: QueryContext,
  day: string,
  { format, to, filter }: ExportOptions,
): Promise<{ rows: number; bytes: number }> {
  const path = resolve(to)
  const where = filterWhere(filter)
  if (format === 'sqlite') return exportDatabase(context, day, where, path)
  const temporary = `${path}.tmp`
  try {
    const rows =
      format === 'parquet'
        ? await exportParquet(context, day, where, temporary)
        : await exportText(context, day, where, temporary, format)
    renameSync(temporary, path)
    return { rows, bytes: statSync(path).size }
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

const isEverything = ({ sql }: Where): boolean => sql === 'true'

/** The database made at day close when no flow came after; else a new one. */
async function exportDatabase(context: QueryContext, day: string, where: Where, path: string) {
  const summary = context.catalog.daySummary(day)
  const made = summary?.database
  if (!made || made.flows !== summary.flows || !isEverything(where)) {
    return writeDailyDatabase(context, day, path, where)
  }
  const temporary = `${path}.tmp`
  copyFileSync(paths.database(context.dataDir, day), temporary)
  renameSync(temporary, path)
  return made
}

/** Returns how many flows were written, as do the others. */
async function exportParquet({ dataDir, catalog }: QueryContext, day: string, where: Where, path: string) {
  const files = catalog.filesOf(day)
  if (files.length === 1 && isEverything(where)) {
    copyFileSync(paths.file(dataDir, files[0]!.path), path)
    return files[0]!.rows
  }
  using duckDb = await openDuckDb({
    directories: [paths.flows(dataDir), dirname(path)],
    temporaryDirectory: `${path}.spill`,
    memoryLimitMb: 200,
    threads: 2,
  })
  const connection = await duckDb.connect()
  const source = sourceSql(dataDir, files, catalog.layouts())
  const select = `SELECT ${PARQUET_COLUMN_NAMES.join(', ')} FROM ${source} WHERE ${where.sql}`
  const result = await connection.run(
    `COPY (${select}) TO ${quote(path)} (FORMAT parquet, COMPRESSION zstd)`,
    await bindable(where.params),
  )
  const rows = Number((await result.getRows())[0]?.[0])
  connection.closeSync()
  return rows
}

async function exportText(
  context: QueryContext,
  day: string,
  where: Where,
  path: string,
  format: 'csv' | 'json',
): Promise<number> {
  const select = (source: string, condition: string) =>
    `SELECT ${PARQUET_COLUMN_NAMES.join(', ')} FROM ${source} WHERE ${condition}`
  const line = format === 'csv' ? csvLine : (flow: Flow) => JSON.stringify(flow)
  const file = await open(path, 'w')
  let rows = 0
  try {
    if (format === 'csv') await file.appendFile(`${CSV_COLUMNS.join(',')}\n`)
    for await (const chunk of runQuery(context, { day, where }, select)) {
      rows += chunk.rowCount
      // Not write(), which leaves off the rest where the disk fills up within a piece.
      await file.appendFile(
        chunkToFlows(chunk)
          .map((flow) => `${line(flow)}\n`)
          .join(''),
      )
    }
    return rows
  } finally {
    await file.close()
  }
}

/** The columns of a CSV file: the members of Flow. */
export const CSV_COLUMNS = Object.keys(Flow.shape) as (keyof Flow)[]

/** A flow as a line of CSV (RFC 4180). Text that a spreadsheet would run as a formula gets a leading apostrophe. */
export function csvLine(flow: Flow): string {
  return CSV_COLUMNS.map((name) => csvCell(flow[name])).join(',')
}

/** One cell of such a line. */
export function csvCell(value: string | number | null | undefined): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
