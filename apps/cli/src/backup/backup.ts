// netbehave backup: a copy of the data folder in another folder, beside a running copy. snapshot the catalogue ▸ copy the files that it
// lists ▸ snapshot the databases ▸ copy the rest ▸ put databases in place ▸ remove what went. Broken off anywhere, the folder holds the
// backup before, or this one. Fails: CommandError.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { openCatalogFile, paths } from '@netbehave/history'
import { snapshotDatabase } from '@netbehave/sqlite'
import { z } from 'zod'
import { chooseDataDir } from '../data-dir.ts'
import type { Environment } from '../environment.ts'
import { CommandError, describeSystemError, EXIT, systemCode, writeExitCode } from '../exit-codes.ts'
import { countOf, formatBytes } from '../output/numbers.ts'
import { createProgress } from '../output/progress.ts'
import { besides, copyChanged } from './copy-file.ts'
import { CATALOG, listDataFiles, listFiles, MARKER } from './data-files.ts'

export interface BackupOptions {
  readonly data?: string
  readonly json?: boolean
}

/** `backup.json` in the backup. */
export const BackupMarker = z.object({
  netbehaveBackup: z.literal(1),
  /** Epoch ms when it began: what was archived until then is in it. Null: the first one did not come to its end. */
  takenMs: z.number().nullable(),
  dataDir: z.string(),
})
type BackupMarker = z.infer<typeof BackupMarker>

/** Merges remove files two minutes after they replaced them; more often than so many times that does not happen within one backup. */
const TRIES = 10

export async function backup(to: string, options: BackupOptions, environment: Environment): Promise<void> {
  const dataDir = await chooseDataDir(options.data, environment)
  const target = resolve(to)
  checkFolders(dataDir, target)
  const takenMs = environment.now()
  const done = { files: 0, copiedFiles: 0, copiedBytes: 0, removedFiles: 0 }
  const kept = new Set([MARKER])
  using progress = createProgress(environment.stderr, environment.now)

  async function copy(path: string): Promise<void> {
    if (environment.stop.aborted) throw new CommandError('stopped; the backup before is as it was', EXIT.interrupted)
    const bytes = await copyChanged(join(dataDir, path), join(target, path))
    kept.add(path)
    done.files++
    if (bytes > 0) done.copiedFiles++
    done.copiedBytes += bytes
    progress.show(() => `${countOf(done.files, 'file')}, ${formatBytes(done.copiedBytes)} copied`)
  }

  try {
    mkdirSync(target, { recursive: true, mode: 0o700 })
    if (!readMarker(target)) writeMarker(target, { netbehaveBackup: 1, takenMs: null, dataDir })
    const databases: string[] = []
    if (existsSync(paths.catalog(dataDir))) databases.push(await copyFlows(dataDir, target, copy))
    const rest = listDataFiles(dataDir)
    for (const path of rest.databases) if (snapshot(dataDir, target, path)) databases.push(path)
    for (const path of rest.files) await copy(path).catch(unlessGone)
    for (const path of databases) renameSync(besides(join(target, path)), join(target, path))
    for (const path of databases) kept.add(path)
    done.files += databases.length
    writeMarker(target, { netbehaveBackup: 1, takenMs, dataDir })
    done.removedFiles = removeOthers(target, kept)
  } catch (error) {
    if (systemCode(error) === '') throw error
    const { path } = error as NodeJS.ErrnoException
    throw new CommandError(
      `no backup in ${target}: ${path ?? ''}: ${describeSystemError(error)}`,
      writeExitCode(error),
      {
        cause: error,
      },
    )
  }
  const { files, copiedFiles, copiedBytes, removedFiles } = done
  environment.stdout.write(
    options.json
      ? `${JSON.stringify({ backup: target, takenMs, ...done })}\n`
      : `${target} holds ${countOf(files, 'file')}; new or changed: ${countOf(copiedFiles, 'file')}, ${formatBytes(copiedBytes)}, and the databases; removed: ${removedFiles}\n`,
  )
}

/** The catalogue as it is, and every file that it lists; a merge that removed one of them meanwhile is followed by another try. */
async function copyFlows(dataDir: string, target: string, copy: (path: string) => Promise<void>): Promise<string> {
  for (let left = TRIES; ; left--) {
    snapshot(dataDir, target, CATALOG)
    using catalog = openCatalogFile(besides(join(target, CATALOG)))
    try {
      for (const { path } of catalog.allFiles()) await copy(`flows/${path}`)
      return CATALOG
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || left === 0) throw error
    }
  }
}

/** Into `PATH.new` of the backup; false when the database went meanwhile. */
function snapshot(dataDir: string, target: string, path: string): boolean {
  const to = besides(join(target, path))
  mkdirSync(dirname(to), { recursive: true })
  rmSync(to, { force: true })
  try {
    snapshotDatabase(join(dataDir, path), to)
    return true
  } catch (cause) {
    if (!existsSync(join(dataDir, path))) return false
    throw new CommandError(`no backup: ${join(dataDir, path)} cannot be copied: ${(cause as Error).message}`, EXIT.io, {
      cause,
    })
  }
}

function checkFolders(dataDir: string, target: string): void {
  if (!existsSync(dataDir))
    throw new CommandError(`there is no data folder ${dataDir}; name it with --data`, EXIT.noInput)
  if (`${target}${sep}`.startsWith(`${dataDir}${sep}`) || `${dataDir}${sep}`.startsWith(`${target}${sep}`))
    throw new CommandError(`${target} and the data folder ${dataDir} must be apart`, EXIT.usage)
  if (!existsSync(target) || readdirSync(target).length === 0 || readMarker(target)) return
  throw new CommandError(`${target} holds something else than a backup; name a new folder`, EXIT.usage)
}

const writeMarker = (dir: string, marker: BackupMarker): void =>
  writeFileSync(join(dir, MARKER), `${JSON.stringify(marker, null, 2)}\n`)

/** Undefined: the folder is no backup. */
export function readMarker(dir: string): BackupMarker | undefined {
  try {
    return BackupMarker.parse(JSON.parse(readFileSync(join(dir, MARKER), 'utf8')))
  } catch {
    return undefined // none, or another program's
  }
}

function removeOthers(target: string, kept: ReadonlySet<string>): number {
  const others = listFiles(target).filter((path) => !kept.has(path))
  for (const path of others) {
    rmSync(join(target, path))
    try {
      rmdirSync(dirname(join(target, path)))
    } catch {
      // other files are in it
    }
  }
  return others.length
}

function unlessGone(error: Error): void {
  if (systemCode(error) !== 'ENOENT') throw error
}
