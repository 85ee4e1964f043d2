// What was told to whom: asked of the alerter over the broker.
import { z } from 'zod'
import {
  ALERTS_INFO,
  ALERTS_LEARNED,
  ALERTS_LIST,
  ALERTS_MUTE,
  ALERTS_RESEND,
  ALERTS_TEST,
  ALERTS_UNMUTE,
  DELIVERY_STATES,
  MAX_DELIVERIES,
} from '../requests/alerts.ts'
import { wholeNumber } from './parts.ts'
import { defineRoute } from './route.ts'

export const ALERTS = defineRoute({
  method: 'GET',
  path: '/alerts',
  role: 'viewer',
  tag: 'alerts',
  summary: 'what was told to whom, what waits, what could not be delivered; the newest first',
  query: z.strictObject({
    state: z.enum(DELIVERY_STATES).optional(),
    before: z.coerce.number().int().min(0).optional().describe('`next` of the page before'),
    limit: wholeNumber(1, MAX_DELIVERIES, 50),
  }),
  reply: ALERTS_LIST.reply,
  etag: true,
})
export const ALERTS_ABOUT = defineRoute({
  method: 'GET',
  path: '/alerts/info',
  role: 'viewer',
  tag: 'alerts',
  summary: 'channels, learning window, digests, mutes',
  reply: ALERTS_INFO.reply,
})
const change = { method: 'POST', role: 'operator', tag: 'alerts' } as const
export const MUTE_ALERTS = defineRoute({
  ...change,
  path: '/alerts/mute',
  summary: 'say nothing more of an asset, a rule or an exporter',
  body: ALERTS_MUTE.request,
  reply: ALERTS_MUTE.reply,
})
export const UNMUTE_ALERTS = defineRoute({
  ...change,
  path: '/alerts/unmute',
  summary: 'say it again',
  body: ALERTS_UNMUTE.request,
  reply: ALERTS_UNMUTE.reply,
})
export const RESEND_ALERTS = defineRoute({
  ...change,
  path: '/alerts/resend',
  summary: 'try undelivered messages again',
  body: ALERTS_RESEND.request,
  reply: ALERTS_RESEND.reply,
})
export const TEST_CHANNEL = defineRoute({
  ...change,
  path: '/alerts/test',
  summary: 'send a test message on a channel',
  body: ALERTS_TEST.request,
  reply: ALERTS_TEST.reply,
})
export const END_LEARNING = defineRoute({
  ...change,
  path: '/alerts/learned',
  summary: 'end the learning window now',
  body: ALERTS_LEARNED.request,
  reply: ALERTS_LEARNED.reply,
})
