// Entries of a log → requests of at most MAX_ENTRIES each, whole lines. In: what LogReader gives. Out: bodies of dns.rw.query, .reply, .cached.
import { type DnsAsked, type DnsLeased, type DnsTold, MAX_ENTRIES } from '@netbehave/schema'
import type { Entries } from './join.ts'

export interface LogRequests {
  readonly queries: DnsAsked[][]
  readonly replies: DnsTold[][]
  readonly cached: { answers: DnsTold[]; leases: DnsLeased[] }[]
}

export function toRequests({ asked, told, leased }: Entries): LogRequests {
  const replies: DnsTold[] = []
  const cached: DnsTold[] = []
  for (const { isReply, ...entry } of told) (isReply ? replies : cached).push(entry)
  const answers = chunks(cached)
  const leases = chunks(leased)
  return {
    queries: chunks(asked),
    replies: chunks(replies),
    // Leases and the names in them are of the same lines, so they must not be parted.
    cached: leases.length === 0 ? answers.map((chunk) => ({ answers: chunk, leases: [] })) : together(cached, leased),
  }
}

/** In the order of positions; entries of one position stay together, so that "stored up to here" is true of each chunk. */
function chunks<Entry extends { position: number }>(entries: readonly Entry[]): Entry[][] {
  const all: Entry[][] = []
  for (let from = 0; from < entries.length; ) {
    let to = Math.min(from + MAX_ENTRIES, entries.length)
    if (to < entries.length) {
      while (to > from + 1 && entries[to - 1]!.position === entries[to]!.position) to--
    }
    all.push(entries.slice(from, to))
    from = to
  }
  return all
}

function together(answers: readonly DnsTold[], leases: readonly DnsLeased[]): LogRequests['cached'] {
  type Either = { position: number; answer?: DnsTold; lease?: DnsLeased }
  const all: Either[] = [
    ...answers.map((answer) => ({ position: answer.position, answer })),
    ...leases.map((lease) => ({ position: lease.position, lease })),
  ].sort((a, b) => a.position - b.position)
  return chunks(all).map((chunk) => ({
    answers: chunk.flatMap(({ answer }) => answer ?? []),
    leases: chunk.flatMap(({ lease }) => lease ?? []),
  }))
}
