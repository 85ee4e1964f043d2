// What travels on the stream EVENTS, as JSON. Every event has an id of its own (Nats-Msg-Id), so that telling it twice stores it once.
import { z } from 'zod'
import { Flow } from './flow.ts'
import { Asset } from './requests/ipam.ts'

/** Ways in which the alerter can tell people. */
export const ALERT_CHANNELS = ['mail', 'webhook', 'ntfy', 'syslog'] as const
export type AlertChannel = (typeof ALERT_CHANNELS)[number]

/** How urgent, from least to most. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** A rule with an alert matched: at most one event for each rule, site, source address and minute. */
export const RuleMatchEvent = z.object({
  rule: z.string(),
  severity: z.enum(SEVERITIES),
  alert: z.array(z.enum(ALERT_CHANNELS)).describe('ways to tell people'),
  note: z.string().optional().describe("the rule's own note"),
  site: z.string(),
  source: z.string().describe('source address of the flows'),
  minuteMs: z.number().describe('start of the minute in which the collector received the flows, epoch ms'),
  count: z.number().int().min(1).describe('flows that matched since the event before of this rule and source'),
  first: Flow.describe('the first of them'),
})
export type RuleMatchEvent = z.infer<typeof RuleMatchEvent>

/** An asset turned up, or is not what it was. Published by ipam from its outbox; `id` is the message id. */
export const AssetEvent = z.object({
  id: z.string().min(1).max(128),
  change: z
    .enum(['new', 'mac', 'back', 'edited', 'forgotten'])
    .describe(
      'new address; other MAC; seen again after long; called otherwise (a person edited it, or its host name was heard); a person made us forget it',
    ),
  atMs: z.number(),
  asset: Asset,
  beforeMac: z.string().nullable().describe('for `mac`: the MAC before'),
  absentMs: z.number().nullable().describe('for `back`: for how long it was not seen'),
  peers: z
    .array(z.object({ ip: z.string(), name: z.string() }))
    .max(8)
    .describe('for `new`: whom it talked to first'),
})
export type AssetEvent = z.infer<typeof AssetEvent>

/** An exporter stopped sending, or sends again. Published by its collector. */
export const ExporterEvent = z.object({
  id: z.string().min(1).max(128),
  site: z.string(),
  exporter: z.string().describe('its address'),
  atMs: z.number(),
  lastSeenMs: z.number(),
})
export type ExporterEvent = z.infer<typeof ExporterEvent>
