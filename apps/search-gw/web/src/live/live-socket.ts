// One websocket to the gateway that comes back by itself. In: what it shall ask for. Out: messages and how it is.
import type { LiveMessage, LiveRequest } from '@netbehave/schema/api'

export type SocketState =
  | { readonly is: 'connecting' }
  | { readonly is: 'open' }
  | { readonly is: 'lost'; readonly why: string }

export interface LiveSocketOptions {
  readonly onMessage: (message: LiveMessage) => void
  readonly onState: (state: SocketState) => void
  /** The session has ended. */
  readonly onSignedOut: () => void
  /** What to ask for on every new connection. */
  readonly greeting: () => readonly LiveRequest[]
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000
/** As libs/schema/src/api/live.ts has them (LIVE_CLOSE). */
const SIGNED_OUT = 4401
const WHY: Readonly<Record<number, string>> = {
  1001: 'the gateway is being stopped',
  1013: 'this browser was too slow for too long, or the gateway has no room',
}

export class LiveSocket {
  readonly #options: LiveSocketOptions
  #socket: WebSocket | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #waitMs = FIRST_WAIT_MS
  #isClosed = false

  constructor(options: LiveSocketOptions) {
    this.#options = options
    this.#connect()
  }

  send(request: LiveRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request))
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#socket?.close()
  }

  #connect(): void {
    if (this.#isClosed) return
    const address = new URL('ws', document.baseURI)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(address)
    this.#socket = socket
    socket.addEventListener('open', () => {
      this.#waitMs = FIRST_WAIT_MS
      this.#options.onState({ is: 'open' })
      for (const request of this.#options.greeting()) this.send(request)
    })
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') this.#options.onMessage(JSON.parse(data) as LiveMessage)
    })
    socket.addEventListener('close', ({ code }) => {
      if (this.#isClosed) return
      if (code === SIGNED_OUT) {
        this.close()
        this.#options.onSignedOut()
        return
      }
      this.#options.onState({ is: 'lost', why: WHY[code] ?? 'the gateway does not answer' })
      this.#timer = setTimeout(() => this.#connect(), this.#waitMs)
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS)
    })
  }
}
