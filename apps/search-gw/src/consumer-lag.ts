// How far the durable consumers are behind, from JetStream itself. Asked only while somebody looks, at most every few seconds.
import type { Broker } from '@netbehave/broker'
import type { ConsumerLag } from '@netbehave/health'
import { CONSUMERS } from '@netbehave/schema'

const TTL_MS = 3000
const TIMEOUT_MS = 1000

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
    if (!this.#broker.isConnected) return []
    const connection = await this.#broker.connected
    const answers = Object.values(CONSUMERS).map(async ({ stream, durable }): Promise<ConsumerLag[]> => {
      const subject = `$JS.API.CONSUMER.INFO.${stream}.${durable}`
      const message = await connection.request(subject, '', { timeout: TIMEOUT_MS }).catch(() => undefined)
      const info = message && (message.json() as { num_pending?: number; num_ack_pending?: number; error?: unknown })
      if (!info || info.error || typeof info.num_pending !== 'number') return []
      return [{ consumer: durable, stream, waiting: info.num_pending, unacknowledged: info.num_ack_pending ?? 0 }]
    })
    return (await Promise.all(answers)).flat()
  }
}
