// Every app tells how it is: a snapshot on its stats subject every 5 s, and at once when somebody asks.
import { StatsSnapshot, SUBJECTS } from '@netbehave/schema'
import type { Broker } from './connect.ts'

export const STATS_INTERVAL_MS = 5_000

export interface StatsSource {
  readonly app: string
  readonly site: string
  readonly instance: string
  readonly startedMs: number
  readonly now: () => number
  /** prom-client's `getMetricsAsJSON`. */
  readonly metrics: () => Promise<unknown[]>
  /** What is not a number: the app's own report. */
  readonly report?: () => unknown
}

/** Publishes until disposed; while the broker is away snapshots are left out. */
export function publishStats(broker: Broker, source: StatsSource): Disposable {
  const subject = SUBJECTS.stats(source.app, source.site, source.instance)
  async function publish(): Promise<void> {
    const { app, site, instance, startedMs } = source
    const snapshot: StatsSnapshot = {
      app,
      site,
      instance,
      startedMs,
      atMs: source.now(),
      metrics: await source.metrics(),
    }
    if (source.report) snapshot.report = source.report()
    broker.publishCore(subject, JSON.stringify(snapshot))
  }
  const timer = setInterval(() => void publish(), STATS_INTERVAL_MS)
  timer.unref()
  void broker.connected.then(publish, () => {})
  const asked = broker.subscribe(SUBJECTS.statsAsk, () => void publish())
  return {
    [Symbol.dispose]() {
      clearInterval(timer)
      asked[Symbol.dispose]()
    },
  }
}

/**
 * Asks every app for its snapshot and collects what comes until `quietMs` passed without a new one (at most `maxMs`).
 * Snapshots that do not fit the contract are left out.
 */
export async function askStats(broker: Broker, { quietMs = 300, maxMs = 2_000 } = {}): Promise<StatsSnapshot[]> {
  const byInstance = new Map<string, StatsSnapshot>()
  const done = Promise.withResolvers<void>()
  let quiet: NodeJS.Timeout | undefined
  using _subscription = broker.subscribe('stats.>', (bytes, subject) => {
    const parsed = parseSnapshot(bytes)
    if (!parsed) return
    byInstance.set(subject, parsed)
    clearTimeout(quiet)
    quiet = setTimeout(done.resolve, quietMs)
  })
  const latest = setTimeout(done.resolve, maxMs)
  await broker.flush()
  broker.publishCore(SUBJECTS.statsAsk, '')
  await done.promise
  clearTimeout(latest)
  clearTimeout(quiet)
  return [...byInstance.values()]
}

/** Bytes of a stats message → snapshot; undefined when they are none. */
export function parseSnapshot(bytes: Uint8Array): StatsSnapshot | undefined {
  try {
    return StatsSnapshot.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return undefined // foreign bytes; whoever listens shows what it understood
  }
}
