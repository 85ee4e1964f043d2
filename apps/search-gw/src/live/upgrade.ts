// The way in for websockets: path, origin, login, room. What is refused gets an HTTP answer and no socket.
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { LIVE_CLOSE, LIVE_LIMITS, LIVE_PATH } from '@netbehave/schema/api'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Identities, type Identity, mayDo } from '../access/identity.ts'
import { originOf } from '../http/origin.ts'
import type { ReadPeer } from '../http/peer.ts'
import { ApiError, problemOf } from '../http/problem.ts'
import { speakCompat } from './compat.ts'
import type { LiveCounters, LiveHub } from './hub.ts'
import { speakLive } from './protocol.ts'
import { openLiveSocket } from './socket.ts'

export interface LiveOptions {
  readonly hub: LiveHub
  readonly counters: LiveCounters
  readonly identities: Identities
  readonly readPeer: ReadPeer
  readonly basePath: string
  readonly allowedOrigins: readonly string[]
  readonly sockets: number
  readonly socketsPerUser: number
  readonly now: () => number
}

export interface LiveServer extends AsyncDisposable {
  readonly sockets: number
  readonly subscriptions: number
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void>
}

const CLOSE_MS = 500

export function createLiveServer(options: LiveOptions): LiveServer {
  const { hub, counters, identities, readPeer, now } = options
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LIVE_LIMITS.messageBytes,
    // Compressing what is small and soon gone costs more memory for each socket than it saves.
    perMessageDeflate: false,
    clientTracking: false,
  })
  const open = new Map<WebSocket, { user: string; subscriptions: () => number }>()

  async function admit(request: IncomingMessage): Promise<Identity> {
    const { pathname } = new URL(request.url ?? '', 'http://localhost')
    const path = pathname.startsWith(options.basePath) ? pathname.slice(options.basePath.length) : pathname
    if (path !== LIVE_PATH) throw new ApiError(404, `websockets are at ${LIVE_PATH}`)
    const peer = readPeer(request)
    const origin = originOf(request, peer, options.allowedOrigins)
    if (origin === 'foreign') throw new ApiError(403, 'this comes from another site')
    const identity = await identities.of(request, peer)
    if (!identity) throw new ApiError(401, 'sign in first')
    // A browser names its origin always; who holds a cookie and names none is not the browser that it was given to.
    if (origin === 'unknown' && identity.by === 'session') throw new ApiError(403, 'no origin is named')
    if (!mayDo(identity.role, 'viewer')) throw new ApiError(403, 'this token may only read /metrics')
    const ofUser = [...open.values()].filter(({ user }) => user === identity.user).length
    if (open.size >= options.sockets || ofUser >= options.socketsPerUser)
      throw new ApiError(503, 'too many live views are open; close one', { retryAfterS: 5 })
    return identity
  }

  function serve(socket: WebSocket, request: IncomingMessage, identity: Identity): void {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost')
    const createSpeaker = searchParams.get('compat') === '1' ? speakCompat : speakLive
    let subscriptions = () => 0
    const watcher = openLiveSocket({
      socket,
      identity,
      counters,
      now,
      createSpeaker: (line) => {
        const speaker = createSpeaker(line)
        subscriptions = () => speaker.subscriptions.size
        return speaker
      },
    })
    open.set(socket, { user: identity.user, subscriptions })
    const watching = hub.watch(watcher)
    socket.once('close', () => {
      watching[Symbol.dispose]()
      open.delete(socket)
    })
  }

  return {
    get sockets() {
      return open.size
    },
    get subscriptions() {
      return [...open.values()].reduce((sum, { subscriptions }) => sum + subscriptions(), 0)
    },
    async upgrade(request, stream, head) {
      stream.on('error', () => {}) // who leaves while we look has nothing to be told
      try {
        const identity = await admit(request)
        if (stream.destroyed) return
        server.handleUpgrade(request, stream, head, (socket) => serve(socket, request, identity))
      } catch (error) {
        counters.refusedSockets++
        refuse(stream, error)
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open.keys()) socket.close(LIVE_CLOSE.goingAway, 'the gateway stops')
      const endAt = performance.now() + CLOSE_MS
      while (open.size > 0 && performance.now() < endAt) await new Promise((resolve) => setTimeout(resolve, 10))
      for (const socket of open.keys()) socket.terminate()
      server.close()
    },
  }
}

function refuse(stream: Duplex, error: unknown): void {
  const { problem } = problemOf(error)
  const body = JSON.stringify(problem)
  const retry = problem.retryAfterS === undefined ? '' : `Retry-After: ${Math.ceil(problem.retryAfterS)}\r\n`
  stream.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\nContent-Type: application/problem+json\r\n${retry}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
