// Times and numbers as they stand in sentences.

const MINUTE_MS = 60_000

/** `14:02 UTC`, with the date when it is not of the last 20 hours. */
export function clock(ms: number, nowMs: number): string {
  const text = new Date(ms).toISOString()
  return Math.abs(nowMs - ms) < 20 * 60 * MINUTE_MS
    ? `${text.slice(11, 16)} UTC`
    : `${text.slice(0, 16).replace('T', ' ')} UTC`
}

/** `3 min`, `2 h`, `5 days`. */
export function span(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / MINUTE_MS)
  if (minutes < 1) return `${Math.round(Math.abs(ms) / 1000)} s`
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}

export const count = (value: number): string => Math.round(value).toLocaleString('en-US')

export function bytes(value: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  let left = value
  for (; left >= 1024 && unit < units.length - 1; unit++) left /= 1024
  return `${left >= 100 || unit === 0 ? Math.round(left) : left.toFixed(1)} ${units[unit]}`
}
