// Listens: HTTP or HTTPS, with bounds on what a stranger may hold. Fails: OperatorError when the address or the certificate cannot be had.
import { readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { describeSystemError, OperatorError } from '@netbehave/service'
import type { HttpListener } from './app.ts'
import type { HttpCounters } from './counters.ts'
import { limitConnections } from './limit-connections.ts'
import type { IsProxy } from './peer.ts'

export interface ServeOptions {
  readonly listen: string
  readonly tlsCert: string
  readonly tlsKey: string
  readonly connections: number
  readonly connectionsPerAddress: number
  readonly isProxy: IsProxy
  readonly counters: HttpCounters
  readonly onRequest: HttpListener
  readonly onUpgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) => void
  readonly onTlsFault: (error: Error) => void
}

/** A request that is not read by then is given up, so that slow senders hold nothing. */
export const REQUEST_MS = 10_000
const HEADERS_BYTES = 16 * 1024
const KEEP_ALIVE_MS = 5_000
/** How often a slow request, or a new certificate, is looked for. */
const LOOK_EVERY_MS = 1_000
const CERTIFICATE_EVERY_MS = 60_000

export interface Served extends AsyncDisposable {
  readonly url: string
  readonly connections: () => Promise<number>
}

/** Listens on `HOST:PORT`. */
export async function serveHttp(options: ServeOptions): Promise<Served> {
  const { listen, counters, onRequest, onUpgrade } = options
  const limits = {
    requestTimeout: REQUEST_MS,
    headersTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: LOOK_EVERY_MS,
    maxHeaderSize: HEADERS_BYTES,
  }
  const isTls = options.tlsCert !== ''
  if (isTls !== (options.tlsKey !== ''))
    throw new OperatorError('tlsCert and tlsKey belong together: set both, or neither', { exitCode: 78 })
  const server = isTls
    ? createTlsServer({ ...limits, ...readCertificate(options), minVersion: 'TLSv1.2' }, onRequest)
    : createServer(limits, onRequest)
  server.maxConnections = options.connections
  const onDropped = () => counters.connectionsDropped++
  server.on('drop', onDropped)
  limitConnections(server, { perAddress: options.connectionsPerAddress, isProxy: options.isProxy, onDropped })
  server.on('upgrade', onUpgrade)
  server.on('clientError', (error: NodeJS.ErrnoException, stream: Duplex) => {
    const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    // Browsers open connections ahead of need, and would take what stands on one for the answer to the request that they send then.
    if (isLate && 'bytesRead' in stream && stream.bytesRead === 0) {
      stream.destroy()
      return
    }
    counters.badRequests++
    const status = isLate ? '408 Request Timeout' : '400 Bad Request'
    if (stream.writable) stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
  })
  const watching = isTls ? watchCertificate(server as TlsServer, options) : undefined
  const { host, port } = splitListen(listen)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new OperatorError(describeFault(error, listen), { cause: error, exitCode: 69 })),
    )
    server.listen(port, host, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `${isTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    connections: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count ?? 0))),
    async [Symbol.asyncDispose]() {
      clearInterval(watching)
      await closeServer(server)
    },
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}

function readCertificate({ tlsCert, tlsKey }: Pick<ServeOptions, 'tlsCert' | 'tlsKey'>): { cert: Buffer; key: Buffer } {
  const read = (path: string): Buffer => {
    try {
      return readFileSync(path)
    } catch (error) {
      throw new OperatorError(`cannot read ${path}: ${describeSystemError(error)}; tlsCert and tlsKey name PEM files`, {
        cause: error,
        exitCode: 78,
      })
    }
  }
  return { cert: read(tlsCert), key: read(tlsKey) }
}

/** Certificates are renewed by others: the new one is taken without a restart. */
function watchCertificate(server: TlsServer, options: ServeOptions): NodeJS.Timeout {
  const stamp = () =>
    [options.tlsCert, options.tlsKey].map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs).join()
  let taken = stamp()
  const timer = setInterval(() => {
    const now = stamp()
    if (now === taken) return
    try {
      server.setSecureContext(readCertificate(options))
      taken = now
    } catch (error) {
      options.onTlsFault(error as Error)
    }
  }, CERTIFICATE_EVERY_MS)
  timer.unref()
  return timer
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
