// Moments in the browser's zone, spans of time. In: epoch ms. The format is one for all languages, so that columns line up.

const two = (value: number): string => String(value).padStart(2, '0')

export function day(ms: number): string {
  const at = new Date(ms)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** The midnights around a moment, of the browser's zone. */
export function dayBounds(ms: number): readonly [fromMs: number, toMs: number] {
  const at = new Date(ms)
  const midnight = (days: number) => new Date(at.getFullYear(), at.getMonth(), at.getDate() + days).getTime()
  return [midnight(0), midnight(1)]
}

/** 14:02:07 */
export function clock(ms: number): string {
  const at = new Date(ms)
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** 14:02:07 of today, else 2026-11-23 14:02. */
export const moment = (ms: number, nowMs: number): string =>
  day(ms) === day(nowMs) ? clock(ms) : `${day(ms)} ${clock(ms).slice(0, 5)}`

/** 2026-11-24 14:02:07 */
export const full = (ms: number): string => `${day(ms)} ${clock(ms)}`

/** 2026-11-24T14:02:07.123Z; what is no moment stays a number. */
export const utc = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms))

/** 850 ms, 12.3 s, 4 min, 3 h, 2 d. */
export function duration(ms: number): string {
  const size = Math.abs(ms)
  if (size < 1000) return `${Math.round(ms)} ms`
  if (size < 60_000) return `${(ms / 1000).toFixed(1)} s`
  if (size < 3_600_000) return `${Math.round(ms / 60_000)} min`
  return size < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`
}

/** 12 s ago, 4 min ago, in 3 h. */
export function ago(ms: number, nowMs: number): string {
  const past = nowMs - ms
  if (Math.abs(past) < 1000) return 'now'
  const text = Math.abs(past) < 60_000 ? `${Math.round(Math.abs(past) / 1000)} s` : duration(Math.abs(past))
  return past > 0 ? `${text} ago` : `in ${text}`
}

/** For `<input type="datetime-local">`: 2026-11-24T14:02 in the browser's zone. */
export const forInput = (ms: number): string => `${day(ms)}T${clock(ms).slice(0, 5)}`
