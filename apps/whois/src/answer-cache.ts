// Answers that were given lately, in memory in front of the database. Limit: `limit` addresses, the least recently used goes.
import { type AddressRange, contains } from './address-range.ts'
import type { Kept } from './holder-store.ts'

export class AnswerCache {
  readonly #limit: number
  /** By the text that was asked, least recently used first. */
  readonly #entries = new Map<string, { address: bigint; kept: Kept }>()
  evicted = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#entries.size
  }

  find(text: string, nowMs: number): Kept | undefined {
    const entry = this.#entries.get(text)
    if (entry === undefined) return undefined
    this.#entries.delete(text)
    if (entry.kept.expiresMs <= nowMs) return undefined
    this.#entries.set(text, entry)
    return entry.kept
  }

  put(text: string, address: bigint, kept: Kept): void {
    this.#entries.set(text, { address, kept })
    if (this.#entries.size <= this.#limit) return
    this.#entries.delete(this.#entries.keys().next().value!)
    this.evicted++
  }

  /** Something new is known of these addresses. */
  forget(range: AddressRange): void {
    for (const [text, { address }] of this.#entries) if (contains(range, address)) this.#entries.delete(text)
  }

  clear(): void {
    this.#entries.clear()
  }
}
