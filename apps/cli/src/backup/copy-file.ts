// One file copied so that its name stands for the whole of it: written beside, synced, renamed. What is there already is not copied again.
import { constants } from 'node:fs'
import { copyFile, mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'

const NEW = '.new'
/** Beside which a file is written until it is whole. */
export const besides = (path: string): string => `${path}${NEW}`

/** Returns the bytes that were copied; 0 when `to` has size and time of `from`. Throws the system's error. */
export async function copyChanged(from: string, to: string): Promise<number> {
  const { size, mtimeMs, atime, mtime } = await stat(from)
  const there = await stat(to).catch(() => undefined)
  if (there && there.size === size && Math.abs(there.mtimeMs - mtimeMs) < 1) return 0
  await mkdir(dirname(to), { recursive: true })
  await rm(besides(to), { force: true })
  await copyFile(from, besides(to), constants.COPYFILE_FICLONE)
  await utimes(besides(to), atime, mtime)
  const file = await open(besides(to))
  await file.sync()
  await file.close()
  await rename(besides(to), to)
  return size
}
