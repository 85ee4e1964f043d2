// Step hear, from the other side: dns-ingest is asked for all leases at the start, then for what was renewed since, and when an address is
// new. Events alone would miss what was told while this service was away, and have no MACs. Fails: never; a dns-ingest that is not there is
// asked again.
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, type Broker, RequestFault } from '@netbehave/broker'
import { DNS_LEASES, type DnsLease, MAX_ENTRIES } from '@netbehave/schema'
import type { Hear } from './hear.ts'

export interface LeasesOptions {
  /** May ask `dns.ro.>`. */
  readonly broker: Broker
  readonly hear: Pick<Hear, 'onLeases'>
  readonly intervalMs: number
  /** Called after anything that may have written an event. */
  readonly onEvents: () => void
  readonly limitedLog: (key: string, fields: object, message: string) => void
  readonly now: () => number
}

export interface Leases extends AsyncDisposable {
  /** Leases that were taken. */
  readonly taken: number
  /** Asks now, unless dns-ingest did not answer last; resolves when what it says is worked in, or after a second. */
  refresh(): Promise<void>
}

const TIMEOUT_MS = 10_000
const REFRESH_MS = 1_000
/** Logs tell whole seconds, and several logs have several clocks: what is so much older than the newest may still come. */
const OVERLAP_MS = 60_000

export function askLeases({ broker, hear, intervalMs, onEvents, limitedLog, now }: LeasesOptions): Leases {
  let taken = 0
  /** Renewals up to here are known, and of those after it these. */
  let sinceMs = 0
  let known = new Set<string>()
  let isThere = false
  let isStopped = false
  let asking: Promise<void> | undefined

  async function takeNew(): Promise<void> {
    const seen = new Map<string, number>()
    for (let fromMs = sinceMs, isMore = true; isMore && !isStopped; ) {
      const { leases } = await ask(broker, DNS_LEASES, { sinceMs: fromMs }, { timeoutMs: TIMEOUT_MS })
      isThere = true
      const news = leases.filter((lease) => !known.has(keyOf(lease)) && !seen.has(keyOf(lease)))
      for (const lease of leases) seen.set(keyOf(lease), lease.lastMs)
      await hear.onLeases(news, now())
      taken += news.length
      const lastMs = leases.at(-1)?.lastMs ?? fromMs
      isMore = leases.length === MAX_ENTRIES
      // A full page may end among several of one moment.
      fromMs = lastMs - 1 > fromMs ? lastMs - 1 : lastMs
    }
    // A clock that is ahead must not hide the others.
    const newestMs = [...seen.values()].reduce((newest, lastMs) => Math.max(newest, lastMs), sinceMs)
    sinceMs = Math.max(sinceMs, Math.min(now(), newestMs) - OVERLAP_MS)
    known = new Set([...seen].filter(([, lastMs]) => lastMs > sinceMs).map(([key]) => key))
    onEvents()
  }

  function turn(): Promise<void> {
    asking ??= takeNew()
      .catch((error: Error) => {
        isThere = false
        // 503: nobody serves it, which is so where there is no dns-ingest.
        if (error instanceof RequestFault && error.code === 503) return
        limitedLog('leases', { err: error }, `leases could not be had: ${error.message}; asking again`)
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  }

  const timer = setInterval(turn, intervalMs)
  timer.unref()
  void broker.connected.then(turn, () => {})
  return {
    get taken() {
      return taken
    },
    async refresh() {
      if (!isThere) return
      // What is asked already may have been answered before the lease was given.
      const answered = asking === undefined ? turn() : asking.then(turn)
      await Promise.race([answered, sleep(REFRESH_MS, undefined, { ref: false })])
    },
    async [Symbol.asyncDispose]() {
      isStopped = true
      clearInterval(timer)
      await asking
    },
  }
}

const keyOf = ({ site, address, mac, hostname, lastMs }: DnsLease): string =>
  [site, address, mac, hostname, lastMs].join(' ')
