// Reading daily databases as their users do: plain SQL on the table `flow`.
import { openDatabase } from '@netbehave/sqlite'

export interface DailyRow {
  readonly srcip: string
  readonly dstip: string
  readonly proto: number
  readonly srcport: number
  readonly dstport: number
  readonly hits: number
  readonly bytes: number
  readonly packets: number
  readonly dateAdded: string
  readonly dateLastSeen: string
}

export interface DailySums {
  readonly rows: number
  readonly hits: number
  readonly bytes: number
  readonly packets: number
}

/** Every row of a daily database. */
export function dailyRows(path: string): DailyRow[] {
  return query(path, 'SELECT * FROM flow') as DailyRow[]
}

export function dailySums(path: string): DailySums {
  const sql = `SELECT count(*) AS rows, total(hits) AS hits, total(bytes) AS bytes, total(packets) AS packets FROM flow`
  return query(path, sql)[0] as DailySums
}

/** `ok`, or what SQLite finds wrong in the file. */
export const integrityOf = (path: string): string =>
  (query(path, 'PRAGMA integrity_check') as { integrity_check: string }[])
    .map(({ integrity_check }) => integrity_check)
    .join('\n')

function query(path: string, sql: string): unknown[] {
  const db = openDatabase(path, [], { readonly: true })
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}
