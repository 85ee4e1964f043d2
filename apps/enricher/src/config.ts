// Configuration of the enricher: section `enricher` of netbehave.yaml, `ENRICHER_…` in the environment.
import { z } from 'zod'

export const EnricherConfig = z.strictObject({
  servicesFile: z
    .string()
    .default('')
    .describe('your own names of services, CSV `name,protocol,ports`; read before the shipped list')
    .meta({ examples: ['services.csv'] }),
  rules: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'files of rules, asked in this order; `.csv` is an acl.csv of the 2018 system. default: `rules.yaml` and `acl.csv` of the working directory where they are, else the shipped rules',
    )
    .meta({ examples: [['rules.yaml']] }),
  rulesIntervalMs: z
    .number()
    .int()
    .min(10)
    .default(1000)
    .describe('how often the files of rules are looked at; a change is taken once it has stayed the same for so long'),
  alertSources: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(2000)
    .describe('pairs of rule and source address that are told of in one minute; matches of more are only counted'),
  lookUpWaitMs: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(50)
    .describe('how long a batch waits for names, holders and assets that are not known yet; then it goes on without'),
  addressCache: z
    .number()
    .int()
    .min(1000)
    .max(10_000_000)
    .default(400_000)
    .describe('addresses and their names kept in memory for each site; what was not used lately goes'),
  nameSkewMs: z
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(250)
    .describe(
      "how much the exporters' clocks may be behind the DNS server's: a name asked so long after a flow began is its name, where none was asked before",
    ),
  holders: z
    .enum(['always', 'unnamed'])
    .default('always')
    .describe(
      'whose address holders are looked up: all external addresses, or only those without a name (as the 2018 system did)',
    ),
  sightAddresses: z
    .number()
    .int()
    .min(100)
    .max(10_000_000)
    .default(65_536)
    .describe('local addresses that are kept to tell the asset service of; flows of more are only counted'),
  sightIntervalMs: z
    .number()
    .int()
    .min(1000)
    .default(300_000)
    .describe('a local address is told of at once when it is new, then at most once in this time'),
  maxInFlight: z
    .number()
    .int()
    .min(1)
    .max(256)
    .default(32)
    .describe('batches that wait for look-ups or for their acknowledgement'),
})
export type EnricherConfig = z.infer<typeof EnricherConfig>
