// How a command ends: the exit codes of sysexits.h that we use, and the error that carries one with its sentence.

export const EXIT = {
  ok: 0,
  /** A fault of ours, or one without a code of its own. */
  failed: 1,
  /** The command line was not understood. */
  usage: 64,
  /** The input is there and cannot be understood. */
  data: 65,
  /** The input cannot be read. */
  noInput: 66,
  /** Something that is needed does not answer or is not there: a running copy, the broker, a port. */
  unavailable: 69,
  /** A file or folder cannot be made. */
  cannotCreate: 73,
  /** Reading or writing failed: a full or broken disk. */
  io: 74,
  /** The configuration cannot be used. */
  config: 78,
  /** Ctrl-C before the result was complete: the shell's number for SIGINT. */
  interrupted: 130,
} as const

/** Ends the command with one sentence on stderr and this exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(sentence: string, exitCode: number, options: ErrorOptions = {}) {
    super(sentence, options)
    this.exitCode = exitCode
  }
}

/** The operating system's error code, `ENOENT` and the like; empty for other errors. */
export const systemCode = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? ''

/** Exit code for a file or folder that cannot be written. */
export const writeExitCode = (error: unknown): number =>
  ['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG'].includes(systemCode(error)) ? EXIT.io : EXIT.cannotCreate

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EEXIST: 'something else is already there',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
}

/** An operating system's error in words. */
export const describeSystemError = (error: unknown): string =>
  REASONS[systemCode(error)] ?? (error as Error).message ?? String(error)
