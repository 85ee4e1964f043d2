// Requests that dns-ingest serves, and what it tells as it happens. Source of meanings: docs/architecture.md, "dns-ingest".
import { z } from 'zod'
import { defineRequest, MAX_ENTRIES } from './contract.ts'
import { AddressText, Count, DnsName, SiteName, TimeMs } from './fields.ts'

/** Where a name comes from: an answer to a query, the hosts file (or local data) of the DNS server, or a DHCP lease. */
export const DNS_SOURCES = ['dns', 'hosts', 'dhcp'] as const
export type DnsSource = (typeof DNS_SOURCES)[number]

/** Runs of one address in a reply at most; the newest are kept. */
export const MAX_RUNS = 2048

// Every site has its own clients, and their addresses repeat from site to site (192.168.1.10 is everywhere): `site` is part of who a
// client is, in what is stored, asked and told. To other sites an answer is "another client's", with the client left out; names from
// hosts files and DHCP leases are no other site's business.
// Times of answers are never later than the answer itself: a log that tells whole seconds is read as the later of that second's start
// and the moment of the read before (the flow that follows an answer begins within milliseconds of it).

/**
 * A run: the span in which every answer that this client was given for this address named the same name. A new run begins
 * when the name changes, so "the last name before a moment" is the newest run that began before it.
 */
export const DnsRun = z.object({
  client: AddressText.nullable().describe('who asked; null: not known, or for everybody (hosts, dhcp)'),
  name: DnsName.describe('the name that was asked for, not the end of its CNAME chain'),
  source: z.enum(DNS_SOURCES),
  firstMs: TimeMs,
  lastMs: TimeMs,
})
export type DnsRun = z.infer<typeof DnsRun>

/** A run in full, as people look at it. */
export const DnsAnswer = DnsRun.extend({
  site: SiteName,
  address: AddressText,
  type: z.string().max(16).describe('type of the question: A, AAAA, HTTPS …'),
  ttlS: Count.nullable().describe('seconds; null: the log does not say'),
  hits: Count.min(1),
  chain: z.array(DnsName).max(16).describe('CNAMEs on the way from the name asked to the address'),
})
export type DnsAnswer = z.infer<typeof DnsAnswer>

export const DnsRunsRequest = z.strictObject({
  site: SiteName.describe('whose clients are told by address; runs of the clients of other sites come without'),
  addresses: z.array(AddressText).min(1).max(MAX_ENTRIES),
})
export const DnsRunsReply = z.object({
  boot: z.string().describe('of the serving process, as in `DnsReplyEvent`'),
  sequence: Count.describe('of the newest `DnsReplyEvent` that the runs hold already'),
  runs: z
    .array(z.array(DnsRun).max(MAX_RUNS).nullable())
    .max(MAX_ENTRIES)
    .describe('for each address in order, oldest first; empty: never told; null: the reply was full, ask for it again'),
})
export type DnsRunsReply = z.infer<typeof DnsRunsReply>
export const DNS_RUNS = defineRequest('dns.ro.runs', {
  request: DnsRunsRequest,
  reply: DnsRunsReply,
  meaning: 'all that is known of addresses, for caches that answer by client and time themselves',
})

export const DnsReverseRequest = z.strictObject({
  lookups: z
    .array(
      z.strictObject({
        address: AddressText,
        site: SiteName.optional().describe('where the client is; absent: any site'),
        client: AddressText.optional().describe('prefer what this one was told'),
        atMs: TimeMs.optional().describe('as it was known then; absent: now'),
      }),
    )
    .min(1)
    .max(MAX_ENTRIES),
})
export const DnsReverseReply = z.object({
  answers: z
    .array(DnsAnswer.extend({ how: z.enum(['client', 'other', 'local']).describe('whose answer it is') }).nullable())
    .max(MAX_ENTRIES)
    .describe('for each look-up in order; null: no name'),
})
export const DNS_REVERSE = defineRequest('dns.ro.reverse', {
  request: DnsReverseRequest,
  reply: DnsReverseReply,
  meaning: 'the name that a client was last told to have an address, before a moment',
})

/** Published as answers come in, so that a flow that follows at once finds its name. At most once: a gap in `sequence` or another `boot` means that some are missing. */
export const DnsReplyEvent = z.object({
  boot: z.string().max(64),
  sequence: Count,
  site: SiteName,
  answers: z
    .array(
      z.object({
        client: AddressText.nullable(),
        address: AddressText,
        name: DnsName,
        source: z.enum(DNS_SOURCES),
        atMs: TimeMs,
      }),
    )
    .max(MAX_ENTRIES),
})
export type DnsReplyEvent = z.infer<typeof DnsReplyEvent>
