// Numbered changes of a database's tables. In: a folder of NNN-what.sql files. Out: the list, checked. Applied by open.ts.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'

/** One step: brings a database from version `version - 1` to `version`. */
export interface Migration {
  /** Counts up from 1 without a gap; kept in `PRAGMA user_version`. */
  readonly version: number
  readonly name: string
  readonly sql: string
}

/** The database was written by a newer program. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError'
}

const FILE_NAME = /^(\d{3})-[a-z0-9-]+\.sql$/

/** Reads `001-….sql`, `002-….sql`, … of a folder. Throws when a number is missing or a name is of another form. */
export function readMigrations(directory: string): Migration[] {
  const migrations = readdirSync(directory)
    .sort()
    .map((name) => {
      const version = Number(FILE_NAME.exec(name)?.[1])
      if (!version) throw new Error(`${join(directory, name)}: migrations are named like 001-what.sql`)
      return { version, name, sql: readFileSync(join(directory, name), 'utf8') }
    })
  checkNumbers(migrations)
  return migrations
}

/** Applies what the database lacks, all of it in one transaction. Throws NewerDatabaseError, or SQLite's own error. */
export function migrate(db: Database, migrations: readonly Migration[]): void {
  checkNumbers(migrations)
  const version = schemaVersion(db)
  if (version > migrations.length) {
    throw new NewerDatabaseError(
      `${db.name} has version ${version} and this program knows ${migrations.length}: start the newer program`,
    )
  }
  if (version === migrations.length) return
  db.transaction(() => {
    for (const migration of migrations.slice(version)) db.exec(migration.sql)
    db.pragma(`user_version = ${migrations.length}`)
  }).immediate()
}

/** `PRAGMA user_version`: how many migrations the database has seen. */
export const schemaVersion = (db: Database): number => db.pragma('user_version', { simple: true }) as number

function checkNumbers(migrations: readonly Migration[]): void {
  migrations.forEach((migration, i) => {
    if (migration.version !== i + 1) throw new Error(`migration ${migration.name} should have number ${i + 1}`)
  })
}
