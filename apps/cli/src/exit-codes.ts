// How a command ends: the exit codes of sysexits.h that we use, and the error that carries one with its sentence.
import { EXIT_CANNOT_CREATE, EXIT_IO, fileExitCode } from '@netbehave/service/system-error'

export { describeSystemError, systemCode } from '@netbehave/service/system-error'

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
  cannotCreate: EXIT_CANNOT_CREATE,
  /** Reading or writing failed: a full or broken disk. */
  io: EXIT_IO,
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

/** Exit code for a file or folder that cannot be written. */
export const writeExitCode = (error: unknown): number => fileExitCode(error) ?? EXIT.cannotCreate
