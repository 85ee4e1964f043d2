// The express application: who asks is found once, then routes, console, problems. In: what the routes need. Out: a request listener.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { API_PREFIX, API_ROUTES } from '@netbehave/schema/api'
import express, { type ErrorRequestHandler, type Request } from 'express'
import type { Identities } from '../access/identity.ts'
import { mayDo } from '../access/identity.ts'
import type { Health } from '../health.ts'
import { type Asked, type Binder, createBinder, LeftError } from './bind.ts'
import type { HttpCounters } from './counters.ts'
import { securityHeaders } from './headers.ts'
import { apiPage, openApi } from './openapi.ts'
import { originOf } from './origin.ts'
import type { ReadPeer } from './peer.ts'
import { ApiError, problemOf, sendProblem } from './problem.ts'
import { serveConsole } from './static.ts'

export interface AppOptions {
  readonly identities: Identities
  readonly readPeer: ReadPeer
  readonly counters: HttpCounters
  readonly basePath: string
  readonly allowedOrigins: readonly string[]
  readonly isTls: boolean
  readonly webDir: string
  readonly version: string
  readonly health: () => Health
  readonly metrics: () => Promise<string>
  readonly bindRoutes: (binder: Binder) => void
  /** A fault of ours; `id` stands in the answer. */
  readonly onFault: (error: Error, id: string, path: string) => void
}

export type HttpListener = (request: IncomingMessage, response: ServerResponse) => void

export function createApp(options: AppOptions): HttpListener {
  const { identities, readPeer, counters, basePath, allowedOrigins, version } = options
  const asked = new WeakMap<Request, Asked>()
  const askedOf = (request: Request): Asked => asked.get(request)!
  const app = express()
  app.disable('x-powered-by')
  // Files get theirs; of other answers only the lists that bind.ts knows.
  app.set('etag', () => undefined)
  app.set('query parser', false)
  app.use(securityHeaders(options.isTls))

  app.use((_request, response, next) => {
    response.once('finish', () => counters.countAnswer(response.statusCode))
    next()
  })

  app.get('/healthz', (_request, response) => {
    const health = options.health()
    response.set('Cache-Control', 'no-store')
    response.status(health.status === 'ok' ? 200 : 503).json(health)
  })

  app.use(['/api', '/metrics'], async (request, response, next) => {
    response.set('Cache-Control', 'no-store')
    const peer = readPeer(request)
    const origin = originOf(request, peer, allowedOrigins)
    asked.set(request, { peer, origin, identity: await identities.of(request, peer) })
    next()
  })

  app.get('/metrics', async (request, response) => {
    if (!askedOf(request).identity)
      throw new ApiError(401, 'Prometheus reads this with a token of scope metrics: netbehave tokens add')
    response.type('text/plain; version=0.0.4').send(await options.metrics())
  })

  app.get([API_PREFIX, `${API_PREFIX}/`, `${API_PREFIX}/openapi.json`], (request, response) => {
    const { identity } = askedOf(request)
    if (!mayDo(identity?.role, 'viewer')) throw new ApiError(401, 'sign in first')
    if (request.path.endsWith('.json')) response.json(openApi(version, basePath))
    else if (request.path.endsWith('/')) response.type('html').send(apiPage(version))
    else response.redirect(`${basePath}${API_PREFIX}/`)
  })

  const binder = createBinder(app, askedOf)
  options.bindRoutes(binder)
  const missing = API_ROUTES.filter(({ method, path }) => !binder.bound.has(`${method} ${path}`))
  if (missing.length > 0) throw new Error(`no code for ${missing.map(({ path }) => path).join(', ')}`)

  app.use('/api', (request, _response) => {
    if (!askedOf(request).identity) throw new ApiError(401, 'sign in first')
    throw new ApiError(
      404,
      `there is no ${request.method} ${request.originalUrl.split('?')[0]}; ${API_PREFIX}/ lists what there is`,
    )
  })
  app.use(...serveConsole(options.webDir, basePath))
  app.use((request) => {
    throw new ApiError(404, `there is nothing at ${request.path}`)
  })
  app.use(createFaultAnswer(options))
  return (request, response) => {
    request.url = withoutBase(request.url ?? '/', basePath)
    app(request, response)
  }
}

/** A proxy may pass the base path on or take it away: both are the same page. */
export function withoutBase(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url
  const rest = url.slice(basePath.length)
  if (rest === '' || rest.startsWith('?')) return `/${rest}`
  return rest.startsWith('/') ? rest : url
}

/** Express knows it by its four parameters. */
function createFaultAnswer({ counters, onFault }: AppOptions): ErrorRequestHandler {
  return (error: Error, request, response, _next) => {
    const hasLeft = error instanceof LeftError || (error as { cause?: unknown }).cause instanceof LeftError
    if (hasLeft || response.destroyed) {
      counters.left++
      response.destroy()
      return
    }
    const { problem, isOurs } = problemOf(error)
    if (isOurs) onFault(error, problem.id ?? '', request.path)
    // Half an answer is out: all that is left to say is that it is not whole.
    if (response.headersSent) {
      counters.brokenOff++
      response.destroy()
      return
    }
    if (problem.status === 401 && request.headers.authorization?.toLowerCase().startsWith('basic '))
      response.set('WWW-Authenticate', 'Basic realm="NetBehave", charset="UTF-8"')
    for (const name of ['Content-Disposition', 'ETag']) response.removeHeader(name)
    counters.countRefusal(problem.status)
    sendProblem(response, problem)
  }
}
