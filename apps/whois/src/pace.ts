// When a registry may be asked: a bucket of tokens for each, and longer and longer pauses while it does not answer.
// In: a clock. Out: how long to wait. Nothing here waits by itself.
import { REGISTRIES, type Registry } from '@netbehave/schema'

export interface PaceOptions {
  readonly requestsPerSecond: number
  /** Ms of a clock that never goes back. */
  readonly now: () => number
  readonly firstBackOffMs?: number
  readonly longestBackOffMs?: number
}

export interface Pace {
  /** Ms until the registry may be asked; 0: now. */
  delayMs(registry: Registry): number
  /** A question goes out. */
  take(registry: Registry): void
  /** It does not answer, or asks to be left alone for `retryAfterMs`. Returns how long it is left alone. */
  backOff(registry: Registry, retryAfterMs?: number): number
  /** It answered: the next pause is a short one again. */
  recover(registry: Registry): void
}

const FIRST_BACK_OFF_MS = 5_000
const LONGEST_BACK_OFF_MS = 3_600_000
/** A registry that asks for more is asked again after this. */
export const LONGEST_RETRY_AFTER_MS = 86_400_000

interface Gauge {
  /** Tokens at `atMs`; at most 1, so that questions are spread and never come in bursts. */
  tokens: number
  atMs: number
  notBeforeMs: number
  nextBackOffMs: number
}

export function createPace(options: PaceOptions): Pace {
  const { requestsPerSecond, now, firstBackOffMs = FIRST_BACK_OFF_MS } = options
  const longestBackOffMs = options.longestBackOffMs ?? LONGEST_BACK_OFF_MS
  const gauges = new Map<Registry, Gauge>(
    REGISTRIES.map((registry) => [registry, { tokens: 1, atMs: now(), notBeforeMs: 0, nextBackOffMs: firstBackOffMs }]),
  )

  function fill(registry: Registry): Gauge {
    const gauge = gauges.get(registry)!
    const at = now()
    gauge.tokens = Math.min(1, gauge.tokens + ((at - gauge.atMs) * requestsPerSecond) / 1000)
    gauge.atMs = at
    return gauge
  }

  return {
    delayMs(registry) {
      const { tokens, atMs, notBeforeMs } = fill(registry)
      const forToken = tokens >= 1 ? 0 : ((1 - tokens) * 1000) / requestsPerSecond
      return Math.ceil(Math.max(0, forToken, notBeforeMs - atMs))
    },
    take(registry) {
      fill(registry).tokens -= 1
    },
    backOff(registry, retryAfterMs) {
      const gauge = fill(registry)
      const waitMs = Math.min(Math.max(retryAfterMs ?? 0, gauge.nextBackOffMs), LONGEST_RETRY_AFTER_MS)
      gauge.notBeforeMs = Math.max(gauge.notBeforeMs, gauge.atMs + waitMs)
      gauge.nextBackOffMs = Math.min(2 * gauge.nextBackOffMs, longestBackOffMs)
      return waitMs
    },
    recover(registry) {
      gauges.get(registry)!.nextBackOffMs = firstBackOffMs
    },
  }
}

/** `Retry-After` (RFC 9110 §10.2.3), seconds or a date → ms from `nowMs`; undefined when it says nothing. */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
