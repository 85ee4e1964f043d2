// One archiver owns a data directory. The claim is a lock that the operating system drops with the process, also on kill -9.
import { join } from 'node:path'
import { paths } from '@netbehave/history'
import { type Database, openDatabase } from '@netbehave/sqlite'

/** Another archiver works in this data directory. */
export class DirectoryOwnedError extends Error {
  override readonly name = 'DirectoryOwnedError'
}

const MIGRATIONS = [
  {
    version: 1,
    name: '001-owner',
    sql: 'CREATE TABLE owner (one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER NOT NULL) STRICT;',
  },
]

/** Claims a data directory for this process until disposed. Throws DirectoryOwnedError. */
export function ownDirectory(dataDir: string, pid: number): Disposable {
  const db = openDatabase(join(paths.flows(dataDir), 'archiver.lock'), MIGRATIONS, { busyTimeoutMs: 0 })
  try {
    db.prepare('INSERT OR REPLACE INTO owner VALUES (1, ?)').run(pid)
    // A write transaction that never ends: nobody else can begin one, everybody can read whose it is.
    db.exec('BEGIN IMMEDIATE')
  } catch (cause) {
    const owner = readOwner(db)
    db.close()
    if (!(cause as { code?: string }).code?.startsWith('SQLITE_BUSY')) throw cause
    throw new DirectoryOwnedError(
      `another archiver (process ${owner}) works in ${dataDir}: stop it, or give this one a data directory of its own`,
      { cause },
    )
  }
  return {
    [Symbol.dispose]() {
      if (db.open) db.close()
    },
  }
}

const readOwner = (db: Database): string => String(db.prepare('SELECT pid FROM owner').pluck().get() ?? 'unknown')
