// The HTTP side: /metrics for Prometheus, /healthz for supervisors. Fails: OperatorError when the address cannot be had.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OperatorError } from '@netbehave/service'
import express from 'express'
import helmet from 'helmet'
import type { Health } from './health.ts'

/** A request that is not read by then is given up, so that slow senders hold nothing. */
const REQUEST_MS = 10_000
const HEADERS_BYTES = 8 * 1024

export interface HttpSources {
  health(): Health
  metrics(): Promise<string>
}

/** Listens on `HOST:PORT`; returns the server and its URL. */
export async function serveHttp(listen: string, sources: HttpSources): Promise<{ server: Server; url: string }> {
  const app = express()
  app.disable('x-powered-by')
  app.use(helmet())
  app.get('/healthz', (_request, response) => {
    const health = sources.health()
    response.status(health.status === 'ok' ? 200 : 503).json(health)
  })
  app.get('/metrics', async (_request, response) => {
    response.type('text/plain; version=0.0.4').send(await sources.metrics())
  })
  app.use((_request, response) => {
    response.status(404).json({ status: 404, title: 'there is nothing here; /metrics and /healthz are served' })
  })
  const { host, port } = splitListen(listen)
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: HEADERS_BYTES },
    app,
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new OperatorError(describeFault(error, listen), { cause: error, exitCode: 69 })),
    )
    server.listen(port, host, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return { server, url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}` }
}

function splitListen(listen: string): { host: string; port: number } {
  const at = listen.lastIndexOf(':')
  return { host: listen.slice(0, at).replaceAll(/[[\]]/g, ''), port: Number(listen.slice(at + 1)) }
}

function describeFault(error: NodeJS.ErrnoException, listen: string): string {
  if (error.code === 'EADDRINUSE')
    return `cannot serve HTTP on ${listen}: another program has this port; stop it or choose another with --http`
  return `cannot serve HTTP on ${listen}: ${error.message}`
}
