// Requests that the whois service serves: who holds an address block, by the five registries.
import { z } from 'zod'
import { defineRequest, MAX_ENTRIES } from './contract.ts'
import { AddressText, Count, Nothing, TimeMs } from './fields.ts'

export const REGISTRIES = ['afrinic', 'apnic', 'arin', 'lacnic', 'ripe'] as const
export type Registry = (typeof REGISTRIES)[number]

/** Who holds a block. `name`, `startAddress` and `endAddress` are what the 2018 system kept as `arin`. */
export const AddressHolder = z.object({
  name: z.string().max(255).describe('name of the block, as the registry gives it: `GOOGLE`'),
  org: z.string().max(255).describe('name of the registrant: `Google LLC`; the name of the block where there is none'),
  startAddress: AddressText,
  endAddress: AddressText,
  registry: z.enum(REGISTRIES),
  country: z.string().max(2).describe('ISO 3166 code, as the registry gives it; empty: not told'),
  fetchedMs: TimeMs,
})
export type AddressHolder = z.infer<typeof AddressHolder>

/**
 * - `known`: the holder is there
 * - `none`: the registries were asked and know no holder, or the address is not theirs (private, reserved)
 * - `queued`: it is being asked for; ask again later
 * - `off`: asking the registries is switched off, and the address was not looked up while it was on
 */
export const WHOIS_STATES = ['known', 'none', 'queued', 'off'] as const

export const WhoisLookupRequest = z.strictObject({ addresses: z.array(AddressText).min(1).max(MAX_ENTRIES) })
export const WhoisLookupReply = z.object({
  holders: z
    .array(z.object({ state: z.enum(WHOIS_STATES), holder: AddressHolder.nullable() }))
    .max(MAX_ENTRIES)
    .describe('for each address in order'),
})
export type WhoisLookupReply = z.infer<typeof WhoisLookupReply>
export const WHOIS_LOOKUP = defineRequest('whois.ro.lookup', {
  request: WhoisLookupRequest,
  reply: WhoisLookupReply,
  meaning: 'who holds addresses, from what is kept; what is not known goes to the queue',
})

export const BootstrapState = z.object({
  publication: z.string().max(64).describe('when IANA published it'),
  fetchedMs: TimeMs.nullable().describe('when it came from IANA; null: the snapshot that is shipped'),
})
export const WhoisInfoReply = z.object({
  enabled: z.boolean().describe('are the registries asked for what is not known?'),
  known: Count.describe('blocks with a holder'),
  none: Count.describe('addresses without a holder'),
  queued: Count.describe('addresses that are still to be asked for'),
  bootstrap: z.object({ ipv4: BootstrapState, ipv6: BootstrapState }),
})
export type WhoisInfoReply = z.infer<typeof WhoisInfoReply>
export const WHOIS_INFO = defineRequest('whois.ro.info', {
  request: Nothing,
  reply: WhoisInfoReply,
  meaning: 'how much is kept and queued, and whether the registries are asked',
})

export const WhoisPutRequest = z.strictObject({
  holders: z
    .array(AddressHolder.omit({ fetchedMs: true }))
    .min(1)
    .max(MAX_ENTRIES),
})
export const WHOIS_PUT = defineRequest('whois.rw.put', {
  request: WhoisPutRequest,
  reply: z.object({
    stored: Count,
    refused: Count.describe(
      'blocks that end before they begin, mix families, are wider than any block, or hold nobody',
    ),
  }),
  meaning: 'holders that somebody knows already; kept as if the registry had just told them',
})

export const WHOIS_FLUSH = defineRequest('whois.admin.flush', {
  request: z.strictObject({ what: z.enum(['all', 'none']).describe('everything, or only addresses without a holder') }),
  reply: z.object({ removed: Count }),
  meaning: 'forget, so that the registries are asked anew',
})

export const WhoisStatsReply = z.object({
  counters: z.record(z.string().max(64), Count).describe('since the service started'),
  registries: z
    .array(
      z.object({
        registry: z.enum(REGISTRIES),
        queued: Count,
        waitsMs: Count.describe('until it may be asked again'),
      }),
    )
    .max(REGISTRIES.length),
})
export type WhoisStatsReply = z.infer<typeof WhoisStatsReply>
export const WHOIS_STATS = defineRequest('whois.admin.stats', {
  request: Nothing,
  reply: WhoisStatsReply,
  meaning: 'what was asked and answered, and which registry waits',
})
