// The filter language for a text box: is it one, what could stand here, which fields are there.
import { z } from 'zod'
import { FilterText, wholeNumber } from './parts.ts'
import { defineRoute } from './route.ts'

/** `ok: false` is an answer like any other: a text that is still being typed. */
export const FilterVerdict = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    canonical: z.string(),
    explanation: z.string().describe('one line of English'),
    hints: z.array(z.string()).describe('what may not be meant'),
  }),
  z.object({
    ok: z.literal(false),
    from: z.number().describe('in UTF-16 units'),
    to: z.number(),
    message: z.string(),
    expected: z.array(z.string()),
  }),
])
export type FilterVerdict = z.infer<typeof FilterVerdict>
export const CHECK_FILTER = defineRoute({
  method: 'GET',
  path: '/filter/check',
  role: 'viewer',
  tag: 'filter',
  summary: 'is the text a filter, and what does it mean',
  query: z.strictObject({ q: FilterText }),
  reply: FilterVerdict,
})

export const FilterCompletions = z.object({
  from: z.number().describe('a completion replaces the text from here'),
  to: z.number().describe('to here, in UTF-16 units'),
  items: z.array(
    z.object({
      text: z.string(),
      kind: z.enum(['field', 'operator', 'value', 'keyword']),
      detail: z.string().optional(),
      flows: z.number().optional().describe('of a value: flows of the last hour that have it'),
    }),
  ),
})
export type FilterCompletions = z.infer<typeof FilterCompletions>
export const COMPLETE_FILTER = defineRoute({
  method: 'GET',
  path: '/filter/complete',
  role: 'viewer',
  tag: 'filter',
  summary: 'what could stand at a place: fields, operators, values of the last hour with their counts',
  query: z.strictObject({
    q: FilterText,
    at: z.coerce.number().int().min(0).max(4096).optional().describe('the place, in UTF-16 units; absent: the end'),
    limit: wholeNumber(1, 200, 50),
  }),
  reply: FilterCompletions,
})

export const FilterField = z.object({
  name: z.string(),
  type: z.enum(['address', 'mac', 'text', 'number', 'flags']),
  form: z.string().describe('how a number may be written'),
  meaning: z.string(),
  aliases: z.array(z.string()),
  either: z.boolean().describe('of either side of a flow'),
  optional: z.boolean().describe('a flow can be without it'),
  member: z.string().nullable().describe('the member of a Flow that holds it; null: none, or both sides'),
})
export type FilterField = z.infer<typeof FilterField>
export const FILTER_FIELDS = defineRoute({
  method: 'GET',
  path: '/filter/fields',
  role: 'viewer',
  tag: 'filter',
  summary: 'every field',
  reply: z.object({ fields: z.array(FilterField) }),
  etag: true,
})
