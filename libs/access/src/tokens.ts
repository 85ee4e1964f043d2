// API tokens: for scripts and Prometheus. Never more than their user may. Fails: AccessError.
import { randomBytes } from 'node:crypto'
import type { TokenScope, UserRole } from '@netbehave/schema/api'
import type { Database } from '@netbehave/sqlite'
import { AccessError } from './access-error.ts'
import { hashSecret, newSecret, TOKEN_PREFIX } from './secret.ts'

export interface TokenRecord {
  readonly id: string
  readonly name: string
  readonly user: string
  readonly scope: TokenScope
  readonly createdMs: number
  readonly expiresMs: number | null
  readonly lastUsedMs: number | null
}

/** Tokens of one user at most. */
export const MAX_TOKENS = 100
const TOUCH_MS = 60_000
const SELECT = `SELECT token.id, token.name, token.user, token.scope, token.created_ms AS createdMs,
  token.expires_ms AS expiresMs, token.last_used_ms AS lastUsedMs, user.role AS role
  FROM token JOIN user ON user.name = token.user`

export class Tokens {
  readonly #db: Database
  readonly #now: () => number

  constructor(db: Database, now: () => number) {
    this.#db = db
    this.#now = now
  }

  /** All, or those of one user. */
  list(user?: string): TokenRecord[] {
    const rows = this.#db
      .prepare(`${SELECT} WHERE @user IS NULL OR token.user = @user ORDER BY token.user, token.name, token.id`)
      .all({ user: user ?? null }) as (TokenRecord & { role: UserRole })[]
    return rows.map(({ role: _, ...token }) => token)
  }

  /** A new token; the secret is told this once. */
  add(user: string, name: string, scope: TokenScope, expiresMs: number | null): { token: TokenRecord; secret: string } {
    const secret = TOKEN_PREFIX + newSecret()
    const id = randomBytes(6).toString('hex')
    this.#db
      .transaction(() => {
        if (!this.#db.prepare('SELECT 1 FROM user WHERE name = ?').get(user))
          throw new AccessError('missing', `there is no user ${user}`)
        if (this.list(user).length >= MAX_TOKENS)
          throw new AccessError('full', `${user} has ${MAX_TOKENS} tokens, which is the limit; remove one`)
        this.#db
          .prepare(
            'INSERT INTO token (id, hash, user, name, scope, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
          )
          .run(id, hashSecret(secret), user, name, scope, this.#now(), expiresMs)
      })
      .immediate()
    return { token: this.list(user).find((token) => token.id === id)!, secret }
  }

  /** The token of a secret with its user's role; undefined when there is none or it expired. */
  find(secret: string): (TokenRecord & { readonly role: UserRole }) | undefined {
    if (!secret.startsWith(TOKEN_PREFIX)) return undefined
    const row = this.#db.prepare(`${SELECT} WHERE token.hash = ?`).get(hashSecret(secret)) as
      | (TokenRecord & { role: UserRole })
      | undefined
    const nowMs = this.#now()
    if (!row || (row.expiresMs !== null && row.expiresMs <= nowMs)) return undefined
    if (nowMs - (row.lastUsedMs ?? 0) >= TOUCH_MS)
      this.#db.prepare('UPDATE token SET last_used_ms = ? WHERE id = ?').run(nowMs, row.id)
    return row
  }

  /** One's own, or with `user` undefined anybody's. */
  remove(id: string, user: string | undefined): void {
    const { changes } = this.#db
      .prepare('DELETE FROM token WHERE id = @id AND (@user IS NULL OR user = @user)')
      .run({ id, user: user ?? null })
    if (changes === 0) throw new AccessError('missing', `there is no token ${id}`)
  }
}
