// Who one is, users, API tokens.
import { z } from 'zod'
import { defineRoute, USER_ROLES } from './route.ts'

/** A user's name: what may stand in a URL and a log line without surprises. */
export const UserName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, 'use 1 to 64 of a-z 0-9 . _ @ -, beginning with a letter or digit')
/** scrypt takes any length; 1,024 is what one can still call a password. */
export const Password = z.string().min(8, 'use at least 8 characters').max(1024)

export const Me = z.object({
  user: z.string(),
  role: z.enum(USER_ROLES),
  by: z.enum(['session', 'token', 'password']).describe('how the request says who it is'),
  expiresMs: z.number().nullable().describe('when the session or token ends; null: not by itself'),
  version: z.string().describe('of the gateway'),
})
export type Me = z.infer<typeof Me>

export const LOGIN = defineRoute({
  method: 'POST',
  path: '/session',
  role: 'anyone',
  tag: 'access',
  summary: 'sign in; sets the session cookie',
  body: z.strictObject({ user: z.string().max(64), password: z.string().max(1024) }),
  reply: Me,
})
export const ME = defineRoute({
  method: 'GET',
  path: '/session',
  role: 'viewer',
  tag: 'access',
  summary: 'who am I; 401 without a login',
  reply: Me,
})
export const LOGOUT = defineRoute({
  method: 'DELETE',
  path: '/session',
  role: 'anyone',
  tag: 'access',
  summary: 'sign out: the session ends and its sockets are closed',
})
export const CHANGE_PASSWORD = defineRoute({
  method: 'PUT',
  path: '/session/password',
  role: 'viewer',
  tag: 'access',
  summary: "change one's own password; every other session of this user ends",
  body: z.strictObject({ current: z.string().max(1024), next: Password }),
})

export const User = z.object({
  name: z.string(),
  role: z.enum(USER_ROLES),
  createdMs: z.number(),
  lastLoginMs: z.number().nullable(),
  sessions: z.number(),
  tokens: z.number(),
})
export type User = z.infer<typeof User>

export const USERS = defineRoute({
  method: 'GET',
  path: '/users',
  role: 'admin',
  tag: 'access',
  summary: 'every user',
  reply: z.object({ users: z.array(User) }),
  etag: true,
})
export const ADD_USER = defineRoute({
  method: 'POST',
  path: '/users',
  role: 'admin',
  tag: 'access',
  creates: true,
  summary: 'add a user; without a password a random one is made and told once',
  body: z.strictObject({ name: UserName, role: z.enum(USER_ROLES).default('viewer'), password: Password.optional() }),
  reply: z.object({ user: User, password: z.string().nullable().describe('the random one') }),
})
export const CHANGE_USER = defineRoute({
  method: 'PATCH',
  path: '/users/{name}',
  role: 'admin',
  tag: 'access',
  summary: 'change role or password; with a new password every session of the user ends',
  params: z.object({ name: UserName }),
  body: z.strictObject({ role: z.enum(USER_ROLES).optional(), password: Password.optional() }),
  reply: z.object({ user: User }),
})
export const REMOVE_USER = defineRoute({
  method: 'DELETE',
  path: '/users/{name}',
  role: 'admin',
  tag: 'access',
  summary: 'remove a user with sessions and tokens; the last admin stays',
  params: z.object({ name: UserName }),
})

/** What a token may: read as a viewer, change as an operator or admin, or only read `/metrics`. Never more than its user. */
export const TOKEN_SCOPES = ['metrics', 'read', 'operate', 'admin'] as const
export type TokenScope = (typeof TOKEN_SCOPES)[number]

export const Token = z.object({
  id: z.string(),
  name: z.string(),
  user: z.string(),
  scope: z.enum(TOKEN_SCOPES),
  createdMs: z.number(),
  expiresMs: z.number().nullable(),
  lastUsedMs: z.number().nullable(),
})
export type Token = z.infer<typeof Token>

export const TOKENS = defineRoute({
  method: 'GET',
  path: '/tokens',
  role: 'viewer',
  tag: 'access',
  summary: "one's own API tokens; an admin sees all",
  reply: z.object({ tokens: z.array(Token) }),
})
export const ADD_TOKEN = defineRoute({
  method: 'POST',
  path: '/tokens',
  role: 'viewer',
  tag: 'access',
  creates: true,
  summary: 'make an API token; its text is told once',
  body: z.strictObject({
    name: z.string().min(1).max(64),
    scope: z.enum(TOKEN_SCOPES).default('read'),
    days: z.number().int().min(1).max(3650).nullable().default(null).describe('how long it is good for; null: no end'),
  }),
  reply: z.object({ token: Token, secret: z.string().describe('for `Authorization: Bearer …`') }),
})
export const REMOVE_TOKEN = defineRoute({
  method: 'DELETE',
  path: '/tokens/{id}',
  role: 'viewer',
  tag: 'access',
  summary: "remove one of one's own tokens; an admin any",
  params: z.object({ id: z.string().regex(/^[a-z0-9]{1,32}$/) }),
})
