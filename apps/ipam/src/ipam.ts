// The line of steps: sight and hear ▸ store ▸ publish, and what is asked and edited beside it. Owns the hourly tidying. Inert until the
// service that it makes endpoints for is there.
import type { Endpoint, Publisher } from '@netbehave/broker'
import { DnsReplyEvent } from '@netbehave/schema'
import { askLeases, type Leases, type LeasesOptions } from './ask-leases.ts'
import { createEdit } from './edit.ts'
import { createHear, type Hear } from './hear.ts'
import { createLook } from './look.ts'
import type { NewLog } from './new-log.ts'
import { type OutboxPublisher, publishOutbox } from './publish.ts'
import { refreshVendors } from './refresh-vendors.ts'
import { createEndpoints } from './service.ts'
import { createSight } from './sight.ts'
import type { Store } from './store.ts'
import { createTurns } from './turns.ts'

export interface IpamOptions {
  readonly store: Store
  /** Closed with this. */
  readonly publisher: Publisher
  readonly newLog: NewLog
  readonly maxAssetsPerSite: number
  readonly localZones: readonly string[]
  /** Where dns-ingest is asked for leases, and how often. */
  readonly leases: Pick<LeasesOptions, 'broker' | 'intervalMs'>
  readonly limitedLog: (key: string, fields: object, message: string) => void
  readonly now: () => number
}

export interface Ipam extends AsyncDisposable {
  readonly endpoints: readonly Endpoint[]
  readonly hear: Hear
  readonly leases: Leases
  readonly outboxPublisher: OutboxPublisher
  /** A message of `events.dns.reply`; foreign bytes are passed over. */
  onDnsReply(bytes: Uint8Array): void
}

const TIDY_MS = 3_600_000

export function createIpam(options: IpamOptions): Ipam {
  const { store, publisher, newLog, limitedLog, now } = options
  const turn = createTurns()
  const hear = createHear(store, turn, options.localZones)
  const marks = ['"dhcp"', '"hosts"', ...options.localZones.map((zone) => `.${zone}"`)]
  const { db, outbox, counters } = store
  const outboxPublisher = publishOutbox({ db, outbox, publisher, newLog, counters, limitedLog })
  const leases = askLeases({ ...options.leases, hear, onEvents: outboxPublisher.kick, limitedLog, now })
  const endpoints = createEndpoints({
    store,
    sight: createSight(store, hear, turn, leases.refresh),
    edit: createEdit(store, turn),
    look: createLook(store, turn),
    maxAssetsPerSite: options.maxAssetsPerSite,
    onEvents: outboxPublisher.kick,
    now,
  })
  refreshVendors(store)
  outboxPublisher.kick()
  const timer = setInterval(tidy, TIDY_MS).unref()

  function tidy(): void {
    try {
      store.transaction(() => store.macs.tidy(now()))
    } catch (error) {
      limitedLog('tidy', { err: error }, `routers' MACs were not looked through: ${(error as Error).message}`)
    }
    outboxPublisher.kick()
  }

  return {
    endpoints,
    hear,
    leases,
    outboxPublisher,
    onDnsReply(bytes) {
      // Nearly all are answers of other kinds, and reading them is the dear part.
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      if (!marks.some((mark) => text.includes(mark))) return
      const event = DnsReplyEvent.safeParse(readJson(bytes))
      if (!event.success) return limitedLog('hear', {}, 'a message on events.dns.reply is none; passed over')
      hear.onReply(event.data, now()).then(outboxPublisher.kick, (error: Error) => {
        limitedLog('hear', { err: error }, `host names were not stored: ${error.message}`)
      })
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await leases[Symbol.asyncDispose]()
      await outboxPublisher[Symbol.asyncDispose]()
    },
  }
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined // fits no contract
  }
}
