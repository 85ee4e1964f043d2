// How far the durable consumers are behind, from JetStream itself. In: a connection that may ask for them. Out: those that answer.
import { CONSUMERS } from '@netbehave/schema'
import type { ConsumerLag } from './observation.ts'

const TIMEOUT_MS = 1000

/** What is needed of a NATS connection. */
export interface Asker {
  request(subject: string, payload: string, options: { timeout: number }): Promise<{ json(): unknown }>
}

/** A consumer that was never made has no lag to tell of. */
export async function askConsumerLags(connection: Asker): Promise<ConsumerLag[]> {
  const answers = Object.values(CONSUMERS).map(async ({ stream, durable }): Promise<ConsumerLag[]> => {
    const subject = `$JS.API.CONSUMER.INFO.${stream}.${durable}`
    const message = await connection.request(subject, '', { timeout: TIMEOUT_MS }).catch(() => undefined)
    const info = message && (message.json() as { num_pending?: number; num_ack_pending?: number; error?: unknown })
    if (!info || info.error || typeof info.num_pending !== 'number') return []
    return [{ consumer: durable, stream, waiting: info.num_pending, unacknowledged: info.num_ack_pending ?? 0 }]
  })
  return (await Promise.all(answers)).flat()
}
