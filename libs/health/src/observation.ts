// What is known of the system at a moment. The gateway makes one from the snapshots that it hears, `netbehave doctor` from those it asks for.
import type { SiteReport, StatsSnapshot } from '@netbehave/schema'
import { sumOf } from './metrics.ts'

/** One running copy of an app. */
export interface Observed {
  readonly snapshot: StatsSnapshot
  /** A snapshot of the same copy some minutes before, to tell what goes on now from what once was. */
  readonly earlier?: StatsSnapshot | undefined
}

/** How a durable consumer stands. */
export interface ConsumerLag {
  readonly consumer: string
  readonly stream: string
  readonly waiting: number
  readonly unacknowledged: number
}

export interface Observation {
  readonly nowMs: number
  readonly isBrokerConnected: boolean
  /** Copies that report now. */
  readonly apps: readonly Observed[]
  readonly lag?: readonly ConsumerLag[]
  /** Sites with a server of their own. */
  readonly sites?: readonly SiteReport[]
}

/** By how much a counter rose since the earlier snapshot (since its start without one, or after a restart); 0 without the metric. */
export function riseOf({ snapshot, earlier }: Observed, name: string): number {
  const now = sumOf(snapshot, name) ?? 0
  const then = earlier?.startedMs === snapshot.startedMs ? (sumOf(earlier, name) ?? 0) : 0
  return Math.max(0, now - then)
}

/** Rise a second; null without an earlier snapshot. */
export function rateOf({ snapshot, earlier }: Observed, name: string): number | null {
  const value = sumOf(snapshot, name)
  if (!earlier || value === undefined || earlier.startedMs !== snapshot.startedMs) return null
  const seconds = (snapshot.atMs - earlier.atMs) / 1000
  return seconds <= 0 ? null : Math.max(0, value - (sumOf(earlier, name) ?? 0)) / seconds
}

/** The sum of the rates of all copies of an app; null when none is known. */
export function totalRate(apps: readonly Observed[], app: string, name: string): number | null {
  const rates = apps
    .filter(({ snapshot }) => snapshot.app === app)
    .map((observed) => rateOf(observed, name))
    .filter((rate) => rate !== null)
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0)
}
