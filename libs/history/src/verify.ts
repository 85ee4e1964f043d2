// Does a day's archive hold what the catalogue says? Reads every file whole.
import { statSync } from 'node:fs'
import type { ArchiveFile } from './catalog.ts'
import { paths } from './day.ts'
import { queryRow } from './duckdb.ts'
import type { QueryContext } from './query.ts'
import { sourceSql } from './source.ts'

export interface DayVerdict {
  day: string
  ok: boolean
  files: number
  flows: number
  /** One sentence for each thing that is not as the catalogue says. */
  problems: string[]
}

/** Compares rows, sums, times and sizes of each file of a day with the catalogue. */
export async function verifyDay({ dataDir, catalog, duckDb }: QueryContext, day: string): Promise<DayVerdict> {
  const files = catalog.filesOf(day)
  const problems: string[] = []
  let flows = 0
  const connection = await duckDb.connect()
  try {
    for (const file of files) {
      problems.push(...(await findProblems(file)))
      flows += file.rows
    }
  } finally {
    connection.closeSync()
  }
  return { day, ok: problems.length === 0, files: files.length, flows, problems }

  async function findProblems(file: ArchiveFile): Promise<string[]> {
    const bytes = statSync(paths.file(dataDir, file.path), { throwIfNoEntry: false })?.size
    if (bytes === undefined) return [`${file.path} is missing`]
    try {
      const sql = `SELECT count(*), sum(bytes), sum(packets), min(first_ms), max(last_ms), count(DISTINCT ${EVERY_COLUMN})
        FROM ${sourceSql(dataDir, [file], catalog.layouts())} AS flow`
      const [rows, flowBytes, flowPackets, firstMs, lastMs] = (await queryRow(connection, sql)).map(Number)
      const found = { bytes, rows, flowBytes, flowPackets, firstMs, lastMs }
      return Object.entries(found)
        .filter(([name, value]) => value !== file[name as keyof typeof found])
        .map(([name, value]) => `${file.path}: ${name} is ${value}, the catalogue says ${file[name as 'bytes']}`)
    } catch (error) {
      return [`${file.path} cannot be read: ${(error as Error).message}`]
    }
  }
}

// Makes DuckDB decode all columns, so that a damaged page anywhere is found.
const EVERY_COLUMN = 'hash(flow)'
