// Numbers with units, as the command line program writes them too.

const UNITS = ['', 'k', 'M', 'G', 'T', 'P', 'E']

function scale(value: number): [string, string] {
  let unit = 0
  let scaled = value
  while (Math.abs(scaled) >= 999.5 && unit < UNITS.length - 1) {
    scaled /= 1000
    unit++
  }
  if (unit === 0) return [String(Math.abs(scaled) < 10 ? Math.round(scaled * 10) / 10 : Math.round(scaled)), '']
  return [Math.abs(scaled) < 9.95 ? scaled.toFixed(1) : String(Math.round(scaled)), UNITS[unit]!]
}

/** 999, 1.2 k, 34 M. */
export function shortNumber(value: number): string {
  const [number, unit] = scale(value)
  return unit ? `${number} ${unit}` : number
}

/** 999 B, 1.2 kB, 34 MB. */
export function bytes(value: number): string {
  const [number, unit] = scale(value)
  return `${number} ${unit}B`
}

/** 1234567 → 1,234,567. */
export const count = (value: number): string => value.toLocaleString('en-US')

/** 1 flow, 2 flows. */
export const countOf = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** A rate: 0.4/s, 312/s, 12 k/s; not known: –. */
export const perSecond = (value: number | null): string => (value === null ? '–' : `${shortNumber(value)}/s`)

/** 0 of nothing is 0 %. */
export const share = (part: number, whole: number): string => {
  const percent = whole > 0 ? (part / whole) * 100 : 0
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`
}
