// Every answer that is an error: RFC 9457, `application/problem+json`.
import { z } from 'zod'

export const PROBLEM_TYPE = 'application/problem+json'

/** `title` says what kind of thing went wrong, `detail` what to do about this one. */
export const Problem = z.object({
  type: z.string().default('about:blank'),
  status: z.number().int(),
  title: z.string(),
  detail: z.string().optional(),
  /** Of a filter or field that is wrong. */
  from: z.number().int().optional().describe('where the wrong part of a filter begins, in UTF-16 units'),
  to: z.number().int().optional().describe('where it ends'),
  expected: z.array(z.string()).optional().describe('what could stand there'),
  fields: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .describe('which members of the query or body are wrong'),
  retryAfterS: z.number().optional().describe('when to try again; also in the header Retry-After'),
  id: z.string().optional().describe('of a fault of ours: the log of the gateway has it'),
})
export type Problem = z.infer<typeof Problem>
