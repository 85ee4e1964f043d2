// What was told of which rule and source address, so that each pair is told of at most once a minute. In: matches of a batch.
// Out: events to publish, now or when their minute is over. Bounded by `limit`. A match that is not told at once is counted into the
// next event of its pair, so the counts of all events are all matches.
import { createHash } from 'node:crypto'
import type { Flow, RuleMatchEvent } from '@netbehave/schema'

export const MINUTE_MS = 60_000
/** A collector's clock may be ahead of ours by so much; a time beyond would keep a pair silent until then. */
const CLOCK_AHEAD_MS = 5 * MINUTE_MS

/** What an event says of its rule and source. */
export type AlertPair = Pick<RuleMatchEvent, 'rule' | 'severity' | 'alert' | 'note' | 'site' | 'source'>

export interface AlertMatches {
  readonly pair: AlertPair
  /** Flows of the batch that matched. */
  readonly count: number
  /** The first of them; called when it is needed. */
  readonly first: () => Flow
  /** When the collector received the batch, epoch ms. */
  readonly receivedMs: number
  /** Delivered before: its matches may have been counted already. */
  readonly redelivered: boolean
}

export interface AlertCounters {
  /** Events. */
  told: number
  /** Matches for which the table had no room. */
  leftOut: number
}

interface Entry {
  pair: AlertPair
  /** Minute of the newest event. */
  minuteMs: number
  /** Matches since. */
  untold: number
  /** The first of them. */
  first: Flow | undefined
}

export class AlertTable {
  readonly counters: AlertCounters = { told: 0, leftOut: 0 }
  readonly #limit: number
  readonly #entries = new Map<string, Entry>()
  #newestMinuteMs = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Pairs that are remembered. */
  get size(): number {
    return this.#entries.size
  }

  /** The event to publish now; undefined when its pair was told of in this minute. */
  add({ pair, count, first, receivedMs, redelivered }: AlertMatches, nowMs: number): RuleMatchEvent | undefined {
    const minuteMs = minuteOf(Math.min(receivedMs, nowMs + CLOCK_AHEAD_MS))
    const key = keyOf(pair)
    const entry = this.#entries.get(key) ?? this.#insert(key, pair, minuteMs)
    if (!entry) {
      this.counters.leftOut += count
      return undefined
    }
    entry.pair = pair
    if (minuteMs > entry.minuteMs) return this.#tell(entry, minuteMs, count, first)
    if (!redelivered) {
      entry.untold += count
      entry.first ??= first()
    }
    return undefined
  }

  /** Another enricher told of this pair in this minute: what the event counted is told with the next one. */
  takeBack({ minuteMs, count, first, ...pair }: RuleMatchEvent): void {
    this.counters.told--
    const key = keyOf(pair)
    const entry = this.#entries.get(key) ?? this.#insert(key, pair, minuteMs)
    if (!entry) {
      this.counters.leftOut += count
      return
    }
    entry.minuteMs = Math.max(entry.minuteMs, minuteMs)
    entry.untold += count
    entry.first ??= first
  }

  /** Events of what was not told in minutes that are over now. */
  due(nowMs: number): RuleMatchEvent[] {
    const minuteMs = minuteOf(nowMs)
    const events: RuleMatchEvent[] = []
    for (const [key, entry] of this.#entries) {
      if (entry.minuteMs >= minuteMs) continue
      if (entry.untold > 0) events.push(this.#tell(entry, entry.minuteMs + MINUTE_MS))
      // While a backlog is worked off, its minutes are still to come.
      else if (entry.minuteMs < Math.min(minuteMs, this.#newestMinuteMs) - MINUTE_MS) this.#entries.delete(key)
    }
    return events
  }

  /** Events of everything that was not told, for the stop. */
  rest(): RuleMatchEvent[] {
    const untold = [...this.#entries.values()].filter((entry) => entry.untold > 0)
    return untold.map((entry) => this.#tell(entry, entry.minuteMs + MINUTE_MS))
  }

  #insert(key: string, pair: AlertPair, minuteMs: number): Entry | undefined {
    if (minuteMs > this.#newestMinuteMs) {
      this.#newestMinuteMs = minuteMs
      // Once a minute: when it is full of this minute's pairs, looking through it for each new one would cost too much.
      if (this.#entries.size >= this.#limit) this.#forgetBefore(minuteMs)
    }
    if (this.#entries.size >= this.#limit) return undefined
    const entry: Entry = { pair, minuteMs: Number.NEGATIVE_INFINITY, untold: 0, first: undefined }
    this.#entries.set(key, entry)
    return entry
  }

  #forgetBefore(minuteMs: number): void {
    for (const [key, entry] of this.#entries) {
      if (entry.minuteMs < minuteMs && entry.untold === 0) this.#entries.delete(key)
    }
  }

  #tell(entry: Entry, minuteMs: number, more = 0, first?: () => Flow): RuleMatchEvent {
    const event = { ...entry.pair, minuteMs, count: entry.untold + more, first: entry.first ?? first!() }
    entry.minuteMs = minuteMs
    entry.untold = 0
    entry.first = undefined
    this.counters.told++
    return event
  }
}

const keyOf = ({ rule, site, source }: AlertPair): string => `${rule}\0${site}\0${source}`
const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS

/** The same for the same rule, site, source and minute, so that the stream stores one, whichever enricher tells. */
export function ruleMatchId({ rule, site, source, minuteMs }: RuleMatchEvent): string {
  const hash = createHash('sha256').update(`${rule}\0${site}\0${source}`).digest('hex')
  return `rule-${minuteMs}-${hash.slice(0, 32)}`
}
