// Step throttle: now, or in a digest, and in which. In: what alerts want to tell of one notice. Out: rows of outbox and digests, written
// in the transaction of the caller. A burst that is too much becomes a digest as a whole: what of it still waits is folded in.
import type { DigestReason } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import type { AlerterCounters } from './counters.ts'
import type { Digests } from './digests.ts'
import type { Wanted } from './evaluate.ts'
import { KINDS } from './kinds.ts'
import type { Limits } from './limits.ts'
import type { Notice } from './notice.ts'
import type { Outbox } from './outbox.ts'

const HOUR_MS = 3_600_000

export interface ThrottleOptions {
  readonly db: Database
  readonly outbox: Outbox
  readonly digests: Digests
  readonly counters: AlerterCounters
  readonly limits: Limits
  readonly gatherMs: number
  readonly digestIntervalMs: number
  /** When the learning window ends, epoch ms. */
  readonly learningUntilMs: () => number
  /** When the quiet hours that hold now end; undefined: none do. */
  readonly quietUntilMs: (nowMs: number) => number | undefined
}

export interface Throttle {
  tell(notice: Notice, wanted: Wanted, nowMs: number): void
  /** Forgets hours that are over. */
  tidy(nowMs: number): void
}

export function createThrottle(options: ThrottleOptions): Throttle {
  const { db, outbox, digests, counters, limits, gatherMs, digestIntervalMs } = options
  const find = db.prepare<[string, string, string], { startMs: number; count: number }>(
    'SELECT start_ms AS startMs, count FROM throttle WHERE alert = ? AND scope = ? AND channel = ?',
  )
  const begin = db.prepare(
    'INSERT OR REPLACE INTO throttle (alert, scope, channel, start_ms, count) VALUES (?, ?, ?, ?, 1)',
  )
  const add = db.prepare('UPDATE throttle SET count = count + 1 WHERE alert = ? AND scope = ? AND channel = ?')
  const countAll = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM throttle')
  const forget = db.prepare('DELETE FROM throttle WHERE start_ms <= ?')

  function tell(notice: Notice, wanted: Wanted, nowMs: number): void {
    const { channel, alert } = wanted
    const entry = { kind: notice.kind, severity: wanted.severity, site: notice.site, line: wanted.line }
    const { reason, dueMs } = whichDigest(notice, wanted, nowMs)
    if (reason === undefined) {
      outbox.add({
        ...entry,
        eventId: notice.id,
        scope: notice.scope,
        ...{ channel, alert, subject: wanted.subject, text: wanted.text },
        ...{ atMs: notice.atMs, facts: notice.facts, madeMs: nowMs, dueMs },
      })
      return
    }
    if (reason === 'throttle') {
      for (const folded of outbox.takeUntried(channel, alert, notice.scope, nowMs))
        digests.add(channel, reason, folded, nowMs, dueMs)
    }
    digests.add(channel, reason, entry, nowMs, dueMs)
  }

  /** Without a reason it is told at once. */
  function whichDigest(notice: Notice, wanted: Wanted, nowMs: number): { reason?: DigestReason; dueMs: number } {
    const learningUntilMs = options.learningUntilMs()
    if (KINDS[notice.kind].isLearned && nowMs < learningUntilMs) return { reason: 'learning', dueMs: learningUntilMs }
    const quietUntilMs = wanted.severity === 'critical' ? undefined : options.quietUntilMs(nowMs)
    if (quietUntilMs !== undefined) return { reason: 'quiet', dueMs: quietUntilMs }
    if (wanted.digest) return { reason: 'interval', dueMs: nowMs + digestIntervalMs }
    if (!outbox.hasRoom(wanted.channel)) {
      counters.outboxFull++
      return { reason: 'throttle', dueMs: nowMs + digestIntervalMs }
    }
    if (!admits(wanted, notice.scope, nowMs)) return { reason: 'throttle', dueMs: nowMs + digestIntervalMs }
    return { dueMs: nowMs + gatherMs }
  }

  function admits({ alert, channel, maxPerHour }: Wanted, scope: string, nowMs: number): boolean {
    if (maxPerHour === 0) return false
    const hour = find.get(alert, scope, channel)
    if (!hour && countAll.get()!.n >= limits.throttles) return false
    if (!hour || nowMs - hour.startMs >= HOUR_MS || nowMs < hour.startMs) begin.run(alert, scope, channel, nowMs)
    else if (hour.count >= maxPerHour) return false
    else add.run(alert, scope, channel)
    return true
  }

  return { tell, tidy: (nowMs) => void forget.run(nowMs - HOUR_MS) }
}
