// One websocket, whatever is spoken on it: what may be unsent, how long a login holds, when a peer is gone. In: a socket and who it
// is. Out: rows, one way or the other, by a `Speaker`.
import { LIVE_CLOSE, LIVE_LIMITS } from '@netbehave/schema/api'
import type { WebSocket } from 'ws'
import type { Identity } from '../access/identity.ts'
import type { LiveCounters, Watcher } from './hub.ts'
import type { Second, Subscription } from './subscription.ts'

/** What a protocol does with a socket. */
export interface Speaker {
  readonly subscriptions: ReadonlyMap<string, Subscription>
  onMessage(text: string): void
  /** The rows of one subscription as messages. */
  rows(id: string, texts: readonly string[]): string[]
  /** The second's message about a subscription; undefined: the protocol has none. */
  stat(id: string, subscription: Subscription, second: Second): string | undefined
}

/** What a speaker may do with its socket. */
export interface Line {
  send(text: string): void
  close(code: number, reason: string): void
  /** A message that is none. */
  refuse(): void
  readonly now: () => number
}

export interface SocketOptions {
  readonly socket: WebSocket
  readonly identity: Identity
  readonly counters: LiveCounters
  readonly now: () => number
  readonly createSpeaker: (line: Line) => Speaker
}

/** Rows of one subscription go out at most this often. */
const SEND_EVERY_MS = 100
/** Is the login still good? Asked this often. */
const CHECK_EVERY_MS = 5000
const PING_EVERY_MS = 30_000
/** Messages that are none, in a second, before the socket is closed. */
const BAD_MESSAGES = 20
/** After a close nobody answered. */
const TERMINATE_MS = 2000

/** Wires a socket to its speaker; hand what it returns to the hub. */
export function openLiveSocket({ socket, identity, counters, now, createSpeaker }: SocketOptions): Watcher {
  const sentMs = new Map<Subscription, number>()
  let fullSinceMs: number | undefined
  let isAlive = true
  let messages = 0
  let badMessages = 0
  let checkedMs = now()
  let pingedMs = now()

  const line: Line = {
    now,
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text)
    },
    close,
    refuse() {
      counters.badMessages++
      if (++badMessages >= BAD_MESSAGES) close(LIVE_CLOSE.policy, 'too many messages that are none')
    },
  }
  const speaker = createSpeaker(line)

  socket.on('pong', () => {
    isAlive = true
  })
  socket.on('error', () => {}) // told by `close`: too large a message, a broken frame, a reset
  socket.on('message', (data, isBinary) => {
    if (++messages > LIVE_LIMITS.messagesPerSecond) return close(LIVE_CLOSE.policy, 'too many messages a second')
    if (isBinary) return line.refuse()
    speaker.onMessage(String(data))
  })

  function close(code: number, reason: string): void {
    if (socket.readyState !== socket.OPEN) return
    socket.close(code, reason)
    setTimeout(() => socket.terminate(), TERMINATE_MS).unref()
  }

  const isFull = () => socket.bufferedAmount > LIVE_LIMITS.bufferedBytes

  function flush(nowMs: number): void {
    for (const [id, subscription] of speaker.subscriptions) {
      if (!subscription.hasRows || nowMs - (sentMs.get(subscription) ?? 0) < SEND_EVERY_MS) continue
      sentMs.set(subscription, nowMs)
      const before = subscription.sent
      const texts = subscription.take(nowMs, isFull())
      counters.sentRows += subscription.sent - before
      if (texts.length > 0) for (const text of speaker.rows(id, texts)) line.send(text)
    }
  }

  function tick(nowMs: number): void {
    messages = 0
    badMessages = 0
    for (const [id, subscription] of speaker.subscriptions) {
      const second = subscription.takeSecond()
      counters.droppedFlows += second.dropped
      const text = speaker.stat(id, subscription, second)
      if (text !== undefined) line.send(text)
    }
    for (const subscription of sentMs.keys())
      if (![...speaker.subscriptions.values()].includes(subscription)) sentMs.delete(subscription)
    closeWhenSlow(nowMs)
    if (nowMs - checkedMs >= CHECK_EVERY_MS) {
      checkedMs = nowMs
      if (!identity.stillHolds()) close(LIVE_CLOSE.signedOut, 'signed out')
    }
    if (nowMs - pingedMs >= PING_EVERY_MS) {
      pingedMs = nowMs
      if (isAlive) socket.ping()
      else socket.terminate()
      isAlive = false
    }
  }

  function closeWhenSlow(nowMs: number): void {
    if (!isFull()) fullSinceMs = undefined
    else fullSinceMs ??= nowMs
    if (fullSinceMs === undefined || nowMs - fullSinceMs < LIVE_LIMITS.bufferedMs) return
    counters.slowClosed++
    close(LIVE_CLOSE.tryLater, 'too slow for too long')
  }

  return {
    get subscriptions() {
      return speaker.subscriptions.values()
    },
    flush,
    tick,
  }
}
