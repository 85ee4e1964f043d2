// Entries of a log → requests to the names service at the hub; then the place behind them is remembered. Killed in between, the same
// entries are sent again, and the service knows them by their positions. Throws RequestFault when it could not be reached.
import { ask, type Broker, RequestFault } from '@netbehave/broker'
import { toRequests } from '@netbehave/dns-log'
import { DNS_CACHED, DNS_QUERY, DNS_REPLY } from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import type { FollowCounters, TakeBatch } from './follow.ts'
import type { Tails } from './tails.ts'

const TIMEOUT_MS = 5000

export function createSend(broker: Broker, site: string, tails: Tails, limitedLog: LimitedLog): TakeBatch {
  /** A request that does not fit its contract would not fit the next time either. */
  async function unlessRefused(asking: Promise<unknown>, counters: FollowCounters): Promise<void> {
    try {
      await asking
    } catch (error) {
      if (!(error instanceof RequestFault) || error.code !== 400) throw error
      counters.refused++
      limitedLog('refused', { err: error }, `the names service refused entries of a log: ${error.message}`)
    }
  }

  return async (source, entries, tail, counters) => {
    const { queries, replies, cached } = toRequests(entries)
    const from = { site, source }
    const within = { timeoutMs: TIMEOUT_MS }
    for (const chunk of queries)
      await unlessRefused(ask(broker, DNS_QUERY, { ...from, queries: chunk }, within), counters)
    for (const chunk of replies)
      await unlessRefused(ask(broker, DNS_REPLY, { ...from, answers: chunk }, within), counters)
    for (const chunk of cached) await unlessRefused(ask(broker, DNS_CACHED, { ...from, ...chunk }, within), counters)
    tails.save(tail)
  }
}
