// What is told, how, and to whom: one entry of `alerter.alerts`. Fails: zod issues with sentences.
import { FilterError, parse } from '@netbehave/filter'
import { ALERT_CHANNELS, ALERT_KINDS, SEVERITIES } from '@netbehave/schema'
import { z } from 'zod'
import { KINDS } from './kinds.ts'
import { parseTemplate } from './template.ts'

export const AlertConfig = z
  .strictObject({
    on: z.enum(ALERT_KINDS).describe('what it tells of'),
    name: z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'use 1 to 64 letters, digits, _ . or -')
      .optional()
      .describe('default: `on`; two alerts of one kind need names'),
    channels: z
      .array(z.enum(ALERT_CHANNELS))
      .optional()
      .describe('default: all that are configured; a rule match goes to those of them that its rule names'),
    filter: z.string().default('').describe('for rule matches: only when the first flow matches it'),
    severity: z.enum(SEVERITIES).optional().describe('default: that of the kind; a rule match has that of its rule'),
    maxPerHour: z
      .int()
      .min(0)
      .max(100_000)
      .default(20)
      .describe('messages at once in an hour, for each channel and rule; what is more comes in a digest'),
    digest: z.boolean().default(false).describe('never at once, always in a digest'),
    subject: z.string().max(200).optional(),
    text: z.string().max(10_000).optional(),
  })
  .superRefine((alert, context) => {
    const kind = KINDS[alert.on]
    for (const key of ['subject', 'text'] as const) {
      const template = alert[key]
      if (template === undefined) continue
      const why = whyNot(() => parseTemplate(template, kind.values))
      if (why) context.addIssue({ code: 'custom', path: [key], message: why, input: template })
    }
    if (alert.filter === '') return
    const filter = alert.filter
    const why =
      alert.on === 'rule-match' ? whyNot(() => parse(filter)) : 'only alerts on rule-match take a filter of flows'
    if (why) context.addIssue({ code: 'custom', path: ['filter'], message: why, input: filter })
  })
export type AlertConfig = z.infer<typeof AlertConfig>

export const alertName = (alert: Pick<AlertConfig, 'name' | 'on'>): string => alert.name ?? alert.on

/** One alert for every kind; `vendor-new` would say of many devices a second time what `asset-new` says. */
export const DEFAULT_ALERTS: readonly AlertConfig[] = ALERT_KINDS.filter((on) => on !== 'vendor-new').map((on) =>
  AlertConfig.parse({ on }),
)

function whyNot(parsing: () => unknown): string | undefined {
  try {
    parsing()
    return undefined
  } catch (error) {
    if (error instanceof FilterError) return `${error.message} (at character ${error.from + 1})`
    return (error as Error).message
  }
}
