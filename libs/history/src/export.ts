// A whole day as one file to take away: the daily database, Parquet, CSV or JSON lines. Written under a temporary name.

import { copyFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Flow } from '@netbehave/schema'
import { writeDailyDatabase } from './daily-database.ts'
import { paths } from './day.ts'
import { openDuckDb, quote } from './duckdb.ts'
import { chunkToFlows } from './flow-row.ts'
import { PARQUET_COLUMN_NAMES } from './layout.ts'
import { type QueryContext, runQuery } from './query.ts'
import { sourceSql } from './source.ts'

export const EXPORT_FORMATS = ['sqlite', 'parquet', 'csv', 'json'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export interface ExportOptions {
  readonly format: ExportFormat
  /** The file to write; one that exists is replaced. */
  readonly to: string
}

/** Writes a day; `rows` are flows, for `sqlite` the rows of the table `flow`. */
export async function exportDay(
  context: QueryContext,
  day: string,
  { format, to }: ExportOptions,
): Promise<{ rows: number; bytes: number }> {
  const path = resolve(to)
  if (format === 'sqlite') return exportDatabase(context, day, path)
  const temporary = `${path}.tmp`
  try {
    if (format === 'parquet') await exportParquet(context, day, temporary)
    else await exportText(context, day, temporary, format)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  return { rows: context.catalog.daySummary(day)?.flows ?? 0, bytes: statSync(path).size }
}

/** The database made at day close when no flow came after; else a new one. */
async function exportDatabase(context: QueryContext, day: string, path: string) {
  const summary = context.catalog.daySummary(day)
  const made = summary?.database
  if (!made || made.flows !== summary.flows) return writeDailyDatabase(context, day, path)
  const temporary = `${path}.tmp`
  copyFileSync(paths.database(context.dataDir, day), temporary)
  renameSync(temporary, path)
  return made
}

async function exportParquet({ dataDir, catalog }: QueryContext, day: string, path: string): Promise<void> {
  const files = catalog.filesOf(day)
  if (files.length === 1) return copyFileSync(paths.file(dataDir, files[0]!.path), path)
  using duckDb = await openDuckDb({
    directories: [paths.flows(dataDir), dirname(path)],
    temporaryDirectory: `${path}.spill`,
    memoryLimitMb: 200,
    threads: 2,
  })
  const connection = await duckDb.connect()
  const source = sourceSql(dataDir, files, catalog.layouts())
  await connection.run(
    `COPY (SELECT ${PARQUET_COLUMN_NAMES.join(', ')} FROM ${source}) TO ${quote(path)} (FORMAT parquet, COMPRESSION zstd)`,
  )
  connection.closeSync()
}

async function exportText(context: QueryContext, day: string, path: string, format: 'csv' | 'json'): Promise<void> {
  const select = (source: string, where: string) =>
    `SELECT ${PARQUET_COLUMN_NAMES.join(', ')} FROM ${source} WHERE ${where}`
  const line = format === 'csv' ? csvLine : (flow: Flow) => JSON.stringify(flow)
  const file = await open(path, 'w')
  try {
    if (format === 'csv') await file.write(`${CSV_COLUMNS.join(',')}\n`)
    for await (const chunk of runQuery(context, { day }, select)) {
      await file.write(
        chunkToFlows(chunk)
          .map((flow) => `${line(flow)}\n`)
          .join(''),
      )
    }
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

function csvCell(value: string | number | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
