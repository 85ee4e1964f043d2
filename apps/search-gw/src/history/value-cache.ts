// The values that a field had in the last hour, most flows first, for completions. Asked once a minute and field at most.
import type { History } from '@netbehave/history'
import { LRUCache } from 'lru-cache'

export interface SeenValue {
  readonly text: string
  readonly flows: number
}

const SPAN_MS = 3_600_000
const TTL_MS = 60_000
/** Fields are fewer; this is the bound. */
const FIELDS = 64
const VALUES = 500

type Ask = <T>(work: (history: History) => Promise<T>) => Promise<T>

export class ValueCache {
  readonly #ask: Ask
  readonly #now: () => number
  readonly #byField = new LRUCache<string, Promise<readonly SeenValue[]>>({ max: FIELDS, ttl: TTL_MS })

  constructor(ask: Ask, now: () => number) {
    this.#ask = ask
    this.#now = now
  }

  /** Of a field by its canonical name; shared by all who ask meanwhile, so one that leaves does not stop it for others. */
  of(field: string): Promise<readonly SeenValue[]> {
    const known = this.#byField.get(field)
    if (known) return known
    const asked = this.#ask(async (history) => {
      const toMs = this.#now()
      const top = await history.top({ fields: [field], by: 'flows', limit: VALUES, fromMs: toMs - SPAN_MS, toMs })
      return top.rows.flatMap(({ values: [value], flows }) =>
        value === null || value === undefined ? [] : [{ text: String(value), flows }],
      )
    })
    this.#byField.set(field, asked)
    asked.catch(() => this.#byField.delete(field))
    return asked
  }
}
