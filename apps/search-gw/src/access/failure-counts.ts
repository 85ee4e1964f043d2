// How often something failed in the last minutes, by a key that strangers choose. Bounded: the key that failed longest ago goes.

export interface FailureLimits {
  readonly windowMs: number
  /** Failures in a window before one must wait. */
  readonly most: number
  /** Keys. */
  readonly remembered: number
}

export class FailureCounts {
  readonly #limits: FailureLimits
  /** In the order of their newest failure. */
  readonly #byKey = new Map<string, { count: number; endMs: number }>()
  /** Keys that gave way while they still counted. */
  forgotten = 0

  constructor(limits: FailureLimits) {
    this.#limits = limits
  }

  /** How long this key must wait; 0 when it may try. */
  waitMs(key: string, nowMs: number): number {
    const entry = this.#byKey.get(key)
    return entry && entry.count >= this.#limits.most ? Math.max(0, entry.endMs - nowMs) : 0
  }

  add(key: string, nowMs: number): void {
    const entry = this.#byKey.get(key)
    this.#byKey.delete(key)
    if (entry && entry.endMs > nowMs) this.#byKey.set(key, { ...entry, count: entry.count + 1 })
    else this.#byKey.set(key, { count: 1, endMs: nowMs + this.#limits.windowMs })
    for (const [oldest, { endMs }] of this.#byKey) {
      if (this.#byKey.size <= this.#limits.remembered) break
      this.#byKey.delete(oldest)
      if (endMs > nowMs) this.forgotten++
    }
  }

  /** It was no failure after all. */
  takeBack(key: string): void {
    const entry = this.#byKey.get(key)
    if (entry && --entry.count <= 0) this.#byKey.delete(key)
  }
}
