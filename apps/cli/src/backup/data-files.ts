// Which files of a data folder a backup holds, and which of them are databases that somebody writes. What is left out is of use to one
// running copy only: streams (what they hold is archived within seconds), locks, logs, temporary files.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../exit-codes.ts'

/** Paths from the data folder on. */
export interface DataFiles {
  readonly databases: readonly string[]
  readonly files: readonly string[]
}

export const CATALOG = 'flows/catalog.sqlite3'
/** Says that a folder is a backup, and of when. */
export const MARKER = 'backup.json'

/** `flows`: the catalogue says which files count. `days`: files that are whole once they have their name. */
const LEFT_OUT = ['run', 'tmp', 'flows', MARKER]
const OF_NATS = /^nats\/(keys|tls|sites\.json)(\/|$)/
const SIDE_FILE = /-(wal|shm|journal)$|\.(new|lock|log|tmp)$/

/** Everything but the Parquet files, and the catalogue, which come from the catalogue. Throws the system's error. */
export function listDataFiles(dataDir: string): DataFiles {
  const paths = listFiles(dataDir).filter(isKept)
  const isDatabase = (path: string) => path.endsWith('.sqlite3') && !path.startsWith('days/')
  return { databases: paths.filter(isDatabase), files: paths.filter((path) => !isDatabase(path)) }
}

function isKept(path: string): boolean {
  if (LEFT_OUT.includes(path.split('/')[0]!) || SIDE_FILE.test(path)) return false
  return !path.startsWith('nats/') || OF_NATS.test(path)
}

/** Every file below a folder, as a path from it on. One that goes meanwhile is left out. */
export function listFiles(dir: string, below = ''): string[] {
  try {
    return readdirSync(join(dir, below), { withFileTypes: true }).flatMap((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) return listFiles(dir, path)
      return entry.isFile() ? [path] : []
    })
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && below !== '') return []
    throw error
  }
}
