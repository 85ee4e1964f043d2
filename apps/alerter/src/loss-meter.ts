// Loss of one sender over windows of time, from counters that only grow. In: counters as snapshots tell them. Out: the share that was lost.

export interface Loss {
  readonly lost: number
  /** 0 to 100. */
  readonly percent: number
  readonly spanMs: number
}

interface Base {
  atMs: number
  lost: number
  seen: number
  touchedMs: number
}

export class LossMeter {
  readonly #windowMs: number
  readonly #limit: number
  readonly #bases = new Map<string, Base>()
  /** Senders for which there was no room. */
  unwatched = 0

  constructor(windowMs: number, limit: number) {
    this.#windowMs = windowMs
    this.#limit = limit
  }

  /** The loss of the window that ends now; undefined while it lasts, or when counting began anew. `seen` is without the lost. */
  measure(key: string, lost: number, seen: number, nowMs: number): Loss | undefined {
    const base = this.#bases.get(key)
    if (!base || lost < base.lost || seen < base.seen) {
      if (!base && this.#bases.size >= this.#limit) this.unwatched++
      else this.#bases.set(key, { atMs: nowMs, lost, seen, touchedMs: nowMs })
      return undefined
    }
    base.touchedMs = nowMs
    const spanMs = nowMs - base.atMs
    if (spanMs < this.#windowMs) return undefined
    const more = { lost: lost - base.lost, seen: seen - base.seen }
    this.#bases.set(key, { atMs: nowMs, lost, seen, touchedMs: nowMs })
    const all = more.lost + more.seen
    return { lost: more.lost, percent: all === 0 ? 0 : (more.lost / all) * 100, spanMs }
  }

  /** Forgets those that nobody spoke of for some windows. */
  tidy(nowMs: number): void {
    for (const [key, { touchedMs }] of this.#bases) {
      if (nowMs - touchedMs > 10 * this.#windowMs) this.#bases.delete(key)
    }
  }
}
