// Requests that the alerter serves: what was told to whom, what waits, what is muted. Source of meanings: docs/alerts.md.
import { z } from 'zod'
import { ALERT_CHANNELS, SEVERITIES } from '../events.ts'
import { defineRequest } from './contract.ts'
import { AddressText, Count, Nothing, TimeMs } from './fields.ts'

/**
 * What people can be told of.
 * - `asset-new` `asset-mac` `asset-back`: `AssetEvent`; `vendor-new`: the first device of a vendor
 * - `rule-match`: `RuleMatchEvent`; `exporter-silent` `exporter-back`: `ExporterEvent`
 * - `loss` `storage`: from the snapshots of collectors and archiver
 */
export const ALERT_KINDS = [
  'asset-new',
  'asset-mac',
  'asset-back',
  'vendor-new',
  'rule-match',
  'exporter-silent',
  'exporter-back',
  'loss',
  'storage',
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

/**
 * Why something is told in a digest and not at once: everything was new, the night, too many in an hour, or the alert says so.
 */
export const DIGEST_REASONS = ['learning', 'quiet', 'throttle', 'interval'] as const
export type DigestReason = (typeof DIGEST_REASONS)[number]

export const DELIVERY_STATES = ['waiting', 'sent', 'undelivered'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** Deliveries in one reply at most. */
export const MAX_DELIVERIES = 200

/** One message to one channel. */
export const Delivery = z.object({
  id: Count,
  key: z.string().describe('stands in the message, the same each time it is sent'),
  alert: z.string(),
  kind: z.string().describe('kind of alert, or `digest`'),
  severity: z.enum(SEVERITIES),
  channel: z.enum(ALERT_CHANNELS),
  subject: z.string(),
  state: z.enum(DELIVERY_STATES),
  madeMs: TimeMs,
  nextMs: TimeMs.nullable().describe('for `waiting`: next try, not before'),
  doneMs: TimeMs.nullable().describe('when it was sent or given up'),
  tries: Count,
  error: z.string().describe('why the last try failed; empty: none did'),
})
export type Delivery = z.infer<typeof Delivery>

export const ALERTS_LIST = defineRequest('alerts.ro.list', {
  request: z.strictObject({
    state: z.enum(DELIVERY_STATES).optional().describe('absent: all'),
    before: Count.optional().describe('id: only older ones; for the next page'),
    limit: Count.min(1).max(MAX_DELIVERIES).default(50),
  }),
  reply: z.object({
    deliveries: z.array(Delivery).max(MAX_DELIVERIES).describe('newest first'),
    next: Count.nullable().describe('`before` of the next page; null: there is none'),
    waiting: Count,
    undelivered: Count,
  }),
  meaning: 'messages that were sent, wait, or could not be delivered',
})

/** What can be muted: alerts about an asset, of a rule, about an exporter. */
export const MUTE_TARGETS = ['asset', 'rule', 'exporter'] as const
export type MuteTarget = (typeof MUTE_TARGETS)[number]

const MuteValue = z.string().min(1).max(255)
export const Mute = z.object({
  target: z.enum(MUTE_TARGETS),
  value: MuteValue.describe('address of the asset or exporter, name of the rule'),
  untilMs: TimeMs.nullable().describe('null: until it is taken away'),
  madeMs: TimeMs,
})
export type Mute = z.infer<typeof Mute>

export const ALERTS_INFO = defineRequest('alerts.ro.info', {
  request: Nothing,
  reply: z.object({
    learningUntilMs: TimeMs.nullable().describe('null: the learning window is over'),
    channels: z.array(
      z.object({
        channel: z.enum(ALERT_CHANNELS),
        target: z.string().describe('to whom it goes, without secrets'),
        waiting: Count,
        error: z.string().describe('why it does not work now; empty: it does'),
      }),
    ),
    digests: z
      .array(z.object({ channel: z.enum(ALERT_CHANNELS), reason: z.enum(DIGEST_REASONS), dueMs: TimeMs, total: Count }))
      .describe('digests that fill'),
    mutes: z.array(Mute).max(1000).describe('those made last'),
    mutesLeftOut: Count,
  }),
  meaning: 'channels, learning window, digests that fill, mutes',
})

const MuteChoice = z
  .strictObject({ target: z.enum(MUTE_TARGETS), value: MuteValue })
  .refine(({ target, value }) => target === 'rule' || AddressText.safeParse(value).success, {
    path: ['value'],
    message: 'is no IPv4 or IPv6 address',
  })

export const ALERTS_MUTE = defineRequest('alerts.rw.mute', {
  request: MuteChoice.safeExtend({ untilMs: TimeMs.nullable().default(null) }),
  reply: Mute,
  meaning: 'say nothing more of an asset, a rule or an exporter',
})

export const ALERTS_UNMUTE = defineRequest('alerts.rw.unmute', {
  request: MuteChoice,
  reply: z.object({}),
  meaning: 'say it again; 404 when it was not muted',
})

export const ALERTS_RESEND = defineRequest('alerts.rw.resend', {
  request: z.strictObject({ ids: z.array(Count).min(1).max(1000).optional().describe('absent: all undelivered') }),
  reply: z.object({ resent: Count }),
  meaning: 'try undelivered messages again, under the same key',
})

export const ALERTS_TEST = defineRequest('alerts.rw.test', {
  request: z.strictObject({ channel: z.enum(ALERT_CHANNELS) }),
  reply: z.object({ target: z.string() }),
  meaning:
    'send a test message now; 404 when the channel is not configured, 502 with the reason when it does not take it',
})

export const ALERTS_LEARNED = defineRequest('alerts.rw.learned', {
  request: Nothing,
  reply: z.object({ learned: Count.describe('what was new since the start; told in one digest') }),
  meaning: 'end the learning window now',
})
