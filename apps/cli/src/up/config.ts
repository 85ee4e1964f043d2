// What `netbehave up` is told: section `up` of netbehave.yaml, UP_… in the environment, and its options.
// Fails: ConfigError with the list of findings.
import { resolve } from 'node:path'
import { STREAMS, type StreamName } from '@netbehave/schema'
import { type CommonConfig, loadConfig } from '@netbehave/service'
import { z } from 'zod'
import { isFlowAddress, isListenAddress } from '../listen-address.ts'

const MIB = 1024 * 1024
const listenAddress = (example: string) =>
  z.string().refine(isListenAddress, `write HOST:PORT, for example ${example}; port 0 is any free one`)
const flowAddress = z
  .string()
  .refine(isFlowAddress, 'write HOST:PORT with an address of this machine, for example 0.0.0.0:2055 or [::]:2055')
const streamMiB = (name: StreamName) =>
  z
    .number()
    .int()
    .min(16)
    .default(STREAMS[name].maxBytes / MIB)

export const UpConfig = z.strictObject({
  nats: listenAddress('127.0.0.1:4222').default('127.0.0.1:4222').describe('address on which nats-server listens'),
  http: listenAddress('127.0.0.1:8055')
    .optional()
    .describe("HTTP address of the console, its API, /metrics and /healthz; default: search-gw's own `listen`"),
  listen: z
    .array(flowAddress)
    .min(1)
    .optional()
    .describe("UDP addresses that take flows; default: the collector's own `listen`")
    .meta({ examples: [['0.0.0.0:2055', '[::]:2055']] }),
  hub: z
    .string()
    .optional()
    .describe("at a site: the hub's port for sites, `tls://HOST:PORT`, in place of that of the site's file"),
  siteFile: z
    .string()
    .optional()
    .describe(
      'file of `netbehave broker add-site`: this is the box of that site, and only a collector runs; default: SITE.site.yaml in the data folder or the current one, when it is there',
    ),
  collectors: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe('collectors that share the UDP addresses; the kernel spreads exporters over them (Linux, FreeBSD)'),
  enrichers: z.number().int().min(1).max(16).default(1).describe('enrichers that share the stream of raw flows'),
  rawStreamMiB: streamMiB('FLOWS_RAW').describe('cap of the stream from collector to enricher, MiB'),
  flowsStreamMiB: streamMiB('FLOWS').describe('cap of the stream from enricher to archiver, MiB'),
  eventsStreamMiB: streamMiB('EVENTS').describe('cap of the stream of events, MiB'),
})
export type UpConfig = CommonConfig & z.infer<typeof UpConfig>

/** Options of the command line; what is absent is left to environment, file and defaults. */
export interface UpFlags {
  data?: string
  listen?: string[]
  nats?: string
  http?: string
  site?: string
  hub?: string
  siteFile?: string
  collectors?: string
  enrichers?: string
  config?: string
}

/** The effective configuration; `dataDir` is absolute. */
export function loadUpConfig(flags: UpFlags, env: Readonly<Record<string, string | undefined>>): UpConfig {
  const config = loadConfig('up', UpConfig, { argv: toArgv(flags), env })
  return { ...config, dataDir: resolve(config.dataDir) }
}

/** Size caps of the streams in bytes. */
export function streamBytes(config: UpConfig): Record<StreamName, number> {
  return {
    FLOWS_RAW: config.rawStreamMiB * MIB,
    FLOWS: config.flowsStreamMiB * MIB,
    EVENTS: config.eventsStreamMiB * MIB,
  }
}

function toArgv({ data, listen, siteFile, nats, http, site, hub, collectors, enrichers, config }: UpFlags): string[] {
  const same = { nats, http, site, hub, collectors, enrichers, config }
  const flags = { 'data-dir': data, listen: listen?.join(','), 'site-file': siteFile, ...same }
  return Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`]))
}
