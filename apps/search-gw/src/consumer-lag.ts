// How far the durable consumers are behind. Asked only while somebody looks, at most every few seconds.
import type { Broker } from '@netbehave/broker'
import { askConsumerLags, type ConsumerLag } from '@netbehave/health'

const TTL_MS = 3000

export class ConsumerLags {
  readonly #broker: Broker
  readonly #now: () => number
  #asked: { atMs: number; answer: Promise<ConsumerLag[]> } | undefined

  constructor(broker: Broker, now: () => number) {
    this.#broker = broker
    this.#now = now
  }

  /** Those that answer; a consumer that was never made has no lag to tell of. */
  read(): Promise<ConsumerLag[]> {
    const nowMs = this.#now()
    if (!this.#asked || nowMs - this.#asked.atMs >= TTL_MS) this.#asked = { atMs: nowMs, answer: this.#ask() }
    return this.#asked.answer
  }

  async #ask(): Promise<ConsumerLag[]> {
    return this.#broker.isConnected ? askConsumerLags(await this.#broker.connected) : []
  }
}
