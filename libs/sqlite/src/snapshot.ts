// A copy of a database as it is at one moment, while others go on writing it.
import { closeSync, fsyncSync, openSync } from 'node:fs'
import BetterSqlite from 'better-sqlite3'

/** Writes the database `path` to the new file `to`, which is on the disk when this returns. Throws SQLite's error; `to` may then be there in part. */
export function snapshotDatabase(path: string, to: string): void {
  const db = new BetterSqlite(path, { readonly: true, fileMustExist: true })
  try {
    db.prepare('VACUUM INTO ?').run(to)
  } finally {
    db.close()
  }
  const file = openSync(to, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
