// Numbers and durations as people read them.

const UNITS = ['', 'k', 'M', 'G', 'T', 'P', 'E']

/** 999, 1.2k, 34M: at most four characters and the unit, powers of 1,000. */
export function shortNumber(value: number): string {
  let unit = 0
  let scaled = value
  while (scaled >= 999.5 && unit < UNITS.length - 1) {
    scaled /= 1000
    unit++
  }
  if (unit === 0) return String(Math.round(scaled))
  return `${scaled < 9.95 ? scaled.toFixed(1) : Math.round(scaled)}${UNITS[unit]}`
}

/** 999 B, 1.2 kB, 34 MB. */
export function formatBytes(value: number): string {
  const text = shortNumber(value)
  const unit = /[A-Za-z]$/.exec(text)?.[0] ?? ''
  return `${unit ? text.slice(0, -1) : text} ${unit}B`
}

/** 1234567 → 1,234,567. */
export const formatCount = (value: number): string => value.toLocaleString('en-US')

/** 1 flow, 2 flows. */
export const countOf = (value: number, one: string, many = `${one}s`): string =>
  `${formatCount(value)} ${value === 1 ? one : many}`

/** 850 ms, 12.3 s, 4 min, 3 h, 2 d. */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms)
  if (size < 1000) return `${Math.round(ms)} ms`
  if (size < 60_000) return `${(ms / 1000).toFixed(1)} s`
  if (size < 3_600_000) return `${Math.round(ms / 60_000)} min`
  return size < 86_400_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`
}

/** Epoch ms → `2026-11-24 04:10:27`, local. */
export function formatTime(ms: number): string {
  const at = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}
