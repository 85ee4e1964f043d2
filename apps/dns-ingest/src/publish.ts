// What clients are told, as it is stored: events for the caches of the enrichers. At most once; `boot` and `sequence` let them see gaps.
import type { Broker } from '@netbehave/broker'
import { type DnsReplyEvent, type DnsTold, MAX_ENTRIES, SUBJECTS } from '@netbehave/schema'

/** Answers from older logs change no flow that is still on its way. */
const NEWS_MS = 86_400_000

export interface ReplyEvents {
  readonly boot: string
  /** Of the newest event. */
  readonly sequence: number
  readonly counters: { readonly events: number; readonly unsent: number }
  publish(site: string, answers: readonly DnsTold[]): void
}

export function createReplyEvents(broker: Broker, boot: string, now: () => number): ReplyEvents {
  const counters = { events: 0, unsent: 0 }
  let sequence = 0
  return {
    boot,
    get sequence() {
      return sequence
    },
    counters,
    publish(site, told) {
      const since = now() - NEWS_MS
      const answers = told.flatMap(({ client, address, name, source, atMs }) =>
        address === null || atMs < since ? [] : [{ client, address, name, source, atMs }],
      )
      for (let from = 0; from < answers.length; from += MAX_ENTRIES) {
        sequence++
        counters.events++
        const event: DnsReplyEvent = { boot, sequence, site, answers: answers.slice(from, from + MAX_ENTRIES) }
        if (!broker.publishCore(SUBJECTS.dnsReply, JSON.stringify(event))) counters.unsent++
      }
    },
  }
}
