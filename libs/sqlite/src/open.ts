// Opens the SQLite database of one service: WAL, waits for locks, migrations, and a check after an unclean stop.
// In: a path and the migrations. Out: a better-sqlite3 database. Fails: throws; a damaged file is set aside, never deleted.
import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import BetterSqlite, { type Database } from 'better-sqlite3'
import { type Migration, migrate, readMigrations } from './migrations.ts'

export type { Database, Statement } from 'better-sqlite3'

/** A damaged file that was renamed; beside it `<path>.reason.txt` says why. */
export interface SetAside {
  /** Where the damaged file is now. */
  readonly path: string
  /** What SQLite said of it. */
  readonly reason: string
}

export interface OpenOptions {
  /** How long a statement waits for another process's lock. */
  readonly busyTimeoutMs?: number
  /** Only read; the file must exist, nothing is migrated or checked. */
  readonly readonly?: boolean
  /** Told when a damaged file was set aside and a new one begun. */
  readonly onSetAside?: (setAside: SetAside) => void
  /** Epoch ms, for the name of a file that is set aside. */
  readonly now?: () => number
}

const BUSY_TIMEOUT_MS = 5000

/**
 * Opens, creates when missing. `migrations` is a list or the folder of `NNN-what.sql` files. Whoever opens it closes it.
 * Throws NewerDatabaseError, or SQLite's error (`code` SQLITE_BUSY, SQLITE_CANTOPEN …).
 */
export function openDatabase(
  path: string,
  migrations: readonly Migration[] | string,
  options: OpenOptions = {},
): Database {
  const { busyTimeoutMs = BUSY_TIMEOUT_MS } = options
  if (options.readonly) return new BetterSqlite(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs })
  const steps = typeof migrations === 'string' ? readMigrations(migrations) : migrations
  mkdirSync(dirname(path), { recursive: true })
  // The last connection to close removes the -wal file: one that is still there means that nobody closed.
  const uncleanStop = isFilled(`${path}-wal`) || isFilled(`${path}-journal`)
  try {
    return prepare(path, steps, busyTimeoutMs, uncleanStop)
  } catch (cause) {
    const reason = damageOf(cause)
    if (reason === undefined) throw cause
    const setAside = setFileAside(path, reason, options.now ?? Date.now)
    options.onSetAside?.(setAside)
    return prepare(path, steps, busyTimeoutMs, false)
  }
}

/**
 * A new database file that is written once, in one go, and of no use until it is whole: no journal, no waiting for the disk.
 * The caller syncs and renames the file. Throws when it exists.
 */
export function createDatabaseFile(path: string): Database {
  if (existsSync(path)) throw new Error(`${path} exists`)
  const db = new BetterSqlite(path)
  db.pragma('journal_mode = OFF')
  db.pragma('synchronous = OFF')
  return db
}

/** Does the file hold up? `ok`, or SQLite's first complaint. */
export function checkIntegrity(db: Database): string {
  return db.pragma('integrity_check(1)', { simple: true }) as string
}

class DamagedDatabase extends Error {
  override readonly name = 'DamagedDatabase'
}

function prepare(path: string, steps: readonly Migration[], timeout: number, check: boolean): Database {
  const db = new BetterSqlite(path, { timeout })
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    if (check) {
      const verdict = checkIntegrity(db)
      if (verdict !== 'ok') throw new DamagedDatabase(verdict)
    }
    migrate(db, steps)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** What makes a file unusable for good; undefined for anything that another try or the operator can mend. */
function damageOf(error: unknown): string | undefined {
  if (error instanceof DamagedDatabase) return error.message
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT') ? message : undefined
}

function setFileAside(path: string, reason: string, now: () => number): SetAside {
  const aside = `${path}.damaged-${new Date(now()).toISOString().replaceAll(/[:.]/g, '')}`
  renameSync(path, aside)
  for (const suffix of ['-wal', '-shm', '-journal']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
  }
  writeFileSync(`${aside}.reason.txt`, `${reason}\n`)
  return { path: aside, reason }
}

function isFilled(path: string): boolean {
  return existsSync(path) && statSync(path).size > 0
}
