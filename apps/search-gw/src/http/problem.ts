// Everything that can go wrong with a request → a problem (RFC 9457). What is no fault of ours says what to do.
import { randomUUID } from 'node:crypto'
import { AccessError } from '@netbehave/access'
import { RequestFault } from '@netbehave/broker'
import { FilterError } from '@netbehave/filter'
import { DayError, NoSuchDayError, QueryTimeoutError, TopError } from '@netbehave/history'
import { PROBLEM_TYPE, type Problem } from '@netbehave/schema/api'
import type { Response } from 'express'
import { GateFullError } from '../gate.ts'

/** A request that cannot be answered as asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly problem: Omit<Problem, 'type'>

  constructor(status: number, detail: string, more: Partial<Problem> = {}) {
    super(detail)
    this.problem = { status, title: TITLES[status] ?? 'It cannot be done', detail, ...more }
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not understood',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'There is no such thing',
  405: 'Not in this way',
  409: 'It is otherwise by now',
  413: 'The request is too large',
  415: 'Another form is needed',
  422: 'That cannot be',
  429: 'Too many tries',
  500: 'A fault of ours',
  502: 'A service answered what it should not',
  503: 'Not now',
  504: 'It took too long',
}

const ACCESS_STATUS = { missing: 404, taken: 409, 'last-admin': 409, full: 409, name: 400 } as const

/** The problem of an error; `isOurs` when somebody must look into the log. */
export function problemOf(error: unknown): { problem: Problem; isOurs: boolean } {
  const known = knownError(error)
  if (known) return { problem: { type: 'about:blank', ...known.problem }, isOurs: false }
  const id = randomUUID()
  const detail = `look for ${id} in the log of the gateway`
  return { problem: { type: 'about:blank', ...new ApiError(500, detail, { id }).problem }, isOurs: true }
}

function knownError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error
  if (error instanceof FilterError) {
    const { from, to, expected, message } = error
    return new ApiError(400, message, { title: 'The filter is wrong', from, to, expected: [...expected] })
  }
  if (error instanceof TopError || error instanceof DayError) return new ApiError(400, error.message)
  if (error instanceof NoSuchDayError) return new ApiError(404, error.message)
  if (error instanceof QueryTimeoutError)
    return new ApiError(504, `${error.message}; ask for a shorter time, or more exactly (setting queryTimeLimitMs)`)
  if (error instanceof GateFullError) return new ApiError(503, error.message, { retryAfterS: 2 })
  if (error instanceof AccessError) return new ApiError(ACCESS_STATUS[error.kind], error.message)
  if (error instanceof RequestFault) return new ApiError(error.code, error.message)
  return bodyError(error) ?? diskError(error)
}

/** What express's body parser and router throw: errors with a status of their own. */
function bodyError(error: unknown): ApiError | undefined {
  const { type, status, message } = (error ?? {}) as { type?: string; status?: number; message?: string }
  if (type === 'entity.too.large') return new ApiError(413, 'the body is larger than this route takes')
  if (type === 'entity.parse.failed') return new ApiError(400, `the body is no JSON: ${message}`)
  if (error instanceof URIError) return new ApiError(400, 'the path is not well formed')
  if (status !== undefined && status >= 400 && status < 500) return new ApiError(status, message ?? '')
  return undefined
}

function diskError(error: unknown): ApiError | undefined {
  const { code } = (error ?? {}) as { code?: string }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'SQLITE_READONLY')
    return new ApiError(
      503,
      'the gateway may not write into the data folder; mount it writable, or use the command line there',
    )
  if (code === 'ENOSPC' || code === 'SQLITE_FULL') return new ApiError(503, 'the disk is full')
  return undefined
}

export function sendProblem(response: Response, problem: Problem): void {
  if (problem.retryAfterS !== undefined) response.set('Retry-After', String(Math.ceil(problem.retryAfterS)))
  response.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem))
}
