// Signing in and out, users, tokens. Every change is logged with who made it.
import { type Access, randomPassword } from '@netbehave/access'
import * as api from '@netbehave/schema/api'
import type { Request } from 'express'
import { type Identity, mayDo, readCookie, SESSION_COOKIE } from '../access/identity.ts'
import type { SignIn } from '../access/sign-in.ts'
import type { Binder } from '../http/bind.ts'
import type { Peer } from '../http/peer.ts'
import { ApiError } from '../http/problem.ts'

export interface AccessNeighbours {
  readonly access: Access
  readonly signIn: SignIn
  readonly version: string
  readonly basePath: string
  readonly now: () => number
  readonly onChange: (what: string, fields: Record<string, unknown>) => void
}

const DAY_MS = 86_400_000
/** What a token of a scope needs its maker to be. */
const SCOPE_NEEDS: Readonly<Record<api.TokenScope, api.UserRole>> = {
  metrics: 'viewer',
  read: 'viewer',
  operate: 'operator',
  admin: 'admin',
}

export function bindAccess(binder: Binder, neighbours: AccessNeighbours): void {
  bindSession(binder, neighbours)
  bindUsers(binder, neighbours)
  bindTokens(binder, neighbours)
}

function bindSession({ bind }: Binder, { access, signIn, version, basePath, onChange }: AccessNeighbours): void {
  const cookie = (peer: Peer) =>
    ({ httpOnly: true, sameSite: 'lax', secure: peer.isSecure, path: basePath || '/' }) as const

  bind(api.LOGIN, async ({ body: { user: name, password }, peer, request, response }) => {
    const user = await signIn.check(name, password, peer.address)
    if (!user) throw new ApiError(401, 'user or password is wrong', { title: 'Not signed in' })
    endSession(request)
    const { secret, expiresMs } = access.sessions.create(name)
    response.cookie(SESSION_COOKIE, secret, cookie(peer))
    onChange('signed in', { user: name, address: peer.address })
    return { user: name, role: user.role, by: 'session' as const, expiresMs, version }
  })

  bind(api.ME, ({ identity: { user, role, by, expiresMs } }) => ({ user, role, by, expiresMs, version }))

  bind(api.LOGOUT, ({ peer, request, response }) => {
    endSession(request)
    response.clearCookie(SESSION_COOKIE, cookie(peer))
    return undefined
  })

  bind(api.CHANGE_PASSWORD, async ({ body: { current, next }, identity, peer }) => {
    requirePerson(identity)
    const user = await signIn.check(identity.user, current, peer.address)
    if (!user) throw new ApiError(403, 'the current password is wrong')
    await access.users.setPassword(user.name, next, identity.sessionHash)
    onChange('changed their password', { user: user.name })
    return undefined
  })

  /** Whatever session the browser had ends: a new one is never the continuation of one that somebody else planted. */
  function endSession(request: Request): void {
    const secret = readCookie(request, SESSION_COOKIE)
    if (secret !== undefined) access.sessions.end(secret)
  }
}

function bindUsers({ bind }: Binder, { access: { users }, onChange }: AccessNeighbours): void {
  bind(api.USERS, () => ({ users: users.list() }))

  bind(api.ADD_USER, async ({ body: { name, role, password }, identity: { user: by } }) => {
    const made = password === undefined ? randomPassword() : undefined
    const user = await users.add(name, role, password ?? made!)
    onChange('added a user', { by, user: name, role })
    return { user, password: made ?? null }
  })

  bind(api.CHANGE_USER, async ({ params: { name }, body: { role, password }, identity: { user: by } }) => {
    if (role !== undefined) users.setRole(name, role)
    if (password !== undefined) await users.setPassword(name, password)
    const user = users.get(name)
    if (!user) throw new ApiError(404, `there is no user ${name}`)
    onChange('changed a user', { by, user: name, role: user.role, newPassword: password !== undefined })
    return { user }
  })

  bind(api.REMOVE_USER, ({ params: { name }, identity: { user: by } }) => {
    users.remove(name)
    onChange('removed a user', { by, user: name })
    return undefined
  })
}

function bindTokens({ bind }: Binder, { access: { tokens }, now, onChange }: AccessNeighbours): void {
  const whose = (identity: Identity) => (mayDo(identity.role, 'admin') ? undefined : identity.user)

  bind(api.TOKENS, ({ identity }) => ({ tokens: tokens.list(whose(identity)) }))

  bind(api.ADD_TOKEN, ({ body: { name, scope, days }, identity }) => {
    requirePerson(identity)
    if (!mayDo(identity.role, SCOPE_NEEDS[scope]))
      throw new ApiError(403, `a token of scope ${scope} is more than you may`)
    const made = tokens.add(identity.user, name, scope, days === null ? null : now() + days * DAY_MS)
    onChange('made a token', { user: identity.user, token: made.token.id, scope })
    return made
  })

  bind(api.REMOVE_TOKEN, ({ params: { id }, identity }) => {
    tokens.remove(id, whose(identity))
    onChange('removed a token', { by: identity.user, token: id })
    return undefined
  })
}

/** A token that was stolen must not be able to make itself another one, or lock its user out. */
function requirePerson({ by }: Identity): void {
  if (by === 'token') throw new ApiError(403, 'a token cannot do this: sign in, or use a password')
}
