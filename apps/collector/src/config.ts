// Configuration of the collector: section `collector` of netbehave.yaml, `COLLECTOR_…` in the environment.
import { PUBLISHER_DEFAULTS } from '@netbehave/broker'
import { z } from 'zod'
import { parseAllowList } from './allow-list.ts'
import { parseListenAddress } from './listen.ts'
import { parseNetworks } from './networks.ts'

/** Turns a parser that throws sentences into a zod check. */
const check = <T>(parse: (value: T) => unknown) =>
  z.superRefine<T>((value, context) => {
    try {
      parse(value)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
    }
  })

export const CollectorConfig = z.strictObject({
  listen: z
    .array(z.string().check(check(parseListenAddress)))
    .min(1)
    .default(['0.0.0.0:2055', '0.0.0.0:4739'])
    .describe('UDP addresses to listen on, `HOST:PORT`, IPv6 as `[::]:2055`; port 0 is any free one'),
  sharePorts: z
    .boolean()
    .default(false)
    .describe(
      'several collectors listen on the same addresses, and the kernel spreads exporters over them; each has its own `instance`, all the same `dataDir`. `netbehave up --collectors N` sets it',
    ),
  receiveBufferBytes: z
    .number()
    .int()
    .min(65_536)
    .default(8 * 1024 * 1024)
    .describe('receive buffer asked for on each socket; the kernel may give less, which is logged'),
  allow: z
    .array(z.string())
    .check(check(parseAllowList))
    .default([])
    .describe('addresses and CIDRs of exporters that are listened to; empty: all')
    .meta({ examples: [['192.168.1.1', '10.0.0.0/8']] }),
  networks: z
    .union([z.string(), z.record(z.string(), z.array(z.string()))])
    .check(check(parseNetworks))
    .default('')
    .describe(
      'local networks by name, longest prefix wins: `home=192.168.1.0/24,2001:db8::/48,guest=192.168.9.0/24`, or a map of lists',
    )
    .meta({ examples: ['home=192.168.1.0/24'] }),
  denat: z
    .enum(['guess', 'remember', 'exporter', 'off'])
    .default('guess')
    .describe(
      "how far to go to put the inside host back: the exporter's own fields only, remembered pairs too, guesses too",
    ),
  natPairs: z
    .number()
    .int()
    .min(1024)
    .max(16_777_216)
    .default(131_072)
    .describe('translations and outgoing connections remembered'),
  natTimeoutMs: z
    .number()
    .int()
    .min(1000)
    .default(300_000)
    .describe('how long after its last flow a translation still holds'),
  lingerMs: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('a flow waits at most this long for its batch to fill'),
  maxInFlight: z
    .number()
    .int()
    .min(1)
    .max(1024)
    .default(PUBLISHER_DEFAULTS.maxInFlight)
    .describe('batches sent and not yet acknowledged'),
  maxHeldBytes: z
    .number()
    .int()
    .min(1024 * 1024)
    .default(PUBLISHER_DEFAULTS.maxBytes)
    .describe('bytes of batches held while the broker is away; beyond, the oldest go and are counted'),
  clockSkewMs: z
    .number()
    .int()
    .min(60_000)
    .default(86_400_000)
    .describe(
      'a flow that ended further from now takes the time it was received, and is counted as time-skew; more, with archiver.clockSkewMs, lets old captures keep their times',
    ),
  silentAfterMs: z
    .number()
    .int()
    .min(0)
    .default(600_000)
    .describe('an exporter that sends nothing for so long is told as silent, and later that it is back; 0: never'),
})
export type CollectorConfig = z.infer<typeof CollectorConfig>
