// Requests that dns-ingest serves, and what it tells as it happens. Source of meanings: docs/architecture.md, "dns-ingest".
import { z } from 'zod'
import { defineRequest, MAX_ENTRIES } from './contract.ts'
import { AddressText, Count, DnsName, Nothing, SiteName, TimeMs } from './fields.ts'

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

// ---- What people look at: names asked, who was told what.

/** What came of a question. `answered`: something, of which the log says no address (unbound, or another type). */
export const DNS_RESULTS = [
  'waiting',
  'address',
  'answered',
  'nodata',
  'nxdomain',
  'refused',
  'failed',
  'blocked',
] as const
export type DnsResult = (typeof DNS_RESULTS)[number]

/** A name that a client asked for, whatever came of it. */
export const DnsQuery = z.object({
  site: SiteName,
  client: AddressText,
  name: DnsName,
  type: z.string().max(16),
  firstMs: TimeMs,
  lastMs: TimeMs,
  hits: Count,
  result: z.enum(DNS_RESULTS).describe('of the newest question'),
})
export type DnsQuery = z.infer<typeof DnsQuery>

export const DnsListRequest = z.strictObject({
  site: SiteName.optional(),
  client: AddressText.optional(),
  name: DnsName.optional().describe('exactly this name'),
  part: z.string().min(1).max(253).optional().describe('names that hold this text'),
  result: z.enum(DNS_RESULTS).optional(),
  fromMs: TimeMs.optional().describe('asked at or after'),
  toMs: TimeMs.optional().describe('asked first before'),
  after: z.string().max(64).optional().describe('`next` of the page before'),
  limit: Count.min(1).max(MAX_ENTRIES).default(100),
})
export const DnsListReply = z.object({
  queries: z.array(DnsQuery).max(MAX_ENTRIES).describe('the newest first'),
  next: z.string().nullable().describe('where the next page begins; null: this was the last'),
})
export const DNS_LIST = defineRequest('dns.ro.list', {
  request: DnsListRequest,
  reply: DnsListReply,
  meaning: 'the names that clients asked for, also those without an answer, by page',
})

/** Answers for one name in a reply at most; the newest are kept. */
export const MAX_FORWARD = 256

export const DnsForwardRequest = z.strictObject({
  name: DnsName,
  site: SiteName.optional(),
  client: AddressText.optional(),
})
export const DnsForwardReply = z.object({ answers: z.array(DnsAnswer).max(MAX_FORWARD).describe('the newest first') })
export const DNS_FORWARD = defineRequest('dns.ro.forward', {
  request: DnsForwardRequest,
  reply: DnsForwardReply,
  meaning: 'the addresses that clients were told for a name',
})

/** A lease that the log of a DHCP server tells of. */
export const DnsLease = z.object({
  site: SiteName,
  address: AddressText,
  mac: z.string().max(17).describe('aa:bb:cc:dd:ee:ff; empty: not told (DHCPv6)'),
  hostname: z.string().max(253).describe('empty: the client gave none'),
  lastMs: TimeMs,
})
export type DnsLease = z.infer<typeof DnsLease>
export const DNS_LEASES = defineRequest('dns.ro.leases', {
  request: z.strictObject({ sinceMs: TimeMs.default(0).describe('renewed after') }),
  reply: z.object({ leases: z.array(DnsLease).max(MAX_ENTRIES).describe('the oldest renewal first') }),
  meaning: 'addresses with the MAC and host name that the log of the DHCP server told',
})

export const DnsInfoReply = z.object({
  boot: z.string(),
  sequence: Count,
  answers: Count.describe('runs that are kept'),
  queries: Count.describe('pairs of client and name that are kept'),
  leases: Count,
  keepRows: Count,
  inMemory: Count.describe('runs in memory'),
  cacheMax: Count,
  oldestMs: TimeMs.nullable().describe('last moment of the oldest run'),
  newestMs: TimeMs.nullable(),
})
export type DnsInfo = z.infer<typeof DnsInfoReply>
export const DNS_INFO = defineRequest('dns.ro.info', {
  request: Nothing,
  reply: DnsInfoReply,
  meaning: 'how much is known, and since when',
})

