// Configuration of the whois service: section `whois` of netbehave.yaml, `WHOIS_…` in the environment.
import { z } from 'zod'

const MIB = 1024 * 1024

const httpUrl = z
  .string()
  .refine(
    (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
    'write a URL that begins with http:// or https://',
  )

const baseUrl = (registry: string) =>
  httpUrl.optional().describe(`base of ${registry}'s RDAP service, in place of the one that IANA's file names`)

export const WhoisConfig = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('ask the registries who holds the external addresses in flows; it tells them which addresses you see'),
  requestsPerSecond: z
    .number()
    .gt(0)
    .max(10)
    .default(1)
    .describe('questions to one registry in a second, over time; fractions are allowed'),
  keepDays: z.number().int().min(1).max(365).default(30).describe('an answer is asked for again after so many days'),
  keepNoneHours: z
    .number()
    .int()
    .min(1)
    .max(8760)
    .default(24)
    .describe('"nobody holds it" is asked for again after so many hours'),
  maxRows: z.number().int().min(1).default(200_000).describe('answers kept; beyond it those that expire first go'),
  cacheEntries: z.number().int().min(1).default(10_000).describe('addresses whose answer is kept in memory'),
  maxQueued: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('addresses that wait to be asked for; more are left out, and asked for when they turn up again'),
  timeoutMs: z
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(10_000)
    .describe('a registry must have answered in full after this'),
  maxResponseBytes: z
    .number()
    .int()
    .min(1024)
    .max(16 * MIB)
    .default(MIB)
    .describe('longer answers are broken off'),
  maxRedirects: z.number().int().min(0).max(5).default(5).describe('redirects that are followed for one address'),
  proxy: httpUrl
    .optional()
    .describe('HTTP proxy through which the registries are asked (CONNECT for https)')
    .meta({ examples: ['http://proxy.example:3128'] }),
  bootstrapUrl: httpUrl
    .default('https://data.iana.org/rdap/')
    .describe('where ipv4.json and ipv6.json, which say who answers for which block, are fetched from'),
  refreshDays: z
    .number()
    .int()
    .min(0)
    .max(365)
    .default(7)
    .describe('those files are fetched anew after so many days; 0: never, the shipped ones are used'),
  registries: z
    .strictObject({
      afrinic: baseUrl('AFRINIC'),
      apnic: baseUrl('APNIC'),
      arin: baseUrl('ARIN'),
      lacnic: baseUrl('LACNIC'),
      ripe: baseUrl('RIPE'),
    })
    .default({}),
})
export type WhoisConfig = z.infer<typeof WhoisConfig>
