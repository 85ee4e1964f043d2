// Logging: JSON lines on stderr, readable lines when stderr is a terminal. stdout belongs to the commands' results.
import { isatty } from 'node:tty'
import { destination, type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export type Log = Logger

export function createLog(app: string, level: string): Log {
  const options = { level, base: { app }, timestamp: pino.stdTimeFunctions.isoTime }
  const stderr = destination({ dest: 2, sync: true })
  if (!isatty(2)) return pino(options, stderr)
  const stream = pretty({
    destination: stderr,
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,app',
    messageFormat: '{app}: {msg}',
  })
  return pino(options, stream)
}

const WINDOW_MS = 10_000
const LINES_PER_WINDOW = 3

/** Logs a fault of a sender: at most 3 lines of one key in 10 s; the next line says how many were left out. */
export function createLimitedLog(log: Log, now: () => number) {
  const windows = new Map<string, { startMs: number; lines: number; leftOut: number }>()
  return (key: string, fields: object, message: string): void => {
    const at = now()
    let window = windows.get(key)
    if (window === undefined || at - window.startMs >= WINDOW_MS) {
      if (windows.size > 1000) windows.clear()
      const leftOut = window?.leftOut ?? 0
      window = { startMs: at, lines: 0, leftOut: 0 }
      windows.set(key, window)
      if (leftOut > 0) log.warn({ key, leftOut }, `${leftOut} more lines of this kind were left out`)
    }
    if (window.lines++ < LINES_PER_WINDOW) log.warn(fields, message)
    else window.leftOut++
  }
}
export type LimitedLog = ReturnType<typeof createLimitedLog>