// ---- What those who read logs write. Every entry says where in its source it ends, and the store knows how far each source was
// stored: what is sent again changes nothing.

/** A name as it may be stored: what a log says can be anything. No space, `<`, `>`, control character or capital. */
export const LoggedName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[!-;=?-@[-~]+$/, 'is no DNS name in lower case')

const LogEntry = {
  position: Count.describe('end of the line in its source, bytes; never goes back'),
  atMs: TimeMs,
}

export const DnsAsked = z.strictObject({
  ...LogEntry,
  client: AddressText,
  name: LoggedName,
  type: z.string().min(1).max(16),
})
export type DnsAsked = z.infer<typeof DnsAsked>

export const DnsTold = z.strictObject({
  ...LogEntry,
  client: AddressText.nullable(),
  name: LoggedName.describe('the name that was asked for'),
  type: z.string().max(16),
  source: z.enum(DNS_SOURCES),
  result: z.enum(DNS_RESULTS),
  address: AddressText.nullable(),
  ttlS: Count.nullable(),
  chain: z.array(LoggedName).max(16),
})
export type DnsTold = z.infer<typeof DnsTold>

export const DnsLeased = z.strictObject({
  ...LogEntry,
  address: AddressText,
  mac: z.string().regex(/^(([0-9a-f]{2}:){5}[0-9a-f]{2})?$/, 'is no MAC address'),
  hostname: LoggedName.or(z.literal('')),
})
export type DnsLeased = z.infer<typeof DnsLeased>

const FromSource = {
  site: SiteName,
  source: z.string().min(1).max(256).describe('which log this is, for good: positions count within it'),
}
/** How much of it was new, and how many entries were stored before. */
const Stored = z.object({ stored: Count, known: Count })

export const DNS_QUERY = defineRequest('dns.rw.query', {
  request: z.strictObject({ ...FromSource, queries: z.array(DnsAsked).min(1).max(MAX_ENTRIES) }),
  reply: Stored,
  meaning: 'stores names that clients asked for',
})
export const DNS_REPLY = defineRequest('dns.rw.reply', {
  request: z.strictObject({ ...FromSource, answers: z.array(DnsTold).min(1).max(MAX_ENTRIES) }),
  reply: Stored,
  meaning: 'stores answers that came from the server above',
})
export const DNS_CACHED = defineRequest('dns.rw.cached', {
  request: z.strictObject({
    ...FromSource,
    answers: z.array(DnsTold).max(MAX_ENTRIES),
    leases: z.array(DnsLeased).max(MAX_ENTRIES).default([]),
  }),
  reply: Stored,
  meaning: 'stores answers that the DNS server had itself (cache, hosts file, configuration, DHCP), and leases',
})

// ---- For the operator.

export const DNS_FLUSH = defineRequest('dns.admin.flush', {
  request: z.strictObject({
    site: SiteName.optional(),
    client: AddressText.optional(),
    address: AddressText.optional(),
    name: DnsName.optional(),
    beforeMs: TimeMs.optional().describe('what was last told before'),
    all: z.literal(true).optional().describe('must be said where no other member is'),
  }),
  reply: z.object({ answers: Count, queries: Count }).describe('what was removed'),
  meaning: 'forgets answers and queries that fit every member of the request',
})
export const DNS_RESIZE = defineRequest('dns.admin.resize', {
  request: z.strictObject({ cacheMax: Count.min(4).max(10_000_000) }),
  reply: z.object({ cacheMax: Count, inMemory: Count }),
  meaning: 'sets how many runs are held in memory, until the next start',
})
export const DNS_STATS = defineRequest('dns.admin.stats', {
  request: Nothing,
  reply: z.object({ counters: z.record(z.string(), z.number()) }),
  meaning: 'counters of the store since its start',
})
