// The operating system's errors (and SQLite's of the same kind) in words and as exit codes of sysexits.h.

/** Something that is needed is taken or not there: a port, a data folder: sysexits.h, EX_UNAVAILABLE. */
export const EXIT_UNAVAILABLE = 69
/** A file or folder cannot be made: sysexits.h, EX_CANTCREAT. */
export const EXIT_CANNOT_CREATE = 73
/** Reading or writing failed: a full or broken disk: sysexits.h, EX_IOERR. */
export const EXIT_IO = 74

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than is allowed',
  EROFS: 'the file system is read-only',
  EEXIST: 'something else is already there',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
}

const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG', 'SQLITE_FULL', 'SQLITE_IOERR']
const NOT_MADE = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'SQLITE_CANTOPEN']

/** The error's code, `ENOENT` and the like; empty for other errors. */
export const systemCode = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** An operating system's error in words; the message of any other. */
export const describeSystemError = (error: unknown): string =>
  REASONS[systemCode(error)] ?? (error as Error | null)?.message ?? String(error)

/** Exit code of a fault that a file or folder caused; undefined for others. */
export function fileExitCode(error: unknown): number | undefined {
  const code = systemCode(error)
  if (NO_ROOM.some((known) => code === known || code.startsWith(`${known}_`))) return EXIT_IO
  return NOT_MADE.some((known) => code === known || code.startsWith(`${known}_`)) ? EXIT_CANNOT_CREATE : undefined
}
