// A Map that forgets what was not used lately, without a list to keep in order: two Maps, of which the older goes when the newer is
// half of the limit. A look-up costs one Map look-up; what is found in the older one moves to the newer.
// What was used since the last change over is never forgotten, at least half of the limit is kept.

interface RecentMapOptions<V> {
  readonly weigh?: (value: V) => number
  readonly forget?: (values: Iterable<V>) => void
}

export class RecentMap<K, V> {
  readonly #half: number
  readonly #weigh: (value: V) => number
  readonly #forget: (values: Iterable<V>) => void
  #newer = new Map<K, V>()
  #older = new Map<K, V>()
  #newerWeight = 0
  #olderWeight = 0
  /** Entries forgotten for want of room. */
  evicted = 0

  /** `limit`: the most that all entries weigh together. `weigh`: of one entry; 1 where not given. `forget`: told of those that went for want of room. */
  constructor(limit: number, { weigh = () => 1, forget = () => {} }: RecentMapOptions<V> = {}) {
    this.#half = Math.max(1, Math.floor(limit / 2))
    this.#weigh = weigh
    this.#forget = forget
  }

  get(key: K): V | undefined {
    const value = this.#newer.get(key)
    return value === undefined && this.#older.size > 0 ? this.#promote(key) : value
  }

  /** The value, without counting as a use. */
  peek(key: K): V | undefined {
    return this.#newer.get(key) ?? this.#older.get(key)
  }

  set(key: K, value: V): void {
    this.delete(key)
    this.#put(key, value)
  }

  delete(key: K): void {
    const newer = this.#newer.get(key)
    if (newer !== undefined) {
      this.#newer.delete(key)
      this.#newerWeight -= this.#weigh(newer)
      return
    }
    const older = this.#older.get(key)
    if (older === undefined) return
    this.#older.delete(key)
    this.#olderWeight -= this.#weigh(older)
  }

  clear(): void {
    this.#newer.clear()
    this.#older.clear()
    this.#newerWeight = 0
    this.#olderWeight = 0
  }

  *values(): Generator<V> {
    yield* this.#older.values()
    yield* this.#newer.values()
  }

  get size(): number {
    return this.#newer.size + this.#older.size
  }

  get weight(): number {
    return this.#newerWeight + this.#olderWeight
  }

  #promote(key: K): V | undefined {
    const value = this.#older.get(key)
    if (value === undefined) return undefined
    this.#older.delete(key)
    this.#olderWeight -= this.#weigh(value)
    this.#put(key, value)
    return value
  }

  #put(key: K, value: V): void {
    const weight = this.#weigh(value)
    if (this.#newerWeight + weight > this.#half && this.#newer.size > 0) {
      this.evicted += this.#older.size
      this.#forget(this.#older.values())
      this.#older = this.#newer
      this.#olderWeight = this.#newerWeight
      this.#newer = new Map()
      this.#newerWeight = 0
    }
    this.#newer.set(key, value)
    this.#newerWeight += weight
  }
}
