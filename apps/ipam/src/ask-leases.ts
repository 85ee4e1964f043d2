// Step hear, from the other side: dns-ingest is asked for all leases at the start, then for what was renewed since. Events alone would miss
// what was told while this service was away, and have no MACs. Fails: never; a dns-ingest that is not there is asked again.
import { ask, type Broker, RequestFault } from '@netbehave/broker'
import { DNS_LEASES, MAX_ENTRIES } from '@netbehave/schema'
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
}

const TIMEOUT_MS = 10_000

export function askLeases({ broker, hear, intervalMs, onEvents, limitedLog, now }: LeasesOptions): Leases {
  let taken = 0
  /** Renewals up to here are known. */
  let sinceMs = 0
  let isStopped = false
  let asking: Promise<void> | undefined

  async function takeNew(): Promise<void> {
    for (let isMore = true; isMore && !isStopped; ) {
      const { leases } = await ask(broker, DNS_LEASES, { sinceMs }, { timeoutMs: TIMEOUT_MS })
      const lastMs = leases.at(-1)?.lastMs ?? sinceMs
      await hear.onLeases(leases, now())
      taken += leases.length
      isMore = leases.length === MAX_ENTRIES
      // A full page may end among several of one moment.
      sinceMs = isMore && lastMs - 1 > sinceMs ? lastMs - 1 : lastMs
    }
    onEvents()
  }

  function turn(): void {
    asking ??= takeNew()
      .catch((error: Error) => {
        // 503: nobody serves it, which is so where there is no dns-ingest.
        if (error instanceof RequestFault && error.code === 503) return
        limitedLog('leases', { err: error }, `leases could not be had: ${error.message}; asking again`)
      })
      .finally(() => {
        asking = undefined
      })
  }

  const timer = setInterval(turn, intervalMs)
  timer.unref()
  void broker.connected.then(turn, () => {})
  return {
    get taken() {
      return taken
    },
    async [Symbol.asyncDispose]() {
      isStopped = true
      clearInterval(timer)
      await asking
    },
  }
}
