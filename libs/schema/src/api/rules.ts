// The rules that are in force, and what other ones would do.
import { z } from 'zod'
import { Flow } from '../flow.ts'
import { Sums, wholeNumber } from './parts.ts'
import { defineRoute } from './route.ts'

export const RuleFindingReply = z.object({
  kind: z.enum(['error', 'differs', 'never', 'hint']),
  file: z.string(),
  line: z.number(),
  column: z.number().describe('0: the whole line'),
  rule: z.string().nullable(),
  message: z.string(),
  shown: z.string().nullable().describe('the text that it is about; where a filter is wrong, with carets'),
})
export type RuleFindingReply = z.infer<typeof RuleFindingReply>

export const RuleState = z.object({
  name: z.string(),
  file: z.string(),
  line: z.number(),
  hits: z.number().describe('flows that it named since the enrichers loaded it'),
  lastMs: z.number().nullable().describe('the newest of them; null: none yet'),
  match: z
    .string()
    .nullable()
    .describe(
      'its filter; null: no enricher has room for it in its report, and the gateway does not read the file (setting `rules`)',
    ),
  alert: z.array(z.string()),
  never: z.string().nullable().describe('why no flow can come to it'),
})
export type RuleState = z.infer<typeof RuleState>

export const RULES_LIST = defineRoute({
  method: 'GET',
  path: '/rules',
  role: 'viewer',
  tag: 'rules',
  summary: 'the rules in their order with their hits, over all enrichers',
  reply: z.object({
    rules: z.array(RuleState),
    leftOut: z.number().describe('rules that the reports have no room for'),
    unmatched: z.number().describe('flows that no rule named'),
    files: z.array(z.object({ file: z.string(), rules: z.number() })),
    errors: z.array(z.string()).describe('why files as they are now are not in force'),
    findings: z.array(RuleFindingReply),
    enrichers: z.number().describe('that report'),
  }),
  etag: true,
})

const RULES_LENGTH = 65_536
export const CHECK_RULES = defineRoute({
  method: 'POST',
  path: '/rules/check',
  role: 'viewer',
  tag: 'rules',
  summary: 'is the text a file of rules (rules.yaml), and what is there to say about it',
  body: z.strictObject({ text: z.string().max(RULES_LENGTH) }),
  reply: z.object({ rules: z.number(), findings: z.array(RuleFindingReply) }),
})

export const RuleTest = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  rules: z.array(
    z.object({
      name: z.string(),
      ...Sums.shape,
      sample: z.array(Flow).describe('the newest flows that it would name'),
    }),
  ),
  unmatched: z.number().describe('flows that none would name'),
  looked: z.number().describe('flows that were looked at'),
  cut: z.boolean().describe('there were more flows than are looked at; these are the newest'),
  findings: z.array(RuleFindingReply),
  tookMs: z.number(),
})
export type RuleTest = z.infer<typeof RuleTest>
export const TEST_RULES = defineRoute({
  method: 'POST',
  path: '/rules/test',
  role: 'viewer',
  tag: 'rules',
  summary: 'what rules (or one filter) would have named in the last hour; the first that matches, as the enricher does',
  body: z.strictObject({
    text: z.string().max(RULES_LENGTH).optional().describe('rules.yaml'),
    q: z.string().max(4096).optional().describe('in its place: one filter'),
    minutes: wholeNumber(1, 1440, 60),
    sample: wholeNumber(0, 100, 20),
  }),
  reply: RuleTest,
})
