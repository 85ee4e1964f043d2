// Tells the asset service what step sight saw: once a second, in requests of at most 256. What it did not take is told again;
// a service that is away is asked less and less often. Fails: never.
import { ask, type Broker, RequestFault } from '@netbehave/broker'
import { IPAM_SIGHT } from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import type { SightTable } from './sight.ts'

export interface SightingCounters {
  told: number
  faults: number
}

export interface SightingReports extends AsyncDisposable {
  readonly counters: SightingCounters
}

const INTERVAL_MS = 1_000
/** Reading a larger request takes the service so long that look-ups wait for it. */
const SIGHTINGS_A_REQUEST = 256
const REST_MS = { first: 1_000, most: 30_000 }

/** Disposing it tells what is due for the last time. */
export function reportSightings(
  table: SightTable,
  broker: Broker,
  limitedLog: LimitedLog,
  now: () => number,
): SightingReports {
  const counters: SightingCounters = { told: 0, faults: 0 }
  let restUntilMs = 0
  let restMs = REST_MS.first
  let reporting: Promise<void> | undefined

  async function report(): Promise<void> {
    for (;;) {
      const sightings = table.due(now(), SIGHTINGS_A_REQUEST)
      if (sightings.length === 0) return
      await ask(broker, IPAM_SIGHT, { sightings })
      table.told(sightings, now())
      counters.told += sightings.length
      restMs = REST_MS.first
    }
  }

  function rest(error: unknown): void {
    counters.faults++
    restUntilMs = now() + restMs
    restMs = Math.min(restMs * 2, REST_MS.most)
    // Nobody serving is how a system without the asset service is.
    if (error instanceof RequestFault && error.code === 503) return
    const reason = (error as Error).message
    limitedLog(
      'sightings',
      { step: 'sight', err: error },
      `the asset service did not take sightings (${reason}); told again later`,
    )
  }

  function tick(): void {
    if (reporting !== undefined || now() < restUntilMs) return
    reporting = report()
      .catch(rest)
      .finally(() => {
        reporting = undefined
      })
  }

  const timer = setInterval(tick, INTERVAL_MS)
  timer.unref()
  return {
    counters,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await reporting
      if (broker.isConnected) tick()
      await reporting
    },
  }
}
