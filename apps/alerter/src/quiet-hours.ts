// Hours in which only what is critical is told. In: `22:00-07:00`, a zone, a moment. Out: when they end.

export interface QuietHours {
  /** Minutes of the day. */
  readonly from: number
  readonly to: number
}

const DAY_MINUTES = 1440
const MINUTE_MS = 60_000

/** Undefined when the text is none. They may go over midnight; from and to must differ. */
export function parseQuietHours(text: string): QuietHours | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)$/.exec(text.trim())
  if (!match) return undefined
  const [from, to] = [Number(match[1]) * 60 + Number(match[2]), Number(match[3]) * 60 + Number(match[4])]
  return from === to ? undefined : { from, to }
}

/**
 * Epoch ms at which the quiet hours that hold now end; undefined when none hold. On a day on which the clocks change it is off
 * by an hour: whoever waits for it asks again then.
 */
export function quietUntil(hours: QuietHours | undefined, timeZone: string, nowMs: number): number | undefined {
  if (!hours) return undefined
  const minute = minuteOfDay(timeZone, nowMs)
  const { from, to } = hours
  const isQuiet = from < to ? minute >= from && minute < to : minute >= from || minute < to
  if (!isQuiet) return undefined
  const left = (to - minute + DAY_MINUTES) % DAY_MINUTES
  return (Math.floor(nowMs / MINUTE_MS) + left) * MINUTE_MS
}

function minuteOfDay(timeZone: string, ms: number): number {
  const text = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(ms)
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))
}
