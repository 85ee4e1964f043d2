// What every app publishes about itself on `stats.<app>.<site>.<instance>`.
import { z } from 'zod'

export const APP_NAMES = [
  'collector',
  'enricher',
  'archiver',
  'search-gw',
  'whois',
  'dns-ingest',
  'ipam',
  'alerter',
] as const
export type AppName = (typeof APP_NAMES)[number]

const count = z.number().min(0)

/** A template that an exporter sent, or (in `awaiting`) has not sent yet. Times are epoch ms. */
export const TemplateReport = z.object({
  id: count,
  kind: z.enum(['data', 'options']),
  fields: count,
  recordBytes: count.nullable().describe('null: variable length'),
  firstSeenMs: z.number(),
  lastSeenMs: z.number(),
})
export const AwaitedTemplate = z.object({
  id: count,
  sinceMs: z.number(),
  heldSets: count.describe('sets held until the template comes'),
  heldBytes: count,
  droppedSets: count.describe('sets that were given up'),
})

/** One exporter and observation domain, as its collector sees it. */
export const ExporterReport = z.object({
  ip: z.string(),
  domain: count,
  version: count,
  firstSeenMs: z.number(),
  lastSeenMs: z.number(),
  datagrams: count,
  flows: count,
  optionsRecords: count,
  lost: count.describe('units that the sequence numbers say were sent and that never came'),
  lossUnit: z.enum(['flows', 'datagrams', 'records', 'none']),
  restarts: count.describe('sequence or uptime went back to the start'),
  reordered: count,
  clockSkewMs: z.number().describe("receive time minus the header's export time, of the newest datagram"),
  sampling: count.describe('1 in N of the newest options or header; 1 when not told'),
  problems: z.record(z.string(), count),
  templates: z.array(TemplateReport),
  awaiting: z.array(AwaitedTemplate),
})
export type ExporterReport = z.infer<typeof ExporterReport>

export const CollectorReport = z.object({
  listening: z.array(z.object({ address: z.string(), receiveBufferBytes: count, kernelDrops: count.nullable() })),
  exporters: z.array(ExporterReport),
})
export type CollectorReport = z.infer<typeof CollectorReport>

/** One rule of a running enricher. `file` and `line` say where it is written. */
export const RuleReport = z.object({
  name: z.string(),
  file: z.string(),
  line: count,
  hits: count.describe('flows that it named since it was loaded'),
  lastMs: z.number().nullable().describe('when the newest of them was received; null: none yet'),
  match: z
    .string()
    .nullable()
    .default(null)
    .describe('its filter, in canonical form; null: no room for it in the report'),
  alert: z.array(z.string()).default([]).describe('channels that are told of a match'),
})
export type RuleReport = z.infer<typeof RuleReport>

export const EnricherReport = z.object({
  rules: z.array(RuleReport).describe('in the order in which they are asked; those beyond a limit are left out'),
  rulesLeftOut: count.describe('rules that the report has no room for'),
  unmatched: count.describe('flows that no rule named'),
  ruleFiles: z.array(z.object({ file: z.string(), rules: count })).describe('the files that are in force'),
  ruleFileErrors: z.array(z.string()).describe('why files as they are now are not in force; empty when they are'),
})
export type EnricherReport = z.infer<typeof EnricherReport>

/** What hands a site's flows to the hub. */
export const ForwarderReport = z.object({
  waiting: count.describe('messages of flows at the site that the hub has not confirmed'),
})
export type ForwarderReport = z.infer<typeof ForwarderReport>

/** A site with a server of its own, as the gateway at the hub sees it. Times are epoch ms. */
export const SiteReport = z.object({
  name: z.string(),
  heardMs: z.number().nullable().describe('last sign of life of a collector there; null: none since watchedSinceMs'),
  watchedSinceMs: z.number(),
  keepBytes: count.describe('what the site keeps of flows while it cannot send'),
  waiting: count.describe('messages of flows there that are not here yet, as it said last'),
  waitingSinceMs: z.number().nullable(),
})
export type SiteReport = z.infer<typeof SiteReport>

export const SearchGwReport = z.object({ sites: z.array(SiteReport) })
export type SearchGwReport = z.infer<typeof SearchGwReport>

/** A snapshot of a running app. `metrics` is prom-client's `getMetricsAsJSON()`. */
export const StatsSnapshot = z.object({
  app: z.string(),
  site: z.string(),
  instance: z.string(),
  startedMs: z.number(),
  atMs: z.number(),
  metrics: z.array(z.any()),
  report: z.unknown().optional(),
})
export type StatsSnapshot = z.infer<typeof StatsSnapshot>
