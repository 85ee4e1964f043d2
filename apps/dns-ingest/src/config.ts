// Configuration of dns-ingest: section `dns-ingest` of netbehave.yaml, `DNS_INGEST_…` in the environment.
import { isAbsolute } from 'node:path'
import { LOG_SOURCES, type LogSource } from '@netbehave/dns-log'
import { z } from 'zod'

/** A log file and the kind of its lines. */
export interface LogFileConfig {
  readonly file: string
  readonly source: LogSource
}

const isSource = (text: string): text is LogSource => (LOG_SOURCES as readonly string[]).includes(text)

/** `pihol:/var/log/pihole.log`: a source that does not exist, not a file of that name. */
const hasStrangeSource = (text: string): boolean => {
  const [, word, rest] = /^([\w-]+):(.*)$/.exec(text) ?? []
  return word !== undefined && isAbsolute(rest!) && !isSource(word)
}

const LogText = z
  .string()
  .min(1)
  .transform((text): LogFileConfig => {
    const colon = text.indexOf(':')
    const word = text.slice(0, Math.max(0, colon))
    return colon > 0 && !isAbsolute(text) && isSource(word)
      ? { file: text.slice(colon + 1), source: word }
      : { file: text, source: 'auto' }
  })
  // After the change of form: before it, the union would say that every entry must be text.
  .refine(
    ({ file }) => !hasStrangeSource(file),
    `the word before the colon says whose log it is: ${LOG_SOURCES.join(', ')}`,
  )
const LogEntry = z.strictObject({ file: z.string().min(1), source: z.enum(LOG_SOURCES).default('auto') })

export const MODES = ['both', 'ingest', 'cache'] as const

export const DnsIngestConfig = z.strictObject({
  logs: z
    .array(z.union([LogText, LogEntry]))
    .max(64)
    .default([])
    .describe(
      'logs of DNS servers on this machine: FILE, or SOURCE:FILE with source dnsmasq, pihole, unbound or auto; in the file also {file, source}',
    )
    .meta({ examples: [['/var/log/dnsmasq.log', 'pihole:/var/log/pihole/pihole.log']] }),
  mode: z
    .enum(MODES)
    .default('both')
    .describe(
      'both: read logs, keep and serve names; ingest: read logs and send what they say to the names service at the hub; cache: keep and serve only',
    ),
  cacheMax: z
    .int()
    .min(4)
    .max(10_000_000)
    .default(100_000)
    .describe(
      'answers held in memory; when full the quarter that was not used for longest goes. The 2018 system had 1024',
    )
    .meta({ env: 'DNS_CACHE_MAX' }),
  keepRows: z
    .int()
    .min(1000)
    .max(100_000_000)
    .default(1_000_000)
    .describe('answers kept on disk, and as many questions; the oldest go'),
  keepDays: z.int().min(1).max(36_500).default(90).describe('what was not asked for this long is forgotten'),
  pollMs: z.int().min(5).max(10_000).default(50).describe('how often a log is looked at'),
})
export type DnsIngestConfig = z.infer<typeof DnsIngestConfig>
