import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Broker } from '@netbehave/broker'
import { compile, parse } from '@netbehave/filter'
import { encodeFlowBatch, type Flow, flowsToBatches } from '@netbehave/schema'
import { createLiveCounters, createLiveHub, type Watcher } from './hub.ts'
import { Subscription } from './subscription.ts'

const FLOW: Flow = {
  site: 'home',
  firstMs: 1,
  lastMs: 1,
  srcIp: '192.168.1.7',
  dstIp: '203.0.113.5',
  srcPort: 1,
  dstPort: 443,
  protocol: 6,
  bytes: 1,
  packets: 1,
  sampling: 1,
}
const batch = (n: number) => encodeFlowBatch([...flowsToBatches(Array(n).fill(FLOW))][0]!)

function createTestHub(clock: () => number = () => 0) {
  const listeners = new Set<(bytes: Uint8Array) => void>()
  const broker = {
    subscribe: (_subject: string, onMessage: (bytes: Uint8Array) => void) => {
      listeners.add(onMessage)
      return { [Symbol.dispose]: () => listeners.delete(onMessage) }
    },
  } as unknown as Broker
  const counters = createLiveCounters()
  const faults: Error[] = []
  const hub = createLiveHub({ broker, counters, now: () => 1000, clock, onFault: (error) => faults.push(error) })
  return {
    hub,
    counters,
    faults,
    listeners,
    send: (bytes: Uint8Array) => listeners.forEach((listener) => void listener(bytes)),
  }
}

function watcher(): Watcher & { subscription: Subscription; flushes: number } {
  const subscription = new Subscription(compile(parse('')), 100, 0)
  return {
    subscription,
    subscriptions: [subscription],
    flushes: 0,
    flush() {
      this.flushes++
    },
    tick() {},
  }
}

test('the broker is asked for flows once, and only while somebody watches', () => {
  const { hub, listeners } = createTestHub()
  assert.equal(listeners.size, 0)
  const watching = [hub.watch(watcher()), hub.watch(watcher())]
  assert.equal(listeners.size, 1)
  watching[0]![Symbol.dispose]()
  watching[0]![Symbol.dispose]()
  assert.deepEqual([listeners.size, hub.watchers], [1, 1])
  watching[1]![Symbol.dispose]()
  assert.equal(listeners.size, 0)
})

test('a message that is no batch is counted and told, and the next one is looked at', () => {
  const { hub, counters, faults, send } = createTestHub()
  using _hub = hub
  const one = watcher()
  hub.watch(one)
  send(new Uint8Array([1, 2, 3]))
  send(batch(5))
  assert.deepEqual([counters.refusedBatches, faults.length, counters.batches, one.subscription.matched], [1, 1, 1, 5])
  assert.equal(one.flushes, 1)
})

test('when looking takes all the time, batches are passed over and told, until the next second', () => {
  const times = [0, 500, 500, 1000, 900, 1400, 2000, 2001]
  const { hub, counters, send } = createTestHub(() => times.shift() ?? 2000)
  using _hub = hub
  const one = watcher()
  hub.watch(one)
  for (let i = 0; i < 4; i++) send(batch(1))
  assert.deepEqual([one.subscription.matched, one.subscription.skipped, counters.skippedFlows], [3, 1, 1])
})
