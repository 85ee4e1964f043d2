// The line of steps: lookup ▸ queue ▸ ask ▸ read ▸ store. `lookup` answers at once from what is kept; all else happens later.
import {
  type AddressHolder,
  REGISTRIES,
  type Registry,
  type WhoisInfoReply,
  type WhoisLookupReply,
  type WhoisStatsReply,
} from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import { familyOf, parseValue, toText } from './address-range.ts'
import { AnswerCache } from './answer-cache.ts'
import { type AskOptions, ask } from './ask.ts'
import { type Authority, findAuthorityOf, registryOfUrl, toBaseUrl } from './bootstrap.ts'
import type { HolderStore, Kept } from './holder-store.ts'
import type { Pace } from './pace.ts'
import { Queue } from './queue.ts'
import { cleanText, isCredible } from './read-network.ts'
import type { BootstrapFiles } from './refresh.ts'
import { isSpecialPurpose, isWithinSpecialPurpose } from './special-purpose.ts'
import { createWorkCounters, startWork, type WorkCounters } from './work.ts'

export interface WhoisCounters {
  /** Addresses looked up, by where the answer came from. */
  readonly lookups: { special: number; cache: number; store: number; unallocated: number; queued: number; off: number }
  readonly requests: Map<Registry, number>
  readonly busy: Map<Registry, number>
  readonly work: WorkCounters
  puts: number
  putsRefused: number
}

export interface WhoisOptions {
  readonly enabled: boolean
  readonly store: HolderStore
  readonly bootstrap: BootstrapFiles
  readonly pace: Pace
  readonly http: AskOptions['http']
  readonly maxRedirects: number
  readonly cacheEntries: number
  readonly maxQueued: number
  /** In place of what IANA's files say. */
  readonly baseUrls: Readonly<Partial<Record<Registry, string | undefined>>>
  readonly limitedLog: LimitedLog
  readonly now: () => number
  /** How long an address rests that got no usable answer. */
  readonly restMs?: number
}

export interface Whois extends AsyncDisposable {
  readonly counters: WhoisCounters
  readonly queue: Queue
  readonly cache: AnswerCache
  lookup(addresses: readonly string[]): WhoisLookupReply
  info(): WhoisInfoReply
  put(holders: readonly Omit<AddressHolder, 'fetchedMs'>[]): { stored: number; refused: number }
  flush(what: 'all' | 'none'): number
  stats(): WhoisStatsReply
}

type LookupAnswer = WhoisLookupReply['holders'][number]
const NONE: LookupAnswer = { state: 'none', holder: null }
const QUEUED: LookupAnswer = { state: 'queued', holder: null }
const OFF: LookupAnswer = { state: 'off', holder: null }

export function createWhois(options: WhoisOptions): Whois {
  const { enabled, store, bootstrap, pace, limitedLog, now } = options
  const counters: WhoisCounters = {
    lookups: { special: 0, cache: 0, store: 0, unallocated: 0, queued: 0, off: 0 },
    requests: new Map(),
    busy: new Map(),
    work: createWorkCounters(),
    puts: 0,
    putsRefused: 0,
  }
  const { lookups } = counters
  const cache = new AnswerCache(options.cacheEntries)
  const queue = new Queue(options.maxQueued)
  const count = (by: Map<Registry, number>) => (registry: Registry) =>
    void by.set(registry, (by.get(registry) ?? 0) + 1)
  const askOptions: AskOptions = {
    http: options.http,
    pace,
    maxRedirects: options.maxRedirects,
    registryOf: (url) => registryOfUrl(url, options.baseUrls),
    onRequest: count(counters.requests),
    onBusy: count(counters.busy),
    now,
  }
  const work = startWork({
    queue,
    store,
    pace,
    ask: (question, to, signal) => ask(question, to, signal, askOptions),
    onNews: (range) => cache.forget(range),
    counters: counters.work,
    limitedLog,
    now,
    ...(options.restMs !== undefined && { restMs: options.restMs }),
  })

  function lookupOne(text: string): LookupAnswer {
    const cached = cache.find(text, now())
    if (cached) {
      lookups.cache++
      return answerOf(cached)
    }
    const address = parseValue(text)
    if (address === undefined) {
      lookups.special++
      return NONE
    }
    const kept = store.find(address)
    if (isSpecialPurpose(address) && !(kept && isOwnBlock(kept))) {
      lookups.special++
      return NONE
    }
    if (kept) {
      lookups.store++
      cache.put(text, address, kept)
      return answerOf(kept)
    }
    if (!enabled) {
      lookups.off++
      return OFF
    }
    const authority = authorityOf(address)
    if (authority === undefined) {
      lookups.unallocated++
      return NONE
    }
    lookups.queued++
    if (queue.add({ text: toText(address), address }, authority, now())) work.wake(authority.registry)
    return QUEUED
  }

  function authorityOf(address: bigint): Authority | undefined {
    const authority = findAuthorityOf(bootstrap.of(familyOf(address)), address)
    return authority && { ...authority, baseUrl: toBaseUrl(options.baseUrls[authority.registry] ?? authority.baseUrl) }
  }

  function putOne(holder: Omit<AddressHolder, 'fetchedMs'>): boolean {
    const [start, end] = [parseValue(holder.startAddress), parseValue(holder.endAddress)]
    const name = cleanText(holder.name) || cleanText(holder.org)
    if (start === undefined || end === undefined || name === '' || !isCredible({ start, end })) return false
    const country = /^[A-Z]{2}$/.test(holder.country) ? holder.country : ''
    store.put({ start, end, name, org: cleanText(holder.org) || name, country }, holder.registry)
    cache.forget({ start, end })
    return true
  }

  return {
    counters,
    queue,
    cache,
    lookup: (addresses) => ({ holders: store.reading(() => addresses.map(lookupOne)) }),
    info: () => ({ enabled, ...store.count(), queued: queue.size, bootstrap: bootstrap.state() }),
    put(holders) {
      const stored = holders.filter(putOne).length
      counters.puts += stored
      counters.putsRefused += holders.length - stored
      return { stored, refused: holders.length - stored }
    },
    flush(what) {
      cache.clear()
      queue.wake()
      return store.flush(what)
    },
    stats: () => ({
      counters: flatten(counters),
      registries: REGISTRIES.map((registry) => ({
        registry,
        queued: queue.sizeOf(registry),
        waitsMs: pace.delayMs(registry),
      })),
    }),
    [Symbol.asyncDispose]: () => work[Symbol.asyncDispose](),
  }
}

/** A block of special-purpose addresses with a holder: no registry says that, so somebody put it. */
const isOwnBlock = ({ holder }: Kept): boolean =>
  holder !== null &&
  isWithinSpecialPurpose({ start: parseValue(holder.startAddress)!, end: parseValue(holder.endAddress)! })

const answerOf = ({ holder }: Kept): LookupAnswer => (holder ? { state: 'known', holder } : NONE)

function flatten({ lookups, requests, busy, work, puts, putsRefused }: WhoisCounters): Record<string, number> {
  const named = (prefix: string, entries: Iterable<readonly [string, number]>) =>
    [...entries].map(([name, value]): [string, number] => [`${prefix}.${name}`, value])
  return Object.fromEntries([
    ...named('lookup', Object.entries(lookups)),
    ...named('request', requests),
    ...named('busy', busy),
    ...named('answer', Object.entries(work.answers)),
    ...named('problem', work.problems),
    ['rested', work.rested],
    ['put', puts],
    ['putRefused', putsRefused],
  ])
}
