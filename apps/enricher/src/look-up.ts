// Asking another service for what a cache lacks: the misses of a batch go out as requests of at most MAX_ENTRIES, a batch waits for
// them a limited time and then goes on without. Fails: never; a service that is away or slow is left alone for a while.
import { RequestFault } from '@netbehave/broker'
import { MAX_ENTRIES } from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import type { AddressKey } from './address-key.ts'

export interface LookUpOptions {
  /** Of the service, for the log: `dns`. */
  readonly service: string
  /** Asks and puts what comes into the cache. */
  readonly ask: (keys: readonly AddressKey[]) => Promise<void>
  /** How long a batch waits. */
  readonly waitMs: number
  readonly now: () => number
  readonly limitedLog: LimitedLog
}

export interface LookUpCounters {
  requests: number
  /** Addresses asked for. */
  asked: number
  /** Requests without an answer. */
  faults: number
  /** Addresses not asked for: the service rests, or enough is on its way. */
  leftOut: number
  /** Batches that waited, ms they waited together, and those that went on without. */
  waits: number
  waitedMs: number
  late: number
}

/** Requests on their way at most; a service that is slower than that is not asked for more. */
const MAX_REQUESTS = 4
const REST_MS = { first: 1_000, most: 30_000 }

export class LookUp {
  readonly #options: LookUpOptions
  readonly #asking = new Set<Promise<void>>()
  readonly #asked = new Set<AddressKey>()
  #wanted = new Set<AddressKey>()
  #restUntilMs = 0
  #restMs = REST_MS.first
  readonly counters: LookUpCounters = {
    requests: 0,
    asked: 0,
    faults: 0,
    leftOut: 0,
    waits: 0,
    waitedMs: 0,
    late: 0,
  }

  constructor(options: LookUpOptions) {
    this.#options = options
  }

  /** May it be asked now? While it rests its caches are all there is. */
  get isOpen(): boolean {
    return this.#restUntilMs === 0 || this.#options.now() >= this.#restUntilMs
  }

  /** Do not ask for so long: it said itself that there is nothing to ask. */
  rest(ms: number): void {
    this.#restUntilMs = this.#options.now() + ms
  }

  /** Puts an address on the next request. */
  want(key: AddressKey): void {
    if (this.#asked.has(key)) return
    if (this.#wanted.size < MAX_ENTRIES * MAX_REQUESTS) this.#wanted.add(key)
    else this.counters.leftOut++
  }

  /** Sends what is wanted, and waits for it and for what is on its way. */
  async settle(): Promise<void> {
    this.#send()
    if (this.#asking.size === 0) return
    const { waitMs } = this.#options
    this.counters.waits++
    const began = performance.now()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<true>((resolve) => {
      timer = setTimeout(() => resolve(true), waitMs)
    })
    if (await Promise.race([Promise.all(this.#asking).then(() => false), late])) this.counters.late++
    clearTimeout(timer)
    this.counters.waitedMs += performance.now() - began
  }

  #send(): void {
    const keys = [...this.#wanted]
    this.#wanted = new Set()
    for (let at = 0; at < keys.length; at += MAX_ENTRIES) {
      const some = keys.slice(at, at + MAX_ENTRIES)
      if (this.#asking.size >= MAX_REQUESTS || !this.isOpen) {
        this.counters.leftOut += some.length
        continue
      }
      for (const key of some) this.#asked.add(key)
      const asking = this.#ask(some).finally(() => {
        this.#asking.delete(asking)
        for (const key of some) this.#asked.delete(key)
      })
      this.#asking.add(asking)
    }
  }

  async #ask(keys: readonly AddressKey[]): Promise<void> {
    this.counters.requests++
    this.counters.asked += keys.length
    try {
      await this.#options.ask(keys)
      this.#restMs = REST_MS.first
    } catch (error) {
      this.counters.faults++
      this.rest(this.#restMs)
      this.#restMs = Math.min(this.#restMs * 2, REST_MS.most)
      // Nobody serving is how a system without that service is; its metrics tell, the log would tell nothing new.
      if (error instanceof RequestFault && error.code === 503) return
      const { service, limitedLog } = this.#options
      limitedLog(`look-up-${service}`, { step: 'enrich', err: error }, describeFault(service, error as Error))
    }
  }
}

const describeFault = (service: string, error: Error): string =>
  `no look-ups from the ${service} service (${error.message}); flows go on without, and it is asked again later`
