// Digests that fill: lines, and counts by kind where the lines have no room. In: what is not told at once. Out: one message each.
// Bounded by `digestLines` lines a digest. Fails: throws SQLite's errors.
import { randomUUID } from 'node:crypto'
import { type AlertChannel, type DigestReason, SEVERITIES, type Severity } from '@netbehave/schema'
import type { Database } from '@netbehave/sqlite'
import type { AlerterCounters } from './counters.ts'
import type { Limits } from './limits.ts'
import type { FoldedDelivery, NewDelivery } from './outbox.ts'
import { formatTime } from './text.ts'

export interface OpenDigest {
  readonly channel: AlertChannel
  readonly reason: DigestReason
  readonly firstMs: number
  readonly dueMs: number
  readonly severity: Severity
  readonly site: string
  /** Lines that are kept. */
  readonly lines: number
}

/** What is told of each kind in the sum of a digest. */
const PLURALS: Readonly<Record<string, string>> = {
  'asset-new': 'new devices',
  'asset-mac': 'addresses with another MAC',
  'asset-back': 'devices that are back',
  'vendor-new': 'first devices of a vendor',
  'rule-match': 'matches of rules',
  'exporter-silent': 'silent exporters',
  'exporter-back': 'exporters that send again',
  loss: 'times of loss',
  storage: 'troubles of the archive',
}

const OPENINGS: Readonly<Record<DigestReason, string>> = {
  learning: 'This is what turned up while NetBehave learned what is on your network. From now on it tells what is new.',
  quiet: 'This is what happened in the quiet hours.',
  throttle: 'There was more to tell than the alert allows in an hour (maxPerHour), so here it is in one message.',
  interval: 'This is what happened since the digest before.',
}

export type Digests = ReturnType<typeof createDigests>

export function createDigests(db: Database, limits: Limits, counters: AlerterCounters, timeZone: string) {
  const columns = 'channel, reason, first_ms AS firstMs, due_ms AS dueMs, severity, site, lines'
  const find = db.prepare<[string, string], OpenDigest>(
    `SELECT ${columns} FROM digest WHERE channel = ? AND reason = ?`,
  )
  const open = db.prepare(`INSERT INTO digest (channel, reason, first_ms, due_ms, severity, site)
    VALUES (@channel, @reason, @firstMs, @dueMs, @severity, @site)`)
  const setSeverity = db.prepare('UPDATE digest SET severity = ? WHERE channel = ? AND reason = ?')
  const all = db.prepare<[], OpenDigest>(`SELECT ${columns} FROM digest ORDER BY due_ms`)
  const postpone = db.prepare('UPDATE digest SET due_ms = ? WHERE channel = ? AND reason = ?')
  const addLine = db.prepare('INSERT INTO digest_line (channel, reason, line) VALUES (?, ?, ?)')
  const countLine = db.prepare('UPDATE digest SET lines = lines + 1 WHERE channel = ? AND reason = ?')
  const addCount = db.prepare(`INSERT INTO digest_count (channel, reason, kind, total) VALUES (?, ?, ?, 1)
    ON CONFLICT DO UPDATE SET total = total + 1`)
  const lines = db.prepare<[string, string], { line: string }>(
    'SELECT line FROM digest_line WHERE channel = ? AND reason = ? ORDER BY id',
  )
  const counts = db.prepare<[string, string], { kind: string; total: number }>(
    'SELECT kind, total FROM digest_count WHERE channel = ? AND reason = ? ORDER BY total DESC, kind',
  )
  const removal = ['digest', 'digest_line', 'digest_count'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE channel = ? AND reason = ?`),
  )
  const totalOf = ({ channel, reason }: OpenDigest): number =>
    counts.all(channel, reason).reduce((sum, { total }) => sum + total, 0)

  return {
    /** Puts one more into the digest of a channel and reason; the first one says when it is due. */
    add(channel: AlertChannel, reason: DigestReason, entry: FoldedDelivery, nowMs: number, dueMs: number): void {
      const { severity, site } = entry
      const digest = find.get(channel, reason)
      if (!digest) open.run({ channel, reason, firstMs: nowMs, dueMs, severity, site })
      else if (isMore(severity, digest.severity)) setSeverity.run(severity, channel, reason)
      counters.digested[reason]++
      addCount.run(channel, reason, entry.kind)
      if ((digest?.lines ?? 0) >= limits.digestLines) counters.linesLeftOut++
      else {
        addLine.run(channel, reason, entry.line)
        countLine.run(channel, reason)
      }
    },
    postpone: ({ channel, reason }: OpenDigest, dueMs: number): void => void postpone.run(dueMs, channel, reason),
    open: (): (OpenDigest & { total: number })[] => all.all().map((digest) => ({ ...digest, total: totalOf(digest) })),
    due: (nowMs: number): OpenDigest[] => all.all().filter(({ dueMs }) => dueMs <= nowMs),
    of: (reason: DigestReason): OpenDigest[] => all.all().filter((digest) => digest.reason === reason),
    /** The message of a digest; the digest is gone. */
    close(digest: OpenDigest, nowMs: number): NewDelivery {
      const { channel, reason, firstMs, severity, site } = digest
      const shown = lines.all(channel, reason).map(({ line }) => line)
      const sums = counts.all(channel, reason)
      const total = totalOf(digest)
      for (const statement of removal) statement.run(channel, reason)
      counters.digests++
      const summary = sums.map(({ kind, total: n }) => `${n} ${PLURALS[kind] ?? kind}`).join(', ')
      const more =
        total > shown.length ? `\n… and ${total - shown.length} more, which this message has no room for.` : ''
      const span = `From ${formatTime(firstMs, timeZone)} to ${formatTime(nowMs, timeZone)}: ${summary}.`
      return {
        eventId: `digest-${reason}-${randomUUID()}`,
        ...{ channel, severity, site },
        alert: 'digest',
        scope: '',
        kind: 'digest',
        atMs: nowMs,
        subject: `Digest: ${summary}`.slice(0, 150),
        text: `${OPENINGS[reason]}\n\n${span}\n\n${shown.join('\n')}${more}\n`,
        line: `digest: ${summary}`,
        facts: {
          reason,
          total: String(total),
          summary,
          ...Object.fromEntries(sums.map((sum) => [sum.kind, String(sum.total)])),
        },
        ...{ madeMs: nowMs, dueMs: nowMs },
      }
    },
  }
}

const isMore = (a: Severity, b: Severity): boolean => SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b)
