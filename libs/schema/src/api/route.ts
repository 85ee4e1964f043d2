// What a route of the HTTP API is: where it is, who may ask, what goes in and what comes back. The gateway serves by these,
// docs and OpenAPI are made from them, the console takes its types from them (`import type`, so that a bundle carries no zod).
import type { z } from 'zod'

/** From the one that may least to the one that may most; each may what those before it may. */
export const USER_ROLES = ['viewer', 'operator', 'admin'] as const
export type UserRole = (typeof USER_ROLES)[number]

/** Where every route is, below the base path. */
export const API_PREFIX = '/api/v1'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A reply that is no JSON. */
export interface MediaReply {
  readonly media: readonly string[]
  readonly meaning: string
}

export interface Route {
  readonly method: Method
  /** Below API_PREFIX; parameters in braces: `/days/{day}`. */
  readonly path: string
  /** The least role that may ask; `anyone` needs no login. */
  readonly role: UserRole | 'anyone'
  /** One line. */
  readonly summary: string
  readonly tag: string
  /** Members of `path` in braces. */
  readonly params?: z.ZodObject
  /** After `?`; every value is text there, and is read as what the contract says. */
  readonly query?: z.ZodObject
  /** JSON. */
  readonly body?: z.ZodType
  /** JSON, or files; without it the answer is 204. */
  readonly reply?: z.ZodType | MediaReply
  /** Is the reply a list with an ETag, so that `If-None-Match` saves the transfer? */
  readonly etag?: boolean
  /** Does it make something new? Then the status is 201. */
  readonly creates?: boolean
}

/** Checks nothing; keeps the types of one route. */
export const defineRoute = <const R extends Route>(route: R): R => route

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined
/** What the gateway's code gets. */
export type ParamsOf<R extends Route> = Parsed<R['params']>
export type QueryOf<R extends Route> = Parsed<R['query']>
export type BodyOf<R extends Route> = Parsed<R['body']>
/** What whoever asks gets. */
export type ReplyOf<R extends Route> = R['reply'] extends z.ZodType ? z.output<R['reply']> : undefined
