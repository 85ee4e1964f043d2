// The newest run of each client and address, in memory before the database. At the cap the quarter that was not used for longest goes
// (as in the 2018 system). Whoever changes a run writes it to the database, too.
import type { DnsAnswer } from '@netbehave/schema'
import { LRUCache } from 'lru-cache'

/** `id`: its row. */
export type StoredRun = DnsAnswer & { readonly id: number }

export class RunCache {
  /** Runs that had to make room. */
  evicted = 0
  hits = 0
  misses = 0
  #max: number
  #runs: LRUCache<string, StoredRun>

  constructor(max: number) {
    this.#max = max
    this.#runs = new LRUCache({ max })
  }

  get size(): number {
    return this.#runs.size
  }

  get max(): number {
    return this.#max
  }

  get(site: string, client: string | null, address: string): StoredRun | undefined {
    const run = this.#runs.get(keyOf(site, client, address))
    if (run) this.hits++
    else this.misses++
    return run
  }

  set(run: StoredRun): void {
    const key = keyOf(run.site, run.client, run.address)
    if (this.#runs.size >= this.#max && !this.#runs.has(key)) {
      for (let i = Math.ceil(this.#max / 4); i > 0; i--) this.#runs.pop()
      this.evicted += Math.ceil(this.#max / 4)
    }
    this.#runs.set(key, run)
  }

  delete(run: StoredRun): void {
    this.#runs.delete(keyOf(run.site, run.client, run.address))
  }

  clear(): void {
    this.#runs.clear()
  }

  /** Keeps those used last. */
  resize(max: number): void {
    const kept = [...this.#runs.entries()].slice(0, max).reverse()
    this.evicted += this.#runs.size - kept.length
    this.#max = max
    this.#runs = new LRUCache({ max })
    for (const [key, run] of kept) this.#runs.set(key, run)
  }
}

const keyOf = (site: string, client: string | null, address: string): string => `${site} ${client ?? ''} ${address}`
