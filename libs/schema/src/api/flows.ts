// Flows of any past moment: rows, sums, leaders, over time, and as a file.
import { z } from 'zod'
import { Flow } from '../flow.ts'
import { ResolvedSpan, Span, SUM_NAMES, Sums, wholeNumber, YesNo } from './parts.ts'
import { defineRoute } from './route.ts'

export const FlowPage = z.object({
  ...ResolvedSpan,
  flows: z.array(Flow),
  next: z.string().nullable().describe('for `after`; null: these were the last'),
  tookMs: z.number(),
})
export type FlowPage = z.infer<typeof FlowPage>

export const SEARCH_FLOWS = defineRoute({
  method: 'GET',
  path: '/flows',
  role: 'viewer',
  tag: 'flows',
  summary: 'flows that match, the newest first, a page at a time',
  query: z.strictObject({
    ...Span,
    limit: wholeNumber(1, 1000, 100),
    order: z.enum(['newest', 'oldest']).default('newest'),
    after: z.string().max(512).optional().describe('`next` of the page before; span and order are those of that page'),
  }),
  reply: FlowPage,
})

const scaled = YesNo.default(false).describe('bytes and packets times the sampling rate of their flow')

export const FlowCount = z.object({ ...ResolvedSpan, ...Sums.shape, tookMs: z.number() })
export type FlowCount = z.infer<typeof FlowCount>
export const COUNT_FLOWS = defineRoute({
  method: 'GET',
  path: '/flows/count',
  role: 'viewer',
  tag: 'flows',
  summary: 'how many flows, bytes, packets',
  query: z.strictObject({ ...Span, scaled }),
  reply: FlowCount,
})

export const FlowTop = z.object({
  ...ResolvedSpan,
  fields: z.array(z.string()).describe('canonical names'),
  rows: z.array(
    z.object({
      values: z.array(z.union([z.string(), z.number(), z.null()])).describe('one a field; null: the flows have none'),
      ...Sums.shape,
    }),
  ),
  total: Sums,
  values: z.number().describe('how many different values there are'),
  tookMs: z.number(),
})
export type FlowTop = z.infer<typeof FlowTop>
export const TOP_FLOWS = defineRoute({
  method: 'GET',
  path: '/flows/top',
  role: 'viewer',
  tag: 'flows',
  summary: 'the values of one or more fields with the largest sums',
  query: z.strictObject({
    ...Span,
    by: z.string().min(1).max(256).describe('fields of the filter language, parted by commas: `dst.org,service`'),
    order: z.enum(SUM_NAMES).default('bytes'),
    limit: wholeNumber(1, 1000, 10),
    scaled,
  }),
  reply: FlowTop,
})

export const FlowHistogram = z.object({
  ...ResolvedSpan,
  bucketMs: z.number(),
  buckets: z
    .array(z.object({ startMs: z.number(), flows: z.number(), bytes: z.number(), packets: z.number() }))
    .describe('every bucket, also empty ones; a flow counts where it began (before `fromMs`: in the first)'),
  total: Sums.describe('of all buckets'),
  tookMs: z.number(),
})
export type FlowHistogram = z.infer<typeof FlowHistogram>
export const HISTOGRAM_FLOWS = defineRoute({
  method: 'GET',
  path: '/flows/histogram',
  role: 'viewer',
  tag: 'flows',
  summary: 'flows, bytes and packets over time',
  query: z.strictObject({ ...Span, buckets: wholeNumber(1, 500, 120).describe('so many at most') }),
  reply: FlowHistogram,
})

export const FlowSankey = z.object({
  ...ResolvedSpan,
  nodes: z.array(
    z.object({
      id: z.string(),
      column: z.number().int().min(0).max(2).describe('0 source, 1 organisation, 2 service'),
      label: z.string().nullable().describe('null: the flows have no value there'),
      rest: z.boolean().describe('stands for all values that are too small to be shown'),
      ...Sums.shape,
    }),
  ),
  links: z.array(
    z.object({ source: z.string(), target: z.string(), flows: z.number(), bytes: z.number(), packets: z.number() }),
  ),
  total: Sums,
  tookMs: z.number(),
})
export type FlowSankey = z.infer<typeof FlowSankey>
export const SANKEY_FLOWS = defineRoute({
  method: 'GET',
  path: '/flows/sankey',
  role: 'viewer',
  tag: 'flows',
  summary: 'sums from source over organisation to service',
  query: z.strictObject({
    ...Span,
    source: z.enum(['src.asset', 'src.ip', 'src.net', 'src.name']).default('src.ip'),
    order: z.enum(SUM_NAMES).default('bytes'),
    limit: wholeNumber(2, 40, 12).describe('values of each column at most; what is smaller is one rest'),
  }),
  reply: FlowSankey,
})

export const EXPORT_FLOWS = defineRoute({
  method: 'GET',
  path: '/flows/export',
  role: 'viewer',
  tag: 'flows',
  summary: 'exactly the flows that match, as a file; leaving ends it',
  query: z.strictObject({
    ...Span,
    format: z.enum(['csv', 'ndjson']).default('csv'),
    order: z.enum(['newest', 'oldest', 'any']).default('any').describe('`any` begins at once'),
  }),
  reply: {
    media: ['text/csv', 'application/x-ndjson'],
    meaning: 'text that a spreadsheet would run gets an apostrophe',
  },
})
