// The daily database: one day as a SQLite file with the table `flow` that the original's users know, flows of one key summed.
// DuckDB groups, SQLite stores. Written under a temporary name and renamed, so a file that is there is whole.
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DuckDBBlobValue, DuckDBDataChunk } from '@duckdb/node-api'
import { formatIpv4, formatIpv6 } from '@netbehave/schema'
import { createDatabaseFile, type Statement } from '@netbehave/sqlite'
import type { DatabaseSummary } from './catalog.ts'
import { type QueryContext, runQuery } from './query.ts'
import type { Where } from './where.ts'

// Without rowid the rows lie in their primary key: half the size and half the work of a table with an index beside it.
const CREATE_TABLE = `CREATE TABLE flow (
  srcip TEXT NOT NULL, dstip TEXT NOT NULL, proto INTEGER NOT NULL, srcport INTEGER NOT NULL, dstport INTEGER NOT NULL,
  srcdomain TEXT NOT NULL, dstdomain TEXT NOT NULL, srcnetwork TEXT, dstnetwork TEXT, servicename TEXT, "match" TEXT,
  dateAdded TEXT NOT NULL, dateLastSeen TEXT NOT NULL,
  hits INTEGER NOT NULL, bytes INTEGER NOT NULL, packets INTEGER NOT NULL,
  PRIMARY KEY (srcip, dstip, proto, srcport, dstport, srcdomain, dstdomain)
) WITHOUT ROWID`

// A key's other texts can differ between its flows (a rule that changed at noon): the smallest text stands for all.
// Sums are cut at SQLite's largest integer. Sorted, because inserting in the order of the key is several times faster.
const groupSql = (source: string, where: string): string => `
  SELECT src_ip4, src_ip6, dst_ip4, dst_ip6, protocol, src_port, dst_port,
    coalesce(src_name, '') AS srcdomain, coalesce(dst_name, '') AS dstdomain,
    min(src_net), min(dst_net), min(service), min(rule), min(first_ms), max(last_ms), count(*),
    least(sum(bytes), 9223372036854775807)::BIGINT, least(sum(packets), 9223372036854775807)::BIGINT
  FROM ${source} WHERE ${where}
  GROUP BY src_ip4, src_ip6, dst_ip4, dst_ip6, protocol, src_port, dst_port, srcdomain, dstdomain
  ORDER BY src_ip4, src_ip6, dst_ip4, dst_ip6, protocol, src_port, dst_port`

const INSERT = `INSERT INTO flow VALUES (${Array(16).fill('?').join(', ')})`

/**
 * Writes the daily database of a day to `path`, in the place of an older one; with a condition, only of the flows that meet it.
 * Gives the event loop its turn between chunks.
 */
export async function writeDailyDatabase(
  context: QueryContext,
  day: string,
  path: string,
  where?: Where,
): Promise<DatabaseSummary> {
  const temporary = `${path}.tmp`
  mkdirSync(dirname(path), { recursive: true })
  rmSync(temporary, { force: true })
  const db = createDatabaseFile(temporary)
  let rows = 0
  let flows = 0
  try {
    db.exec(CREATE_TABLE)
    db.exec('BEGIN')
    const insert = db.prepare<unknown[]>(INSERT)
    for await (const chunk of runQuery(context, { day, where }, groupSql)) {
      rows += chunk.rowCount
      flows += insertChunk(insert, chunk)
    }
    db.exec('COMMIT')
    db.close()
    syncFile(temporary)
    renameSync(temporary, path)
  } catch (error) {
    db.close()
    rmSync(temporary, { force: true })
    throw error
  }
  return { bytes: statSync(path).size, rows, flows }
}

function insertChunk(insert: Statement<unknown[]>, chunk: DuckDBDataChunk): number {
  const columns = chunk.getColumns()
  let flows = 0
  const at = (column: number, row: number) => columns[column]![row]
  const address = (column: number, row: number): string => {
    const ipv4 = at(column, row)
    return ipv4 === null ? formatIpv6((at(column + 1, row) as DuckDBBlobValue).bytes) : formatIpv4(ipv4 as number)
  }
  for (let row = 0; row < chunk.rowCount; row++) {
    insert.run(
      address(0, row),
      address(2, row),
      ...columns.slice(4, 13).map((values) => values[row]),
      sqliteTime(Number(at(13, row))),
      sqliteTime(Number(at(14, row))),
      ...columns.slice(15).map((values) => values[row]),
    )
    flows += Number(at(15, row))
  }
  return flows
}

/** Epoch ms → `2026-11-24 03:55:37.123`, UTC, as SQLite's own date functions read and compare it. */
const sqliteTime = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')

function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  fsyncSync(file)
  closeSync(file)
}
