// The time at the beginning of a log line. In: a line. Out: `timeMs` and where the rest begins. Forms:
//   Nov 24 08:09:53 …                    syslog, dnsmasq's and unbound's own files: local time, no year
//   2026-11-24T08:09:53.123456+00:00 …   syslog with RFC 3339 times
//   <30>1 2026-11-24T08:09:53+00:00 host app pid id [data] …   RFC 5424
//   Tue Nov 24 08:09:53 2026 …           OpenWrt's logread: local time
//   [1795507794] …                       unbound's own file
// Fails: never; a line without a time has `timeMs` NaN and begins at 0.

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'
const DAY_MS = 86_400_000
/** A log may be ahead of this clock by so much before it is taken for last year's. */
const AHEAD_MS = DAY_MS

export interface StampOptions {
  /** Epoch ms that a time without a year is not after. */
  readonly latestMs: () => number
  /** Year of times without one, instead. */
  readonly year?: number | undefined
}

export class StampReader {
  /** Epoch ms; NaN: the line has none. */
  timeMs = Number.NaN
  /** Is `timeMs` only the second in which it was? */
  isWholeSecond = true
  /** Where the rest of the line begins. */
  end = 0
  readonly #options: StampOptions
  /** The text before fractions that was read last, and what it said: lines of one second share it. */
  #text = ''
  #ms = Number.NaN
  #textEnd = 0

  constructor(options: StampOptions) {
    this.#options = options
  }

  /** Returns whether the line has a time. */
  read(line: string): boolean {
    this.isWholeSecond = true
    if (this.#textEnd > 0 && line.startsWith(this.#text)) {
      this.timeMs = this.#ms
      this.end = this.#textEnd
      return true
    }
    const code = line.charCodeAt(0)
    if (code === 91) return this.#readEpoch(line)
    if (code === 60) return this.#readFramed(line)
    if (code >= 48 && code <= 57) return this.#readInternet(line, 0)
    return this.#readWords(line)
  }

  #none(): false {
    this.timeMs = Number.NaN
    this.end = 0
    return false
  }

  #keep(line: string, end: number, ms: number): true {
    this.#text = line.slice(0, end)
    this.#textEnd = end
    this.#ms = ms
    this.timeMs = ms
    this.end = end
    return true
  }

  /** `[1795507794] ` */
  #readEpoch(line: string): boolean {
    const close = line.indexOf('] ')
    const seconds = close > 0 && close < 24 ? Number(line.slice(1, close)) : Number.NaN
    if (!(seconds > 0 && seconds < 8.64e12)) return this.#none()
    if (Number.isInteger(seconds)) return this.#keep(line, close + 2, seconds * 1000)
    this.isWholeSecond = false
    this.timeMs = Math.floor(seconds * 1000)
    this.end = close + 2
    return true
  }

  #readFramed(line: string): boolean {
    const close = line.indexOf('>')
    if (close < 2 || close > 4) return this.#none()
    if (line.startsWith('1 ', close + 1)) {
      const hasTime = this.#readInternet(line, close + 3)
      if (hasTime) this.#skipFrame(line)
      return hasTime
    }
    const hasTime = line.charCodeAt(close + 1) !== 60 && this.read(line.slice(close + 1))
    if (hasTime) this.end += close + 1
    this.#textEnd = 0
    return hasTime
  }

  /** RFC 5424 §6: behind the time stand host, app, process, message id and structured data. Leaves `end` before the message. */
  #skipFrame(line: string): void {
    let at = this.end
    for (let word = 0; word < 4; word++) {
      at = line.indexOf(' ', at) + 1
      if (at === 0) return
    }
    if (line.charCodeAt(at) === 91) {
      const close = line.indexOf('] ', at)
      if (close < 0) return
      this.end = close + 2
    } else if (line.startsWith('- ', at)) this.end = at + 2
  }

  /** `2026-11-24T08:09:53.123456+00:00 ` */
  #readInternet(line: string, from: number): boolean {
    if (line.charCodeAt(from + 4) !== 45) return this.#none()
    const end = line.indexOf(' ', from)
    if (end < 0 || end - from > 40) return this.#none()
    const text = line.slice(from, end)
    const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/.test(text)
      ? Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
      : Number.NaN
    if (Number.isNaN(ms)) return this.#none()
    this.isWholeSecond = text.charCodeAt(19) !== 46
    this.timeMs = ms
    this.end = end + 1
    return true
  }

  /** `Nov 24 08:09:53 `, `Tue Nov 24 08:09:53 2026 ` */
  #readWords(line: string): boolean {
    let at = 0
    if (monthAt(line, 0) < 0 && monthAt(line, 4) >= 0) at = 4
    const month = monthAt(line, at)
    if (month < 0 || line.charCodeAt(at + 3) !== 32) return this.#none()
    const day = twoDigits(line, at + 4)
    const hour = twoDigits(line, at + 7)
    const minute = twoDigits(line, at + 10)
    const second = twoDigits(line, at + 13)
    const isTime = line.charCodeAt(at + 6) === 32 && line.charCodeAt(at + 9) === 58 && line.charCodeAt(at + 12) === 58
    if (!isTime || !(day >= 1 && day <= 31 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0))
      return this.#none()
    if (second > 60 || line.charCodeAt(at + 15) !== 32) return this.#none()
    const timeIn = (year: number) => new Date(year, month, day, hour, minute, second).getTime()
    if (at === 4) {
      const year = Number(line.slice(20, 24))
      if (!(year > 1970 && year < 10_000) || line.charCodeAt(24) !== 32) return this.#none()
      return this.#keep(line, 25, timeIn(year))
    }
    return this.#keep(line, 16, timeIn(this.#options.year ?? this.#yearBefore(timeIn)))
  }

  /** The newest year that does not put the time into the future. */
  #yearBefore(timeIn: (year: number) => number): number {
    const latest = this.#options.latestMs()
    const year = new Date(latest).getFullYear()
    if (timeIn(year + 1) <= latest + AHEAD_MS) return year + 1
    return timeIn(year) <= latest + AHEAD_MS ? year : year - 1
  }
}

/** 0 to 11; -1: none. */
function monthAt(line: string, at: number): number {
  const found = line.length < at + 16 ? -1 : MONTHS.indexOf(line.slice(at, at + 3))
  return found % 3 === 0 ? found / 3 : -1
}

/** Two digits, or a blank and one; NaN else. */
function twoDigits(line: string, at: number): number {
  const tens = line.charCodeAt(at)
  const ones = line.charCodeAt(at + 1)
  if (ones < 48 || ones > 57 || (tens !== 32 && (tens < 48 || tens > 57))) return Number.NaN
  return (tens === 32 ? 0 : (tens - 48) * 10) + ones - 48
}
