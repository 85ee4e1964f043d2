// Messages on their way: rows of the table `delivery`. A row is there before the event is acknowledged, and leaves `waiting` only when
// its channel took it or after days. Fails: throws SQLite's errors.
import { createHash } from 'node:crypto'
import type { AlertChannel, Delivery, DeliveryState, Severity } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import type { AlerterCounters } from './counters.ts'
import type { Limits } from './limits.ts'

export interface NewDelivery {
  readonly eventId: string
  readonly channel: AlertChannel
  readonly alert: string
  readonly scope: string
  readonly kind: string
  readonly severity: Severity
  readonly site: string
  readonly atMs: number
  readonly subject: string
  readonly text: string
  readonly line: string
  readonly facts: Readonly<Record<string, string>>
  readonly madeMs: number
  readonly dueMs: number
}

export interface WaitingDelivery {
  readonly id: number
  readonly key: string
  readonly channel: AlertChannel
  readonly kind: string
  readonly severity: Severity
  readonly site: string
  readonly atMs: number
  readonly subject: string
  readonly text: string
  /** JSON. */
  readonly facts: string
  readonly sinceMs: number
  readonly tries: number
}

/** A message that was not tried yet and goes into a digest after all. */
export interface FoldedDelivery {
  readonly kind: string
  readonly severity: Severity
  readonly site: string
  readonly line: string
}

const LISTED = `id, key, alert, kind, severity, channel, subject, state, made_ms AS madeMs,
  CASE state WHEN 'waiting' THEN due_ms END AS nextMs, done_ms AS doneMs, tries, error`

export type Outbox = ReturnType<typeof createOutbox>

export function createOutbox(db: Database, limits: Limits, counters: AlerterCounters) {
  const insert = db.prepare(`INSERT OR IGNORE INTO delivery
    (event_id, channel, key, alert, scope, kind, severity, site, at_ms, subject, text, line, facts, made_ms, since_ms, due_ms)
    VALUES (@eventId, @channel, @key, @alert, @scope, @kind, @severity, @site, @atMs, @subject, @text, @line, @facts,
      @madeMs, @madeMs, @dueMs)`)
  const nextDue = db.prepare<[string, number], WaitingDelivery>(`SELECT id, key, channel, kind, severity, site,
    at_ms AS atMs, subject, text, facts, since_ms AS sinceMs, tries FROM delivery
    WHERE state = 'waiting' AND channel = ? AND due_ms <= ? ORDER BY due_ms, id LIMIT 1`)
  const setSent = db.prepare(
    "UPDATE delivery SET state = 'sent', done_ms = ?, tries = tries + 1, error = ? WHERE id = ?",
  )
  const setFailed = db.prepare('UPDATE delivery SET tries = tries + 1, error = ?, due_ms = ? WHERE id = ?')
  const setUndelivered = db.prepare(
    "UPDATE delivery SET state = 'undelivered', done_ms = ?, error = ? WHERE id = ? AND state = 'waiting'",
  )
  const again = `UPDATE delivery SET state = 'waiting', since_ms = @nowMs, due_ms = @nowMs, done_ms = NULL
    WHERE state = 'undelivered'`
  const resendAll = db.prepare(again)
  const resendOne = db.prepare(`${again} AND id = @id`)
  const list = db.prepare<[{ state: string | null; before: number; limit: number }], Delivery>(
    `SELECT ${LISTED} FROM delivery WHERE (@state IS NULL OR state = @state) AND id < @before ORDER BY id DESC LIMIT @limit`,
  )
  const count = db.prepare<[string], { n: number }>('SELECT count(*) AS n FROM delivery WHERE state = ?')
  const countWaiting = db.prepare<[], { channel: AlertChannel; n: number }>(
    "SELECT channel, count(*) AS n FROM delivery WHERE state = 'waiting' GROUP BY channel",
  )
  const untried = db.prepare<
    [string, string, string, number],
    FoldedDelivery & { id: number }
  >(`SELECT id, kind, severity,
    site, line FROM delivery
    WHERE state = 'waiting' AND channel = ? AND alert = ? AND scope = ? AND tries = 0 AND due_ms > ? ORDER BY id`)
  const remove = db.prepare('DELETE FROM delivery WHERE id = ?')
  const forgetDone = db.prepare(`DELETE FROM delivery WHERE id IN
    (SELECT id FROM delivery WHERE state = ? ORDER BY id DESC LIMIT -1 OFFSET ?)`)

  /** Kept beside the table: counting thousands of rows for each new one would cost too much. */
  const waiting = new Map<AlertChannel, number>()
  const change = (channel: AlertChannel, by: number) => void waiting.set(channel, (waiting.get(channel) ?? 0) + by)

  function recount(): void {
    waiting.clear()
    for (const { channel, n } of countWaiting.all()) waiting.set(channel, n)
  }
  recount()

  return {
    recount,
    /** Has the channel room for one more? */
    hasRoom: (channel: AlertChannel): boolean => (waiting.get(channel) ?? 0) < limits.waiting,
    countWaiting: (channel: AlertChannel): number => waiting.get(channel) ?? 0,
    /** False when this event was told on this channel already. */
    add(delivery: NewDelivery): boolean {
      const key = messageKey(delivery.eventId, delivery.channel)
      const isNew = insert.run({ ...delivery, key, facts: JSON.stringify(delivery.facts) }).changes === 1
      if (isNew) change(delivery.channel, 1)
      return isNew
    },
    nextDue: (channel: AlertChannel, nowMs: number): WaitingDelivery | undefined => nextDue.get(channel, nowMs),
    sent({ id, channel }: WaitingDelivery, nowMs: number, remark = ''): void {
      setSent.run(nowMs, remark, id)
      change(channel, -1)
    },
    failed: ({ id }: WaitingDelivery, error: string, dueMs: number): void => void setFailed.run(error, dueMs, id),
    giveUp({ id, channel }: WaitingDelivery, error: string, nowMs: number): void {
      setFailed.run(error, nowMs, id)
      setUndelivered.run(nowMs, error, id)
      change(channel, -1)
    },
    /** Undelivered messages wait again. How many do. */
    resend(ids: readonly number[] | undefined, nowMs: number): number {
      const resent =
        ids === undefined
          ? resendAll.run({ nowMs }).changes
          : db.transaction(() => ids.reduce((sum, id) => sum + resendOne.run({ nowMs, id }).changes, 0))()
      recount()
      return resent
    },
    /** Newest first. */
    list: (state: DeliveryState | undefined, before: number | undefined, limit: number): Delivery[] =>
      list.all({ state: state ?? null, before: before ?? Number.MAX_SAFE_INTEGER, limit }),
    count: (state: DeliveryState): number => count.get(state)!.n,
    /** Takes away what waits and cannot have been sent yet: its time has not come. */
    takeUntried(channel: AlertChannel, alert: string, scope: string, nowMs: number): FoldedDelivery[] {
      const rows = untried.all(channel, alert, scope, nowMs)
      for (const { id } of rows) remove.run(id)
      change(channel, -rows.length)
      return rows
    },
    tidy(): void {
      for (const state of ['sent', 'undelivered'])
        counters.forgottenDeliveries += forgetDone.run(state, limits.done).changes
    },
  }
}

/** The same for the same event and channel, however often it is sent. */
const messageKey = (eventId: string, channel: string): string =>
  createHash('sha256').update(`${eventId}\0${channel}`).digest('hex').slice(0, 32)
