// What a command has of the process around it. Only main.ts makes one from the real process; tests make their own.
import type { Readable, Writable } from 'node:stream'

export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable
  readonly stdout: Writable & { isTTY?: boolean; columns?: number }
  readonly stderr: Writable & { isTTY?: boolean; columns?: number }
  readonly now: () => number
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly stop: AbortSignal
}
