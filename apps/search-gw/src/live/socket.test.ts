import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { type Flow, flowsToBatches } from '@netbehave/schema'
import { LIVE_CLOSE, LIVE_LIMITS, type LiveMessage } from '@netbehave/schema/api'
import type { WebSocket } from 'ws'
import type { Identity } from '../access/identity.ts'
import { BatchRows } from './batch-rows.ts'
import { createLiveCounters } from './hub.ts'
import { speakLive } from './protocol.ts'
import { openLiveSocket } from './socket.ts'

class FakeSocket extends EventEmitter {
  readonly OPEN = 1
  readyState = 1
  bufferedAmount = 0
  readonly sent: LiveMessage[] = []
  closedWith: number | undefined
  terminated = false
  pings = 0
  send(text: string) {
    this.sent.push(JSON.parse(text) as LiveMessage)
  }
  close(code: number) {
    this.readyState = 2
    this.closedWith = code
  }
  terminate() {
    this.terminated = true
  }
  ping() {
    this.pings++
  }
}

function openTest() {
  const socket = new FakeSocket()
  let nowMs = 0
  let holds = true
  const counters = createLiveCounters()
  const identity = { user: 'ann', role: 'viewer', by: 'session', expiresMs: null, stillHolds: () => holds } as Identity
  const watcher = openLiveSocket({
    socket: socket as unknown as WebSocket,
    identity,
    counters,
    now: () => nowMs,
    createSpeaker: speakLive,
  })
  socket.emit('message', Buffer.from(JSON.stringify({ t: 'sub', id: 'a', q: '' })), false)
  return {
    socket,
    counters,
    watcher,
    seconds(count: number, each: () => void = () => {}) {
      for (let i = 0; i < count; i++) {
        nowMs += 1000
        each()
        watcher.flush(nowMs)
        watcher.tick(nowMs)
      }
    },
    offer(flows: number) {
      const [batch] = [...flowsToBatches(Array(flows).fill(FLOW))]
      for (const subscription of watcher.subscriptions) subscription.offer(new BatchRows(batch!, nowMs))
    },
    signOut: () => {
      holds = false
    },
  }
}
const FLOW: Flow = {
  site: 'home',
  firstMs: 1,
  lastMs: 1,
  srcIp: '1.2.3.4',
  dstIp: '1.2.3.5',
  srcPort: 1,
  dstPort: 2,
  protocol: 6,
  bytes: 1,
  packets: 1,
  sampling: 1,
}

test('a socket that takes nothing gets no rows but its second, and is closed with 1013 after half a minute', () => {
  const { socket, counters, seconds, offer } = openTest()
  socket.bufferedAmount = LIVE_LIMITS.bufferedBytes + 1
  seconds(30, () => offer(10))
  assert.equal(socket.closedWith, undefined)
  assert.equal(socket.sent.filter(({ t }) => t === 'flows').length, 0)
  const stat = socket.sent.at(-1)! as Extract<LiveMessage, { t: 'stat' }>
  assert.deepEqual([stat.t, stat.dropped, stat.gap?.flows, counters.droppedFlows], ['stat', 300, 10, 300])
  seconds(1)
  assert.deepEqual([socket.closedWith, counters.slowClosed], [LIVE_CLOSE.tryLater, 1])
})

test('one that catches up in time stays', () => {
  const { socket, seconds, offer } = openTest()
  for (let round = 0; round < 3; round++) {
    socket.bufferedAmount = LIVE_LIMITS.bufferedBytes + 1
    seconds(20)
    socket.bufferedAmount = 0
    seconds(1, () => offer(1))
  }
  assert.equal(socket.closedWith, undefined)
  assert.equal(socket.sent.filter(({ t }) => t === 'flows').length, 3)
})

test('rows of one subscription go out ten times a second at most', () => {
  const { socket, watcher, offer } = openTest()
  for (let ms = 1000; ms <= 2000; ms += 20) {
    offer(1)
    watcher.flush(ms)
  }
  assert.equal(socket.sent.filter(({ t }) => t === 'flows').length, 11)
})

test('a login that ended, and a peer that answers no ping, end the socket', () => {
  const out = openTest()
  out.signOut()
  out.seconds(5)
  assert.equal(out.socket.closedWith, LIVE_CLOSE.signedOut)
  const gone = openTest()
  gone.seconds(30)
  assert.deepEqual([gone.socket.pings, gone.socket.terminated], [1, false])
  gone.seconds(30)
  assert.equal(gone.socket.terminated, true)
  const there = openTest()
  there.seconds(30)
  there.socket.emit('pong')
  there.seconds(30)
  assert.equal(there.socket.terminated, false)
})
