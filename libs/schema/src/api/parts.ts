// What queries of several routes are made of.
import { z } from 'zod'

/** Characters of a filter in a query; the language itself allows 4 KiB. */
const FILTER_LENGTH = 4096

export const FilterText = z
  .string()
  .max(FILTER_LENGTH)
  .default('')
  .describe('filter (docs/filter.md); empty: every flow')

/**
 * A moment: epoch ms, RFC 3339 (`2026-11-24T12:00:00Z`), `now`, or so long ago: `-15m` `-24h` `-7d` (s, m, h, d, w).
 * The gateway resolves it and says in the reply what it took.
 */
export const TIME_TEXT =
  /^(now|\d{1,16}|-\d{1,6}[smhdw]|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))$/
export const TimeText = z.string().regex(TIME_TEXT, 'write epoch ms, 2026-11-24T12:00:00Z, now, or -15m, -24h, -7d')

/** Flows that were active at some moment of [from, to). */
export const Span = {
  q: FilterText,
  from: TimeText.default('-1h').describe('flows that were active at or after this moment'),
  to: TimeText.default('now').describe('and began before this one'),
}

export const ResolvedSpan = {
  fromMs: z.number(),
  toMs: z.number(),
}

export const wholeNumber = (least: number, most: number, otherwise: number) =>
  z.coerce.number().int().min(least).max(most).default(otherwise)

export const YesNo = z.enum(['true', 'false']).transform((text) => text === 'true')

export const DayName = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'write a day like 2026-11-24')

/** Sums over flows; exact below 2^53, saturating above. */
export const Sums = z.object({
  flows: z.number(),
  bytes: z.number(),
  packets: z.number(),
  sampledFlows: z.number().optional().describe('how many of the flows were sampled (1 in N packets); absent: none'),
})
export type Sums = z.infer<typeof Sums>

export const SUM_NAMES = ['bytes', 'packets', 'flows'] as const
