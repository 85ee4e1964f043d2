// Routes that ask another service over the broker, as the connection of the user's role. Their queries, bodies and replies are
// that service's own contracts (../requests); a service that does not run gives 503 with its sentence.
import { z } from 'zod'
import {
  ALERTS_INFO,
  ALERTS_LEARNED,
  ALERTS_LIST,
  ALERTS_MUTE,
  ALERTS_RESEND,
  ALERTS_TEST,
  ALERTS_UNMUTE,
  DELIVERY_STATES,
} from '../requests/alerts.ts'
import { DNS_REVERSE, DNS_RUNS } from '../requests/dns.ts'
import { AddressText } from '../requests/fields.ts'
import { WHOIS_FLUSH, WHOIS_INFO, WHOIS_LOOKUP, WHOIS_STATS } from '../requests/whois.ts'
import { wholeNumber } from './parts.ts'
import { defineRoute } from './route.ts'

const Addresses = z
  .string()
  .min(1)
  .max(4600)
  .transform((text) => text.split(','))
  .pipe(z.array(AddressText).min(1).max(100))
  .describe('1 to 100 addresses, parted by commas')

export const DNS_NAMES_OF = defineRoute({
  method: 'GET',
  path: '/dns/names',
  role: 'viewer',
  tag: 'dns',
  summary: 'the name of each address, as `client` was told before `at`',
  query: z.strictObject({
    addresses: Addresses,
    client: AddressText.optional(),
    at: z.coerce.number().int().optional().describe('epoch ms; absent: now'),
  }),
  reply: DNS_REVERSE.reply,
})
export const DNS_RUNS_OF = defineRoute({
  method: 'GET',
  path: '/dns/runs',
  role: 'viewer',
  tag: 'dns',
  summary: 'every name that addresses had, by client and time',
  query: z.strictObject({ addresses: Addresses }),
  reply: DNS_RUNS.reply,
})

export const WHOIS_OF = defineRoute({
  method: 'GET',
  path: '/whois',
  role: 'viewer',
  tag: 'whois',
  summary: 'who holds addresses',
  query: z.strictObject({ addresses: Addresses }),
  reply: WHOIS_LOOKUP.reply,
})
export const WHOIS_ABOUT = defineRoute({
  method: 'GET',
  path: '/whois/info',
  role: 'viewer',
  tag: 'whois',
  summary: 'how much is known, and whether the registries are asked',
  reply: WHOIS_INFO.reply,
})
export const WHOIS_NUMBERS = defineRoute({
  method: 'GET',
  path: '/whois/stats',
  role: 'admin',
  tag: 'whois',
  summary: 'what was asked, and which registry waits',
  reply: WHOIS_STATS.reply,
})
export const WHOIS_FORGET = defineRoute({
  method: 'POST',
  path: '/whois/flush',
  role: 'admin',
  tag: 'whois',
  summary: 'forget, so that the registries are asked anew',
  body: WHOIS_FLUSH.request,
  reply: WHOIS_FLUSH.reply,
})

export const ALERTS_SENT = defineRoute({
  method: 'GET',
  path: '/alerts',
  role: 'viewer',
  tag: 'alerts',
  summary: 'what was told to whom, what waits, what could not be delivered',
  query: z.strictObject({
    state: z.enum(DELIVERY_STATES).optional(),
    before: z.coerce.number().int().min(0).optional().describe('`next` of the page before'),
    limit: wholeNumber(1, 200, 50),
  }),
  reply: ALERTS_LIST.reply,
})
export const ALERTS_ABOUT = defineRoute({
  method: 'GET',
  path: '/alerts/info',
  role: 'viewer',
  tag: 'alerts',
  summary: 'channels, learning window, digests, mutes',
  reply: ALERTS_INFO.reply,
})
export const MUTE_ALERTS = defineRoute({
  method: 'POST',
  path: '/alerts/mutes',
  role: 'operator',
  tag: 'alerts',
  summary: 'say nothing more of an asset, a rule or an exporter',
  body: ALERTS_MUTE.request,
  reply: ALERTS_MUTE.reply,
})
export const UNMUTE_ALERTS = defineRoute({
  method: 'POST',
  path: '/alerts/mutes/end',
  role: 'operator',
  tag: 'alerts',
  summary: 'say it again',
  body: ALERTS_UNMUTE.request,
  reply: ALERTS_UNMUTE.reply,
})
export const RESEND_ALERTS = defineRoute({
  method: 'POST',
  path: '/alerts/resend',
  role: 'operator',
  tag: 'alerts',
  summary: 'try undelivered messages again',
  body: ALERTS_RESEND.request,
  reply: ALERTS_RESEND.reply,
})
export const TEST_CHANNEL = defineRoute({
  method: 'POST',
  path: '/alerts/test',
  role: 'operator',
  tag: 'alerts',
  summary: 'send a test message on a channel',
  body: ALERTS_TEST.request,
  reply: ALERTS_TEST.reply,
})
export const END_LEARNING = defineRoute({
  method: 'POST',
  path: '/alerts/learned',
  role: 'operator',
  tag: 'alerts',
  summary: 'end the learning window now',
  body: ALERTS_LEARNED.request,
  reply: ALERTS_LEARNED.reply,
})
