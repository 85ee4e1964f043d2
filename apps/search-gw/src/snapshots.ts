// The newest snapshots of every running app, from all sites, and one of some minutes before to tell what goes on now from what once was.
// Bounded in number and bytes: what has been silent longest is forgotten.
import type { Observed } from '@netbehave/health'
import type { StatsSnapshot } from '@netbehave/schema'

/** After this a snapshot no longer counts as the state of a running app (they come every 5 s). */
export const FRESH_MS = 15_000
const FORGET_MS = 10 * 60_000
export const SNAPSHOTS_AT_MOST = 1_000
/** Of all that is kept, as JSON; in memory it is a few times that. */
export const SNAPSHOT_BYTES_AT_MOST = 24 * 1024 * 1024
/** `earlier` is between one and two of these old. */
const EARLIER_MS = 60_000

export interface Heard extends Observed {
  readonly heardMs: number
  /** The one before, for rates. */
  readonly previous: StatsSnapshot | undefined
}

interface Entry {
  snapshot: StatsSnapshot
  heardMs: number
  bytes: number
  previous: StatsSnapshot | undefined
  /** The oldest that is kept, and the one that takes its place when that is too old. */
  earlier: StatsSnapshot | undefined
  middle: StatsSnapshot | undefined
}

export class Snapshots {
  readonly #byInstance = new Map<string, Entry>()
  #bytes = 0
  /** How many copies were forgotten for want of room. */
  evicted = 0

  /** Keeps a snapshot of so many bytes; when there is too much, the copy that is silent longest goes. */
  put(snapshot: StatsSnapshot, nowMs: number, bytes = 0): void {
    const key = `${snapshot.app} ${snapshot.site} ${snapshot.instance}`
    const before = this.#byInstance.get(key)
    this.#forget(key)
    this.#byInstance.set(key, follow(before, snapshot, nowMs, bytes))
    // Up to four snapshots of a copy are kept.
    this.#bytes += bytes * 4
    for (const [oldest, { heardMs }] of this.#byInstance) {
      const isFull = this.#byInstance.size > SNAPSHOTS_AT_MOST || this.#bytes > SNAPSHOT_BYTES_AT_MOST
      if (!isFull && nowMs - heardMs < FORGET_MS) break
      if (this.#byInstance.size === 1) break
      if (isFull) this.evicted++
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#bytes -= (this.#byInstance.get(key)?.bytes ?? 0) * 4
    this.#byInstance.delete(key)
  }

  /** Snapshots of apps that run now. */
  fresh(nowMs: number): StatsSnapshot[] {
    return this.heard(nowMs).map(({ snapshot }) => snapshot)
  }

  /** The same with what was before. */
  heard(nowMs: number): Heard[] {
    return this.remembered().filter(({ heardMs }) => nowMs - heardMs < FRESH_MS)
  }

  /** Also of those that are silent, for some minutes. */
  remembered(): Heard[] {
    return [...this.#byInstance.values()].map(({ snapshot, heardMs, previous, earlier }) => ({
      snapshot,
      heardMs,
      previous,
      earlier,
    }))
  }
}

/** A copy that started anew has no past. */
function follow(before: Entry | undefined, snapshot: StatsSnapshot, heardMs: number, bytes: number): Entry {
  const fresh: Entry = { snapshot, heardMs, bytes, previous: undefined, earlier: undefined, middle: snapshot }
  if (!before || before.snapshot.startedMs !== snapshot.startedMs) return fresh
  const { earlier, middle } = before
  const isDue = !middle || snapshot.atMs - middle.atMs >= EARLIER_MS
  return {
    ...fresh,
    previous: before.snapshot,
    earlier: isDue ? (middle ?? earlier) : (earlier ?? middle),
    middle: isDue ? snapshot : middle,
  }
}
