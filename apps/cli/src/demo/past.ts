// The past, told when the demo starts: the newest hour first, so that what people look at first is there first. In: the story.
// Out: flows by hours; lines of the log in their order.
import { appendFileSync } from 'node:fs'
import type { DemoFlow, Lookup } from './conversation.ts'
import { writeLookups } from './dnsmasq-log.ts'
import { createHour, HOUR_MS } from './hour.ts'

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS

/** Flows that ended in the span, an hour at a time, the newest hour first; `fromMs` is how far back it is told then. */
export function* pastHours(seed: number, { fromMs, toMs }: Span): Generator<{ fromMs: number; flows: DemoFlow[] }> {
  // Flows of the hour before may end in the span.
  for (let startMs = hourOf(toMs); startMs >= hourOf(fromMs) - HOUR_MS; startMs -= HOUR_MS) {
    const flows = createHour(seed, startMs).flows.filter(({ endMs }) => endMs >= fromMs && endMs < toMs)
    yield { fromMs: Math.max(fromMs, startMs), flows }
  }
}

/** When the first question was asked that flows of a past from `fromMs` on follow: devices remember what they were told for the rest of the hour. */
export const askedFromMs = (fromMs: number): number => hourOf(fromMs) - HOUR_MS

/** Appends to the log what was asked in the span. The number that the next question gets. */
export function appendPastLookups(file: string, seed: number, { fromMs, toMs }: Span, number: number): number {
  let next = number
  for (let startMs = hourOf(fromMs); startMs < toMs; startMs += HOUR_MS) {
    const lookups = createHour(seed, startMs).lookups.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    appendLookups(file, lookups, next)
    next += lookups.length
  }
  return next
}

export function appendLookups(file: string, lookups: readonly Lookup[], number: number): void {
  if (lookups.length > 0) appendFileSync(file, writeLookups(lookups, number))
}
