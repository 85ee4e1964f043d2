// Who asks: found by session cookie, API token or HTTP Basic. In: a request. Out: an identity, or none.
import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Access, UserRecord } from '@netbehave/access'
import { type Me, type TokenScope, USER_ROLES, type UserRole } from '@netbehave/schema/api'
import { LRUCache } from 'lru-cache'
import type { Peer } from '../http/peer.ts'
import type { SignIn } from './sign-in.ts'

export interface Identity {
  readonly user: string
  /** Undefined for a token that may only read metrics. */
  readonly role: UserRole | undefined
  readonly by: Me['by']
  readonly expiresMs: number | null
  /** Of the session, when it is one. */
  readonly sessionHash?: Buffer
  /** Does it still hold? For sockets that stay open. */
  stillHolds(): boolean
}

export const SESSION_COOKIE = 'netbehave-session'

const SCOPE_ROLES: Readonly<Record<TokenScope, UserRole | undefined>> = {
  metrics: undefined,
  read: 'viewer',
  operate: 'operator',
  admin: 'admin',
}

/** May somebody of role `has` do what `needs` says? */
export const mayDo = (has: UserRole | undefined, needs: UserRole): boolean =>
  has !== undefined && USER_ROLES.indexOf(has) >= USER_ROLES.indexOf(needs)

/** A password that was right is not hashed again for a minute; a changed or removed user is noticed at once. */
const BASIC_TTL_MS = 60_000
const BASIC_ENTRIES = 256

export class Identities {
  readonly #access: Access
  readonly #signIn: SignIn
  readonly #basicKey = randomBytes(32)
  /** No more than the gate of `SignIn` lets in. */
  readonly #checking = new Map<string, Promise<UserRecord | undefined>>()
  readonly #basic = new LRUCache<string, string>({ max: BASIC_ENTRIES, ttl: BASIC_TTL_MS })

  constructor(access: Access, signIn: SignIn) {
    this.#access = access
    this.#signIn = signIn
  }

  /** Throws ApiError 429 or 503 when a password may not be tried now. A wrong one is nobody. */
  async of(request: IncomingMessage, peer: Peer): Promise<Identity | undefined> {
    const [scheme = '', credentials = ''] = (request.headers.authorization ?? '').split(' ', 2)
    if (scheme.toLowerCase() === 'bearer') return this.#byToken(credentials)
    if (scheme.toLowerCase() === 'basic') return this.#byPassword(credentials, peer)
    const secret = readCookie(request, SESSION_COOKIE)
    return secret === undefined ? undefined : this.#bySession(secret)
  }

  #bySession(secret: string): Identity | undefined {
    const { sessions } = this.#access
    const session = sessions.find(secret)
    if (!session) return undefined
    const { user, role, expiresMs, hash } = session
    return {
      user,
      role,
      by: 'session',
      expiresMs,
      sessionHash: hash,
      stillHolds: () => sessions.findByHash(hash)?.role === role,
    }
  }

  #byToken(secret: string): Identity | undefined {
    const { tokens } = this.#access
    const token = tokens.find(secret)
    if (!token) return undefined
    const { user, scope, expiresMs } = token
    const role = lesser(SCOPE_ROLES[scope], token.role)
    return {
      user,
      role,
      by: 'token',
      expiresMs,
      stillHolds: () => {
        const now = tokens.find(secret)
        return now !== undefined && lesser(SCOPE_ROLES[now.scope], now.role) === role
      },
    }
  }

  async #byPassword(credentials: string, peer: Peer): Promise<Identity | undefined> {
    const text = Buffer.from(credentials, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    if (colon < 0) return undefined
    const [name, password] = [text.slice(0, colon), text.slice(colon + 1)]
    // Keyed, so that what is in memory is no hash of a password that could be tried offline.
    const key = createHmac('sha256', this.#basicKey).update(`${name}\0${password}`).digest('base64')
    const { users } = this.#access
    const known = this.#basic.get(key)
    let user = known !== undefined && known === users.passwordTag(name) ? users.get(name) : undefined
    user ??= await this.#checkOnce(key, name, password, peer)
    if (!user) return undefined
    const { role } = user
    const tag = users.passwordTag(name)
    return {
      user: name,
      role,
      by: 'password',
      expiresMs: null,
      stillHolds: () => users.passwordTag(name) === tag && users.get(name)?.role === role,
    }
  }

  /** A script that begins with many requests at once has its password looked at once. */
  #checkOnce(key: string, name: string, password: string, peer: Peer): Promise<UserRecord | undefined> {
    const id = `${peer.address} ${key}`
    let checking = this.#checking.get(id)
    if (!checking) {
      checking = this.#signIn.check(name, password, peer.address).finally(() => this.#checking.delete(id))
      this.#checking.set(id, checking)
      checking
        .then((user) => {
          const tag = this.#access.users.passwordTag(name)
          if (user && tag !== undefined) this.#basic.set(key, tag)
        })
        .catch(() => {}) // whoever asked is told
    }
    return checking
  }
}

function lesser(scope: UserRole | undefined, role: UserRole): UserRole | undefined {
  if (scope === undefined) return undefined
  return USER_ROLES[Math.min(USER_ROLES.indexOf(scope), USER_ROLES.indexOf(role))]
}

/** The value of the first cookie of this name. */
export function readCookie(request: IncomingMessage, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const equals = part.indexOf('=')
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim()
  }
  return undefined
}
