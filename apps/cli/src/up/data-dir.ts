// The data folder of a running copy: made when missing, and held by one `netbehave up` at a time.
// Fails: CommandError, when it cannot be made or written, or another copy holds it.
import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CommandError, describeSystemError, EXIT, writeExitCode } from '../exit-codes.ts'
import { readRunFile } from '../run-file.ts'

const SQLITE_BUSY = 5

/**
 * Holds the folder until disposed. The lock is SQLite's lock on `run/lock.sqlite3`, which the operating system lifts when
 * the process ends however it ends, so a kill -9 leaves nothing behind that a later start must judge.
 */
export function holdDataDir(dataDir: string): Disposable {
  makeFolder(join(dataDir, 'run'))
  makeFolder(join(dataDir, 'nats'))
  const lock = openLock(dataDir)
  return {
    [Symbol.dispose]() {
      lock.close()
    },
  }
}

function openLock(dataDir: string): DatabaseSync {
  const path = join(dataDir, 'run', 'lock.sqlite3')
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(path, { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    if (lock?.isOpen) lock.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) {
      throw new CommandError(`cannot lock ${path}: ${(error as Error).message}`, EXIT.io, { cause: error })
    }
    const pid = readRunFile(dataDir)?.pid
    throw new CommandError(
      `NetBehave already runs on ${dataDir}${pid ? ` (process ${pid})` : ''}; stop it, or choose another folder with --data`,
      EXIT.unavailable,
    )
  }
}

function makeFolder(path: string): void {
  try {
    makeFolders(path)
    accessSync(path, constants.W_OK)
  } catch (error) {
    throw new CommandError(
      `cannot write into the folder ${path}: ${describeSystemError(error)}; choose another with --data`,
      writeExitCode(error),
      { cause: error },
    )
  }
}

/** As `mkdir -p`. Node's own `recursive` never returns where the system says ENOENT for a new folder (/proc). */
function makeFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(path) !== path) makeFolders(dirname(path))
  mkdirSync(path)
}
