// The newest snapshot of every running app, from all sites. Bounded: what has been silent for long is forgotten.
import type { StatsSnapshot } from '@netbehave/schema'

/** After this a snapshot no longer counts as the state of a running app (they come every 5 s). */
export const FRESH_MS = 15_000
const FORGET_MS = 10 * 60_000
export const SNAPSHOTS_AT_MOST = 1_000

export class Snapshots {
  readonly #byInstance = new Map<string, { snapshot: StatsSnapshot; receivedMs: number }>()

  /** Keeps a snapshot; when there are too many the one that is silent longest goes. */
  put(snapshot: StatsSnapshot, nowMs: number): void {
    const key = `${snapshot.app} ${snapshot.site} ${snapshot.instance}`
    this.#byInstance.delete(key)
    this.#byInstance.set(key, { snapshot, receivedMs: nowMs })
    for (const [oldest, { receivedMs }] of this.#byInstance) {
      if (this.#byInstance.size <= SNAPSHOTS_AT_MOST && nowMs - receivedMs < FORGET_MS) break
      this.#byInstance.delete(oldest)
    }
  }

  /** Snapshots of apps that run now. */
  fresh(nowMs: number): StatsSnapshot[] {
    return [...this.#byInstance.values()]
      .filter(({ receivedMs }) => nowMs - receivedMs < FRESH_MS)
      .map(({ snapshot }) => snapshot)
  }
}
