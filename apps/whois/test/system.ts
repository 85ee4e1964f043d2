// The service without a broker: a real store on disk, the real client, against registries that a test starts.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@netbehave/bench'
import type { Registry, WhoisLookupReply } from '@netbehave/schema'
import { openDatabase } from '@netbehave/sqlite'
import { createHolderStore, type HolderStore } from '../src/holder-store.ts'
import { createHttp, type HttpOptions } from '../src/http.ts'
import { createPace } from '../src/pace.ts'
import { openBootstrapFiles } from '../src/refresh.ts'
import { createWhois, type Whois } from '../src/whois.ts'

export interface SystemOptions extends Partial<HttpOptions> {
  readonly baseUrls: Readonly<Partial<Record<Registry, string>>>
  readonly enabled?: boolean
  readonly maxQueued?: number
  readonly requestsPerSecond?: number
  readonly restMs?: number
  /** Kept after the system is closed, when it is given. */
  readonly directory?: string
}

export interface System extends AsyncDisposable {
  readonly whois: Whois
  readonly store: HolderStore
  readonly clock: { offsetMs: number }
  /** The answer once it is no longer being asked for. */
  answerTo(address: string): Promise<WhoisLookupReply['holders'][number]>
  state(address: string): string
  /** Resolves when the address got no usable answer and nothing was kept. */
  problemOf(address: string): Promise<string>
}

const DAY_MS = 86_400_000

export async function startSystem(options: SystemOptions): Promise<System> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'netbehave-whois-')))
  const clock = { offsetMs: 0 }
  const now = () => Date.now() + clock.offsetMs
  const db = openDatabase(join(directory, 'whois.sqlite3'), join(import.meta.dirname, '../src/migrations'))
  const store = createHolderStore(db, { maxRows: 1000, keepMs: 30 * DAY_MS, keepNoneMs: DAY_MS, now })
  const http = createHttp({
    timeoutMs: 5_000,
    maxResponseBytes: 1024 * 1024,
    trustedUrls: Object.values(options.baseUrls),
    ...options,
  })
  const limitedLog = () => {}
  const refresh = { bootstrapUrl: 'https://data.iana.org/rdap/', refreshMs: 0, maxRedirects: 5 }
  const bootstrap = openBootstrapFiles({ directory, http, limitedLog, now, ...refresh })
  const { requestsPerSecond = 1000 } = options
  const pace = createPace({ requestsPerSecond, now: () => performance.now(), firstBackOffMs: 1, longestBackOffMs: 4 })
  const whois = createWhois({
    ...{ store, bootstrap, pace, http, limitedLog, now },
    enabled: options.enabled ?? true,
    maxRedirects: 5,
    cacheEntries: 100,
    maxQueued: options.maxQueued ?? 100,
    baseUrls: options.baseUrls,
    ...(options.restMs !== undefined && { restMs: options.restMs }),
  })
  const lookup = (address: string) => whois.lookup([address]).holders[0]!
  return {
    whois,
    store,
    clock,
    state: (address) => lookup(address).state,
    answerTo: (address) =>
      until(`${address} is answered`, () => {
        const answer = lookup(address)
        return answer.state !== 'queued' && answer
      }),
    async problemOf(address) {
      assert.equal(lookup(address).state, 'queued')
      const { rested, problems } = whois.counters.work
      await until(`${address} is given up`, () => whois.counters.work.rested > rested && whois.queue.size === 0)
      assert.equal(lookup(address).state, 'queued', 'nothing was kept, and it is asked for again later')
      assert.deepEqual(store.count(), { known: 0, none: 0 })
      return [...problems.keys()].join()
    },
    async [Symbol.asyncDispose]() {
      await whois[Symbol.asyncDispose]()
      await bootstrap[Symbol.asyncDispose]()
      http[Symbol.dispose]()
      store[Symbol.dispose]()
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true })
    },
  }
}
