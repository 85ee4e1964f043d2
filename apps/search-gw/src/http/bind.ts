// A route's contract and its code, put together: who may ask, what goes in is checked, what comes out is sent.
import { createHash } from 'node:crypto'
import {
  API_PREFIX,
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  type ReplyOf,
  type Route,
  type UserRole,
} from '@netbehave/schema/api'
import { json, type Request, type Response, type Router } from 'express'
import type { z } from 'zod'
import { type Identity, mayDo } from '../access/identity.ts'
import type { OriginVerdict } from './origin.ts'
import type { Peer } from './peer.ts'
import { ApiError } from './problem.ts'

/** What every request is known by, before a route looks at it. */
export interface Asked {
  readonly peer: Peer
  readonly origin: OriginVerdict
  readonly identity: Identity | undefined
}

export interface RouteCall<R extends Route> {
  readonly params: ParamsOf<R>
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
  /** Of who asks; for a route of `anyone` there may be none. */
  readonly identity: R['role'] extends 'anyone' ? Identity | undefined : Identity & { readonly role: UserRole }
  readonly peer: Peer
  /** Aborted when the asker leaves. */
  readonly signal: AbortSignal
  readonly request: Request
  readonly response: Response
}

/** Returns the reply; a route of another media type sends it itself and returns nothing. */
export type RouteCode<R extends Route> = (
  call: RouteCall<R>,
) => Promise<ReplyOf<R> | undefined> | ReplyOf<R> | undefined

const BODY_BYTES = 1024 * 1024
/** What a rejected value looks like stays short. */
const TOLD_FIELDS = 20

export interface Binder {
  bind<R extends Route>(route: R, code: RouteCode<R>): void
  /** Routes that have code, `GET /flows`. */
  readonly bound: ReadonlySet<string>
}

export function createBinder(router: Router, askedOf: (request: Request) => Asked): Binder {
  const bound = new Set<string>()
  const readBody = json({ limit: BODY_BYTES, strict: false, type: 'application/json' })
  return {
    bound,
    bind(route, code) {
      bound.add(`${route.method} ${route.path}`)
      const path = API_PREFIX + route.path.replaceAll(/\{(\w+)\}/g, ':$1')
      const method = route.method.toLowerCase() as 'get'
      // Who may not ask is told so before a body is read.
      router[method](path, (request, _response, next) => {
        checkAccess(route, askedOf(request), request)
        next()
      })
      if (route.body) router[method](path, readBody)
      router[method](path, async (request, response) => {
        const { identity, peer } = askedOf(request)
        const leaving = new AbortController()
        response.once('close', () => leaving.abort(new LeftError('the asker left')))
        const call = {
          params: check(route.params, request.params, 'path'),
          query: check(route.query, readQuery(request), 'query'),
          body: check(route.body, request.body, 'body'),
          identity,
          peer,
          signal: leaving.signal,
          request,
          response,
        }
        const reply = await code(call as unknown as Parameters<typeof code>[0])
        if (!response.headersSent && !response.destroyed) sendReply(route, reply, request, response)
      })
    },
  }
}

/** Nobody waits for the answer any more. */
export class LeftError extends Error {
  override readonly name = 'LeftError'
}

function checkAccess(route: Route, { identity, origin }: Asked, request: Request): void {
  if (route.role !== 'anyone') {
    if (!identity) throw new ApiError(401, 'sign in at the console, or send a token or a password')
    if (!mayDo(identity.role, route.role)) {
      const who =
        identity.role === undefined
          ? 'this token may only read /metrics'
          : `you are ${identity.role}; an admin can give you another, under Account`
      throw new ApiError(403, `${route.summary}: needs the role ${route.role}, and ${who}`)
    }
  }
  if (route.method !== 'GET') checkOrigin(identity, origin)
  if (route.body && !request.is('application/json'))
    throw new ApiError(415, 'send the body as JSON, with content-type: application/json')
}

/** A write that another site makes the browser send, with the login that the browser adds by itself, is refused. */
function checkOrigin(identity: Identity | undefined, origin: OriginVerdict): void {
  if (identity?.by === 'token') return // never sent by a browser on its own
  if (origin === 'own' || (origin === 'unknown' && identity?.by !== 'session')) return
  throw new ApiError(
    403,
    'this comes from another site; scripts use a token, proxies are set in trustedProxies or allowedOrigins',
    {
      title: 'Another origin',
    },
  )
}

function readQuery(request: Request): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, value] of new URL(request.originalUrl, 'http://localhost').searchParams) {
    if (Object.hasOwn(values, name)) throw new ApiError(400, `${name} is there twice`)
    values[name] = value
  }
  return values
}

function check(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues
    .slice(0, TOLD_FIELDS)
    .map(({ path, message }) => ({ path: path.join('.'), message }))
  const [first] = fields
  throw new ApiError(400, `${where}${first?.path ? `: ${first.path}` : ''}: ${first?.message}`, { fields })
}

function sendReply(route: Route, reply: unknown, request: Request, response: Response): void {
  if (reply === undefined) {
    response.status(204).end()
    return
  }
  const text = JSON.stringify(reply)
  response.type('json')
  if (route.etag) {
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`
    response.set({ ETag: etag, 'Cache-Control': 'private, no-cache' })
    if (request.headers['if-none-match']?.split(/,\s*/).includes(etag)) {
      response.status(304).end()
      return
    }
  }
  response.status(route.creates ? 201 : 200).send(text)
}
