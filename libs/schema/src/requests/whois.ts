// Requests that the whois service serves: who holds an address block, by the five registries.
import { z } from 'zod'
import { defineRequest, MAX_ENTRIES } from './contract.ts'
import { AddressText, TimeMs } from './fields.ts'

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
