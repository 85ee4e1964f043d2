// Days: their names, their bounds in a time zone, and where their files are. A day is by the start of a flow.
import { join } from 'node:path'

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/

/** A day that does not exist or is written in another form than 2026-11-24. */
export class DayError extends Error {
  override readonly name = 'DayError'
}

/** Is the text a day of the calendar, like 2026-11-24? Nothing else ever becomes part of a path. */
export function isDay(text: string): boolean {
  const match = DAY.exec(text)
  if (!match) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** The text unchanged. Throws DayError. */
export function checkDay(text: string): string {
  if (!isDay(text)) throw new DayError(`"${text}" is no day: write it like 2026-11-24`)
  return text
}

export interface DayBounds {
  /** Like 2026-11-24. */
  readonly day: string
  /** Epoch ms of its first moment. */
  readonly startMs: number
  /** Epoch ms of the next day's first moment; a day has 23, 24 or 25 hours. */
  readonly endMs: number
}

export interface DayClock {
  readonly timeZone: string
  /** The day that a moment (epoch ms) is in. */
  at(ms: number): DayBounds
  /** The bounds of a day. Throws DayError. */
  bounds(day: string): DayBounds
}

/** The zone of this machine, as `Europe/Vienna`. */
export const hostTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

const HOUR_MS = 3_600_000
/** Bounds that are remembered; one Intl look-up costs microseconds, so it is made once a day and not once a flow. */
const REMEMBERED_DAYS = 64

/** Days of a zone (IANA name). Throws RangeError for a zone that does not exist. */
export function createDayClock(timeZone: string): DayClock {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const known = new Map<string, DayBounds>()
  let latest: DayBounds | undefined

  const nameAt = (ms: number): string => format.format(ms)

  function bounds(day: string): DayBounds {
    const remembered = known.get(checkDay(day))
    if (remembered) return remembered
    const noonUtcMs = Date.parse(`${day}T12:00:00Z`)
    const found = { day, startMs: firstMomentOf(day, noonUtcMs), endMs: firstMomentAfter(day, noonUtcMs) }
    if (known.size >= REMEMBERED_DAYS) known.clear()
    known.set(day, found)
    return found
  }

  // Zones are -12 to +14 hours from UTC, so a local day begins 2 to 26 hours before, and ends 10 to 38 after, its noon in UTC.
  const firstMomentOf = (day: string, noonMs: number) =>
    firstTrue(noonMs - 27 * HOUR_MS, noonMs + HOUR_MS, (ms) => nameAt(ms) >= day)
  const firstMomentAfter = (day: string, noonMs: number) =>
    firstTrue(noonMs - 3 * HOUR_MS, noonMs + 38 * HOUR_MS, (ms) => nameAt(ms) > day)

  return {
    timeZone,
    at(ms) {
      if (latest && ms >= latest.startMs && ms < latest.endMs) return latest
      latest = bounds(nameAt(ms))
      return latest
    },
    bounds,
  }
}

/** The smallest integer above `low` and at most `high` for which `test` holds; `test` goes from false to true once. */
function firstTrue(low: number, high: number, test: (ms: number) => boolean): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (test(middle)) high = middle
    else low = middle
  }
  return high
}

/** Where things are under the data directory. */
export const paths = {
  flows: (dataDir: string): string => join(dataDir, 'flows'),
  catalog: (dataDir: string): string => join(dataDir, 'flows', 'catalog.sqlite3'),
  /** A Parquet file by its path in the catalogue. */
  file: (dataDir: string, path: string): string => join(dataDir, 'flows', path),
  day: (dataDir: string, day: string): string => join(dataDir, 'flows', checkDay(day)),
  days: (dataDir: string): string => join(dataDir, 'days'),
  database: (dataDir: string, day: string): string => join(dataDir, 'days', `flows-${checkDay(day)}.sqlite3`),
  temporary: (dataDir: string): string => join(dataDir, 'tmp'),
} as const
