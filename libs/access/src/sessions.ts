// Sessions of browsers: made at sign-in, known by the hash of a secret that only the cookie holds. Never adopted from outside.
import type { UserRole } from '@netbehave/schema/api'
import type { Database } from '@netbehave/sqlite'
import { hashSecret, newSecret } from './secret.ts'

export interface Session {
  readonly hash: Buffer
  readonly user: string
  readonly role: UserRole
  readonly expiresMs: number
}

export interface SessionLimits {
  /** Without a request for this long a session ends. */
  readonly idleMs: number
  /** And after this long in any case. */
  readonly maxMs: number
  /** Sessions of one user at most; the one that was idle longest goes. */
  readonly perUser: number
}

const DAY_MS = 86_400_000
export const SESSION_LIMITS: SessionLimits = { idleMs: DAY_MS, maxMs: 30 * DAY_MS, perUser: 50 }
/** A session is marked as used at most this often. */
const TOUCH_MS = 60_000

export class Sessions {
  readonly #db: Database
  readonly #now: () => number
  readonly #limits: SessionLimits

  constructor(db: Database, now: () => number, limits: SessionLimits) {
    this.#db = db
    this.#now = now
    this.#limits = limits
  }

  /** A new session; the secret is told this once. */
  create(user: string): { secret: string; expiresMs: number } {
    const secret = newSecret()
    const nowMs = this.#now()
    this.#db.transaction(() => {
      this.#removeExpired(nowMs)
      this.#db
        .prepare('INSERT INTO session (hash, user, created_ms, seen_ms) VALUES (?, ?, ?, ?)')
        .run(hashSecret(secret), user, nowMs, nowMs)
      this.#db
        .prepare(
          `DELETE FROM session WHERE user = ? AND hash NOT IN
           (SELECT hash FROM session WHERE user = ? ORDER BY seen_ms DESC, created_ms DESC, rowid DESC LIMIT ?)`,
        )
        .run(user, user, this.#limits.perUser)
    })()
    return { secret, expiresMs: nowMs + this.#limits.idleMs }
  }

  /** The session of a secret, marked as used; undefined when there is none or it ended. */
  find(secret: string): Session | undefined {
    return this.findByHash(hashSecret(secret), true)
  }

  /** The same for who keeps only the hash: a socket that is open looks whether it may stay. */
  findByHash(hash: Buffer, isUsed = false): Session | undefined {
    const row = this.#db
      .prepare(
        `SELECT session.user, user.role, session.created_ms AS createdMs, session.seen_ms AS seenMs
         FROM session JOIN user ON user.name = session.user WHERE session.hash = ?`,
      )
      .get(hash) as { user: string; role: UserRole; createdMs: number; seenMs: number } | undefined
    if (!row) return undefined
    const nowMs = this.#now()
    const { idleMs, maxMs } = this.#limits
    const expiresMs = Math.min(row.seenMs + idleMs, row.createdMs + maxMs)
    if (expiresMs <= nowMs) return undefined
    if (isUsed && nowMs - row.seenMs >= TOUCH_MS)
      this.#db.prepare('UPDATE session SET seen_ms = ? WHERE hash = ?').run(nowMs, hash)
    return { hash, user: row.user, role: row.role, expiresMs }
  }

  end(secret: string): void {
    this.#db.prepare('DELETE FROM session WHERE hash = ?').run(hashSecret(secret))
  }

  #removeExpired(nowMs: number): void {
    const { idleMs, maxMs } = this.#limits
    this.#db.prepare('DELETE FROM session WHERE seen_ms <= ? OR created_ms <= ?').run(nowMs - idleMs, nowMs - maxMs)
  }
}
