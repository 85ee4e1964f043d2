// The live protocol: JSON messages on the websocket `<base>/ws`. The session cookie (or a token) says who it is; Origin is checked.
import { z } from 'zod'
import { Flow } from '../flow.ts'

export const LIVE_PATH = '/ws'

export const LIVE_LIMITS = {
  /** Of one message from a client. */
  messageBytes: 32_768,
  subscriptionsPerSocket: 8,
  /** Rows a second of one subscription unless told. */
  defaultRowsPerSecond: 200,
  mostRowsPerSecond: 1000,
  /** A socket that has so much unsent gets no rows, which are counted as dropped … */
  bufferedBytes: 1024 * 1024,
  /** … and one that has so for this long is closed with 1013. */
  bufferedMs: 30_000,
  messagesPerSecond: 50,
} as const

/** WebSocket close codes that we send. */
export const LIVE_CLOSE = {
  /** The gateway stops. */
  goingAway: 1001,
  /** Messages that are none, or too many of them. */
  policy: 1008,
  tooLarge: 1009,
  /** Too slow for too long, or no room: try again later. */
  tryLater: 1013,
  /** The session ended. */
  signedOut: 4401,
} as const

const Id = z.string().min(1).max(64)

export const LiveRequest = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('sub'),
    id: Id.describe("the client's own; one that is in use is replaced"),
    q: z.string().max(4096),
    max: z.number().int().min(1).max(LIVE_LIMITS.mostRowsPerSecond).optional().describe('rows a second'),
  }),
  z.strictObject({ t: z.literal('pause'), id: Id }).describe('matches are counted, rows are not sent'),
  z.strictObject({ t: z.literal('resume'), id: Id }),
  z.strictObject({ t: z.literal('unsub'), id: Id }),
])
export type LiveRequest = z.infer<typeof LiveRequest>

export const LiveMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('ok'), id: Id, q: z.string().describe('in canonical form') }).describe('answers `sub`'),
  z.object({
    t: z.literal('err'),
    id: Id.nullable().describe('null: the message could not be read'),
    from: z.number().describe('in UTF-16 units'),
    to: z.number(),
    message: z.string(),
    expected: z.array(z.string()),
  }),
  z.object({ t: z.literal('flows'), id: Id, rows: z.array(Flow).describe('the newest last') }),
  z
    .object({
      t: z.literal('stat'),
      id: Id,
      matched: z.number().describe('flows that matched since the subscription began'),
      sent: z.number().describe('of them, sent as rows'),
      dropped: z.number().describe('of them, not sent for want of room; those while paused are not counted here'),
      skipped: z.number().describe('flows that were not even looked at, because the gateway was too busy'),
      lagMs: z.number().nullable().describe('from collector to here, of the newest batch; null: none in this second'),
      paused: z.boolean(),
      gap: z
        .object({ flows: z.number(), fromMs: z.number(), toMs: z.number() })
        .nullable()
        .describe(
          'not sent in this second, dropped or while paused: how many, and the span of their starts, to find them in history',
        ),
    })
    .describe('every second for each subscription, whatever happens'),
])
export type LiveMessage = z.infer<typeof LiveMessage>
