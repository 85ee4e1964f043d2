// netbehave restore: a backup becomes a data folder. check that it is whole ▸ copy. In: the backup, a folder that is new or empty.
// Fails: CommandError; a backup that is not whole is told before anything is written.
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openCatalogFile } from '@netbehave/history'
import { checkIntegrity, openDatabase } from '@netbehave/sqlite'
import { chooseDataDir } from '../data-dir.ts'
import type { Environment } from '../environment.ts'
import { CommandError, describeSystemError, EXIT, systemCode, writeExitCode } from '../exit-codes.ts'
import { countOf, formatBytes, formatTime } from '../output/numbers.ts'
import { createProgress } from '../output/progress.ts'
import { type BackupOptions, readMarker } from './backup.ts'
import { copyChanged } from './copy-file.ts'
import { CATALOG, listFiles, MARKER } from './data-files.ts'

export async function restore(from: string, options: BackupOptions, environment: Environment): Promise<void> {
  const source = resolve(from)
  const dataDir = await chooseDataDir(options.data, environment)
  const takenMs = readMarker(source)?.takenMs
  if (!takenMs)
    throw new CommandError(
      `${source} is no backup, or one that did not come to its end: it has no date in ${MARKER}`,
      EXIT.noInput,
    )
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0)
    throw new CommandError(`the data folder ${dataDir} is not empty; name a new one with --data`, EXIT.cannotCreate)
  const { days, flows } = checkBackup(source)
  const done = { files: 0, bytes: 0 }
  try {
    using progress = createProgress(environment.stderr, environment.now)
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    for (const path of listFiles(source).filter((path) => path !== MARKER)) {
      if (environment.stop.aborted)
        throw new CommandError(`stopped; remove ${dataDir} and begin again`, EXIT.interrupted)
      done.bytes += await copyChanged(join(source, path), join(dataDir, path))
      done.files++
      progress.show(() => `${countOf(done.files, 'file')}, ${formatBytes(done.bytes)} copied`)
    }
  } catch (error) {
    if (systemCode(error) === '') throw error
    const why = `${(error as NodeJS.ErrnoException).path ?? ''}: ${describeSystemError(error)}`
    throw new CommandError(`not restored: ${why}; remove ${dataDir} and begin again`, writeExitCode(error), {
      cause: error,
    })
  }
  environment.stdout.write(
    options.json
      ? `${JSON.stringify({ dataDir, takenMs, days, flows, ...done })}\n`
      : `${dataDir} is as it was on ${formatTime(takenMs)}: ${countOf(flows, 'flow')} of ${countOf(days, 'day')}. Start it with: netbehave up --data ${dataDir}\n`,
  )
}

/** Every service's database holds up, every file that the catalogue lists is there in its size. Throws CommandError. */
function checkBackup(source: string): { days: number; flows: number } {
  for (const path of listFiles(source).filter((file) => file.endsWith('.sqlite3') && !file.startsWith('days/'))) {
    const verdict = verdictOf(join(source, path))
    if (verdict !== 'ok') throw new CommandError(`the backup is damaged: ${path}: ${verdict}`, EXIT.data)
  }
  if (!existsSync(join(source, CATALOG))) return { days: 0, flows: 0 }
  using catalog = openCatalogFile(join(source, CATALOG))
  for (const { path, bytes } of catalog.allFiles()) {
    const size = statSync(join(source, 'flows', path), { throwIfNoEntry: false })?.size
    if (size !== bytes)
      throw new CommandError(
        `the backup is damaged: flows/${path} ${size === undefined ? 'is missing' : `has ${size} bytes, not ${bytes}`}`,
        EXIT.data,
      )
  }
  const days = catalog.days()
  return { days: days.length, flows: days.reduce((sum, day) => sum + day.flows, 0) }
}

function verdictOf(path: string): string {
  try {
    const db = openDatabase(path, [], { readonly: true })
    try {
      return checkIntegrity(db)
    } finally {
      db.close()
    }
  } catch (error) {
    return (error as Error).message
  }
}
