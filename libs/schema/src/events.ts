// What travels on the stream EVENTS, as JSON. Every event has an id of its own (Nats-Msg-Id), so that telling it twice stores it once.
import { z } from 'zod'
import { Flow } from './flow.ts'

/** Ways in which the alerter can tell people. */
export const ALERT_CHANNELS = ['mail', 'webhook', 'ntfy'] as const
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
