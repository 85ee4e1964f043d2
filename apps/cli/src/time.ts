// Moments as people write them, in this machine's zone → epoch ms.
// `2026-11-24T04:10` `2026-11-24 04:10:27.5` `2026-11-24` `04:10` `…Z` `…+02:00` `-24h` `now` `today` `yesterday` `1795489534000`

/** A text that is no moment; the message says what would be one. */
export class TimeError extends Error {
  override readonly name = 'TimeError'
}

const SECOND_MS = 1000
const UNITS_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  h: 3600 * SECOND_MS,
  d: 24 * 3600 * SECOND_MS,
  w: 7 * 24 * 3600 * SECOND_MS,
}
const EXAMPLES = '2026-11-24T04:10, 2026-11-24, 04:10, -24h, -15m, today, yesterday or epoch milliseconds'
/** Smaller numbers are epoch seconds, or a slip: 100,000,000,000 ms is March 1973. */
const LEAST_EPOCH_MS = 1e11
const DATE_AND_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/** Throws TimeError. A date without a time, `today` and `yesterday` are the first moment of that day. */
export function parseTime(text: string, nowMs: number): number {
  const trimmed = text.trim()
  const word = trimmed.toLowerCase()
  if (word === 'now') return nowMs
  if (word === 'today') return startOfDay(nowMs, 0)
  if (word === 'yesterday') return startOfDay(nowMs, -1)
  if (/^\d+$/.test(trimmed) && trimmed.length > 8) return parseEpoch(trimmed)
  const found = parseAgo(word, nowMs) ?? parseTimeOfDay(trimmed, nowMs) ?? parseDate(trimmed)
  if (found === undefined) throw new TimeError(`"${text}" is no time: write for example ${EXAMPLES}`)
  return found
}

function parseEpoch(digits: string): number {
  const ms = Number(digits)
  if (ms >= LEAST_EPOCH_MS && ms <= 8.64e15) return ms
  throw new TimeError(`"${digits}" is no time in epoch milliseconds; epoch seconds need three zeros more: ${digits}000`)
}

function parseAgo(word: string, nowMs: number): number | undefined {
  const match = /^-(\d+(?:\.\d+)?)\s*([smhdw])[a-z]*$/.exec(word)
  return match ? nowMs - Number(match[1]) * UNITS_MS[match[2]!]! : undefined
}

function parseTimeOfDay(text: string, nowMs: number): number | undefined {
  const match = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text)
  if (!match) return undefined
  const [hour, minute, second] = [match[1], match[2], match[3] ?? '0'].map(Number) as [number, number, number]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  return new Date(nowMs).setHours(hour, minute, second, 0)
}

function parseDate(text: string): number | undefined {
  const match = DATE_AND_TIME.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const ms = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const offsetMs = parseOffset(match[8])
  if (hour > 23 || minute > 59 || second > 59 || !isCalendarDay(year, month, day)) return undefined
  if (offsetMs !== undefined) return Date.UTC(year, month - 1, day, hour, minute, second, ms) - offsetMs
  return new Date(year, month - 1, day, hour, minute, second, ms).getTime()
}

/** `Z`, `+02:00`, `-0530`, `+02`; undefined: local. */
function parseOffset(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^z$/i.test(text)) return 0
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(text)!
  const ms = Number(hours) * UNITS_MS.h! + Number(minutes) * UNITS_MS.m!
  return sign === '-' ? -ms : ms
}

/** 2026-02-30 would become a day of March. */
function isCalendarDay(year: number, month: number, day: number): boolean {
  const at = new Date(Date.UTC(year, month - 1, day))
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day
}

function startOfDay(ms: number, days: number): number {
  const at = new Date(ms)
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + days).getTime()
}
