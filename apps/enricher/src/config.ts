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
  maxInFlight: z.number().int().min(1).max(256).default(32).describe('enriched batches sent and not yet acknowledged'),
})
export type EnricherConfig = z.infer<typeof EnricherConfig>
