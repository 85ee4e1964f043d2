// Configuration of the enricher: section `enricher` of netbehave.yaml, `ENRICHER_…` in the environment.
import { z } from 'zod'

export const EnricherConfig = z.strictObject({
  servicesFile: z
    .string()
    .default('')
    .describe('your own names of services, CSV `name,protocol,ports`; read before the shipped list'),
  maxInFlight: z.number().int().min(1).max(256).default(32).describe('enriched batches sent and not yet acknowledged'),
})
export type EnricherConfig = z.infer<typeof EnricherConfig>
