// What is known of addresses: names by DNS, holders by whois. Asked of those services over the broker.
import { z } from 'zod'
import {
  DNS_FLUSH,
  DNS_FORWARD,
  DNS_INFO,
  DNS_LEASES,
  DNS_LIST,
  DNS_RESIZE,
  DNS_RESULTS,
  DNS_REVERSE,
  DNS_RUNS,
  DNS_STATS,
} from '../requests/dns.ts'
import { AddressText, DnsName, SiteName } from '../requests/fields.ts'
import { WHOIS_FLUSH, WHOIS_INFO, WHOIS_LOOKUP, WHOIS_STATS } from '../requests/whois.ts'
import { TimeText, wholeNumber } from './parts.ts'
import { defineRoute } from './route.ts'

const Addresses = z
  .string()
  .min(1)
  .max(4600)
  .transform((text) => text.split(','))
  .pipe(z.array(AddressText).min(1).max(100))
  .describe('1 to 100 addresses, parted by commas')

const dns = { role: 'viewer', tag: 'dns', method: 'GET' } as const

export const DNS_QUERIES = defineRoute({
  ...dns,
  path: '/dns/queries',
  summary: 'the names that clients asked for, also those without an answer, the newest first',
  query: z.strictObject({
    site: SiteName.optional(),
    client: AddressText.optional(),
    name: DnsName.optional().describe('exactly this name'),
    part: z.string().min(1).max(253).optional().describe('names that hold this text'),
    result: z.enum(DNS_RESULTS).optional(),
    from: TimeText.optional(),
    to: TimeText.optional(),
    after: z.string().max(64).optional().describe('`next` of the page before'),
    limit: wholeNumber(1, 500, 100),
  }),
  reply: DNS_LIST.reply,
})
export const DNS_NAMES = defineRoute({
  ...dns,
  path: '/dns/names',
  summary: 'the name of each address, as `client` was told before `at`',
  query: z.strictObject({
    addresses: Addresses,
    site: SiteName.optional(),
    client: AddressText.optional(),
    at: TimeText.optional(),
  }),
  reply: DNS_REVERSE.reply,
})
export const DNS_RUNS_OF = defineRoute({
  ...dns,
  path: '/dns/runs',
  summary: 'every name that addresses had, by client and time',
  query: z.strictObject({ site: SiteName, addresses: Addresses }),
  reply: DNS_RUNS.reply,
})
export const DNS_ADDRESSES = defineRoute({
  ...dns,
  path: '/dns/addresses',
  summary: 'the addresses that clients were told for a name',
  query: z.strictObject({ name: DnsName, site: SiteName.optional(), client: AddressText.optional() }),
  reply: DNS_FORWARD.reply,
})
export const DNS_LEASES_LIST = defineRoute({
  ...dns,
  path: '/dns/leases',
  summary: 'addresses with MAC and host name, as the DHCP server told',
  query: z.strictObject({ since: TimeText.optional() }),
  reply: DNS_LEASES.reply,
})
export const DNS_ABOUT = defineRoute({
  ...dns,
  path: '/dns/info',
  summary: 'how much is known, and since when',
  reply: DNS_INFO.reply,
})
export const DNS_NUMBERS = defineRoute({
  ...dns,
  role: 'admin',
  path: '/dns/stats',
  summary: 'counters of the store',
  reply: DNS_STATS.reply,
})
export const DNS_FORGET = defineRoute({
  ...dns,
  method: 'POST',
  role: 'admin',
  path: '/dns/flush',
  summary: 'forget answers and questions that fit',
  body: DNS_FLUSH.request,
  reply: DNS_FLUSH.reply,
})
export const DNS_MEMORY = defineRoute({
  ...dns,
  method: 'POST',
  role: 'admin',
  path: '/dns/resize',
  summary: 'how much is held in memory, until the next start',
  body: DNS_RESIZE.request,
  reply: DNS_RESIZE.reply,
})

const whois = { role: 'viewer', tag: 'whois', method: 'GET' } as const

export const WHOIS_OF = defineRoute({
  ...whois,
  path: '/whois',
  summary: 'who holds addresses',
  query: z.strictObject({ addresses: Addresses }),
  reply: WHOIS_LOOKUP.reply,
})
export const WHOIS_ABOUT = defineRoute({
  ...whois,
  path: '/whois/info',
  summary: 'how much is known, and whether the registries are asked',
  reply: WHOIS_INFO.reply,
})
export const WHOIS_NUMBERS = defineRoute({
  ...whois,
  role: 'admin',
  path: '/whois/stats',
  summary: 'what was asked, and which registry waits',
  reply: WHOIS_STATS.reply,
})
export const WHOIS_FORGET = defineRoute({
  ...whois,
  method: 'POST',
  role: 'admin',
  path: '/whois/flush',
  summary: 'forget, so that the registries are asked anew',
  body: WHOIS_FLUSH.request,
  reply: WHOIS_FLUSH.reply,
})
