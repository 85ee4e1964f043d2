// Tidying: files that no crash may leave behind for good. At start, what the catalogue does not list is removed; later, what
// merges and retention took out, once no query can still read it. A lost catalogue is made again from the files.
import { readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Catalog,
  type DayClock,
  type DuckDBConnection,
  type DuckDb,
  isDay,
  paths,
  queryRow,
  quote,
} from '@netbehave/history'
import { FILE_NAME, type FileMetadata } from './parquet-file.ts'

/** Files that are on the disk: those that have the name of an archive file, and those that were never finished. */
async function listFiles(dataDir: string): Promise<{ whole: string[]; unfinished: string[] }> {
  const whole: string[] = []
  const unfinished: string[] = []
  const days = await readdir(paths.flows(dataDir), { withFileTypes: true })
  for (const day of days.filter((entry) => entry.isDirectory() && isDay(entry.name))) {
    for (const name of await readdir(paths.day(dataDir, day.name))) {
      const path = `${day.name}/${name}`
      if (FILE_NAME.test(path)) whole.push(path)
      else if (path.endsWith('.parquet.tmp')) unfinished.push(path)
    }
  }
  return { whole, unfinished }
}

/** Removes what a crash left: files that the catalogue does not list and whatever was half-written. Returns how many. */
export async function removeOrphans(dataDir: string, catalog: Catalog): Promise<number> {
  const { whole, unfinished } = await listFiles(dataDir)
  const known = catalog.knownPaths()
  const orphans = [...unfinished, ...whole.filter((path) => !known.has(path))]
  for (const path of orphans) await rm(paths.file(dataDir, path))
  await rm(join(paths.temporary(dataDir), 'archiver'), { recursive: true, force: true })
  return orphans.length
}

/**
 * Lists every file again by what it says of itself, when the catalogue is new although there are files of flows: then it was
 * lost, and nothing may be called an orphan. Files that cannot be read are renamed to `<name>.unreadable`.
 */
export async function recoverCatalog(
  dataDir: string,
  catalog: Catalog,
  openDuckDb: () => Promise<DuckDb>,
  clock: DayClock,
): Promise<{ files: number; unreadable: string[] }> {
  const { whole } = await listFiles(dataDir)
  const found: FoundFile[] = []
  const unreadable: string[] = []
  if (whole.length > 0) {
    const connection = await (await openDuckDb()).connect()
    for (const path of whole) {
      const file = await readFound(connection, paths.file(dataDir, path))
      if (file) found.push(file)
      else unreadable.push(path)
    }
    connection.closeSync()
  }
  for (const path of unreadable) await rename(paths.file(dataDir, path), `${paths.file(dataDir, path)}.unreadable`)
  const replaced = new Set(found.flatMap(({ replaces }) => replaces))
  const files = found
    .filter(({ file }) => !replaced.has(file.path))
    .map(({ file, bytes, columns }) => ({ ...file, bytes, layout: catalog.layoutOf(columns) }))
  const days = [...new Set(files.map(({ day }) => day))].map(clock.bounds)
  const archived = found.map(({ file, archived: ranges }) => ({ streamCreatedMs: file.streamCreatedMs, ranges }))
  catalog.rebuild(files, days, archived)
  return { files: files.length, unreadable }
}

interface FoundFile extends FileMetadata {
  readonly bytes: number
  readonly columns: readonly string[]
}

async function readFound(connection: DuckDBConnection, path: string): Promise<FoundFile | undefined> {
  const name = quote(path)
  try {
    const [text] = await queryRow(
      connection,
      `SELECT decode(value) FROM parquet_kv_metadata(${name}) WHERE decode(key) = 'netbehave'`,
    )
    const schema = await connection.run(`SELECT name FROM parquet_schema(${name}) WHERE num_children IS NULL`)
    const columns = (await schema.getRows()).map(([column]) => String(column))
    return { ...(JSON.parse(String(text)) as FileMetadata), bytes: (await stat(path)).size, columns }
  } catch {
    return undefined // damaged or foreign; the caller sets it aside
  }
}

/** Deletes files that were taken out of the archive at or before a time. */
export async function deleteRemoved(dataDir: string, catalog: Catalog, removedMs: number): Promise<void> {
  for (const path of catalog.removedBefore(removedMs)) {
    await rm(paths.file(dataDir, path), { force: true })
    catalog.forget(path)
    await rmdir(join(paths.flows(dataDir), path, '..')).catch(() => {}) // other files of the day are still there
  }
}
