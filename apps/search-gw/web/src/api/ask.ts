// Questions to the gateway. In: a path below `api/v1/`, query, body. Out: what the contract says. Fails: ApiProblem, always.
import type { Problem } from '@netbehave/schema/api'
import { sessionEnded } from '../session/session.ts'

/** An answer that is an error, or none: `status` 0. `detail` says what to do. */
export class ApiProblem extends Error {
  readonly problem: Problem

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail ?? problem.title, options)
    this.name = 'ApiProblem'
    this.problem = problem
  }

  get status(): number {
    return this.problem.status
  }
}

export type QueryValues = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface AskOptions {
  readonly query?: QueryValues
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** Relative to `<base href>`. */
export function apiAddress(path: string, query: QueryValues = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return new URL(`api/v1/${path}${text ? `?${text}` : ''}`, document.baseURI).href
}

/** Asks and returns the JSON of the reply; undefined when there is none. */
export async function ask<T>(method: string, path: string, { query, body, signal }: AskOptions = {}): Promise<T> {
  const init: RequestInit = { method, credentials: 'same-origin', headers: { accept: 'application/json' } }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { accept: 'application/json', 'content-type': 'application/json' }
  }
  if (signal) init.signal = signal
  let response: Response
  try {
    response = await fetch(apiAddress(path, query), init)
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiProblem(UNREACHABLE, { cause: error })
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T
  const problem = await readProblem(response)
  if (response.status === 401 && path !== 'session') sessionEnded()
  throw new ApiProblem(problem)
}

export const get = <T>(path: string, query: QueryValues = {}, signal?: AbortSignal): Promise<T> =>
  ask<T>('GET', path, signal ? { query, signal } : { query })

const UNREACHABLE: Problem = {
  type: 'about:blank',
  status: 0,
  title: 'The gateway does not answer',
  detail: 'See that NetBehave runs on its machine and that this browser reaches it; this page tries again by itself.',
}

async function readProblem(response: Response): Promise<Problem> {
  try {
    const problem = (await response.json()) as Partial<Problem>
    if (typeof problem.title === 'string') return { ...problem, status: response.status } as Problem
  } catch {
    // A proxy in between answers with a page of its own.
  }
  const title = `The gateway answered ${response.status}`
  return { type: 'about:blank', status: response.status, title, detail: response.statusText }
}
