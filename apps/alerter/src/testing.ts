// For tests: events as ipam, enricher and collector tell them, and an alerter with a clock in hand.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AssetEvent, RuleMatchEvent } from '@netbehave/schema'
import { createAlerter } from './alerter.ts'
import { AlerterConfig } from './config.ts'
import { createCounters } from './counters.ts'
import type { Channel, Message } from './deliver/channel.ts'
import type { Limits } from './limits.ts'
import { readEvent } from './read-event.ts'
import { databaseFile, openStore } from './store.ts'

/** 2026-11-24 12:00 UTC. */
export const NOON_MS = Date.UTC(2026, 10, 24, 12)

export const assetEvent = (
  id: string,
  ip: string,
  more: Partial<AssetEvent['asset']> = {},
  change = 'new',
): AssetEvent =>
  ({
    ...{ id, change, atMs: NOON_MS, beforeMac: null, absentMs: null },
    asset: {
      ...{ ip, site: 'home', mac: '00:11:22:33:44:55', macRandom: false, vendor: 'Acme Inc.', hostname: 'printer' },
      ...{ name: '', owner: '', type: '', note: '', tags: [], firstMs: NOON_MS, lastMs: NOON_MS, active: true },
      ...more,
    },
    peers: [
      { ip: '93.184.216.34', name: 'example.org' },
      { ip: '1.1.1.1', name: '' },
    ],
  }) as AssetEvent

export const ruleEvent = (minuteMs: number, more: Partial<RuleMatchEvent> = {}): RuleMatchEvent => ({
  ...{ rule: 'telnet', severity: 'warning', alert: ['mail'], site: 'home', source: '192.168.1.9', minuteMs, count: 3 },
  first: {
    ...{ site: 'home', firstMs: minuteMs, lastMs: minuteMs, srcIp: '192.168.1.9', dstIp: '203.0.113.5' },
    ...{ srcPort: 40_000, dstPort: 23, protocol: 6, bytes: 1200, packets: 10, sampling: 1 },
  },
  ...more,
})

export const toBytes = (event: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(event))

/** A channel that takes everything, or what `refuse` lets through, and remembers it. */
export function createTestChannel(name: Channel['name'] = 'mail') {
  const sent: Message[] = []
  const channel = {
    ...{ name, target: 'test', sent },
    refuse: undefined as ((message: Message) => Error | undefined) | undefined,
    async send(message: Message) {
      const error = channel.refuse?.(message)
      if (error) throw error
      sent.push(message)
      return undefined
    },
  }
  return channel
}

export interface TestAlerterOptions {
  readonly config?: Record<string, unknown>
  readonly limits?: Partial<Limits>
  readonly dataDir?: string
  readonly startMs?: number
  readonly channels?: readonly ReturnType<typeof createTestChannel>[]
}

const MAIL = { server: 'mail.example.org', recipient: ['me@example.org'] }

/** An alerter on a real database, with a test channel in place of mail; time passes when `advance` says so. */
export function openTestAlerter(options: TestAlerterOptions = {}) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'netbehave-alerter-'))
  const config = AlerterConfig.parse({ mail: MAIL, learningMs: 0, gatherMs: 0, timeZone: 'UTC', ...options.config })
  const channels = options.channels ?? [createTestChannel()]
  const counters = createCounters()
  const db = openStore(databaseFile(dataDir), () => {})
  let nowMs = options.startMs ?? NOON_MS
  const logged: string[] = []
  const alerter = createAlerter({
    ...{ config, db, channels, counters },
    ...(options.limits && { limits: options.limits }),
    log: { error: () => {}, info: () => {} } as never,
    limitedLog: (_key, _fields, message) => void logged.push(message),
    now: () => nowMs,
    tickMs: 3_600_000,
  })
  const { outbox } = alerter
  return {
    ...{ alerter, counters, channels, dataDir, db, logged, config },
    sent: channels[0]!.sent,
    now: () => nowMs,
    advance(ms: number): void {
      nowMs += ms
    },
    take(subject: string, ...events: unknown[]): void {
      alerter.takeIn(events.map((event) => readEvent(subject, toBytes(event))))
    },
    /** Closes digests whose time has come, sends what is due, and waits until nothing is on its way. */
    async deliver(): Promise<void> {
      alerter.tick()
      alerter.deliverer.wake()
      await alerter.deliverer.idle()
    },
    waiting: () => outbox.list('waiting', undefined, 200),
    async close(): Promise<void> {
      await alerter[Symbol.asyncDispose]()
      db.close()
    },
    async [Symbol.asyncDispose]() {
      await alerter[Symbol.asyncDispose]()
      if (db.open) db.close()
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
