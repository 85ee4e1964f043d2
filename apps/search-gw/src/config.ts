// Configuration of the gateway: section `search-gw` of netbehave.yaml, `SEARCH_GW_…` in the environment.
import { z } from 'zod'

const LISTEN = /^(?:\[[0-9a-fA-F:.]+\]|[^:]+):\d{1,5}$/

export const SearchGwConfig = z.strictObject({
  listen: z
    .string()
    .regex(LISTEN, 'write HOST:PORT, for example 127.0.0.1:8055')
    .default('127.0.0.1:8055')
    .describe(
      'HTTP address; port 0 is any free one. /metrics and /healthz have no login, so it stays on loopback by default',
    ),
})
export type SearchGwConfig = z.infer<typeof SearchGwConfig>
