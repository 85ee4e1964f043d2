// Configuration of the alerter: section `alerter` of netbehave.yaml, `ALERTER_…` and `SMTP_…` in the environment.
import { z } from 'zod'
import { AlertConfig, alertName } from './alert-config.ts'
import { configuredChannels, MailConfig, NtfyConfig, SyslogConfig, WebhookConfig } from './channel-config.ts'
import { parseQuietHours } from './quiet-hours.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const MIB = 1024 * 1024

export const AlerterConfig = z
  .strictObject({
    mail: MailConfig.prefault({}),
    webhook: WebhookConfig.prefault({}),
    ntfy: NtfyConfig.prefault({}),
    syslog: SyslogConfig.prefault({}),
    alerts: z
      .array(AlertConfig)
      .max(100)
      .default([])
      .describe('what is told, to whom, in which words; only in the file. default: every kind, on every channel')
      .meta({ examples: ['alerts: [{on: asset-new, channels: [mail]}]'] }),
    learningMs: z
      .int()
      .min(0)
      .default(DAY_MS)
      .describe('so long after the first start everything about assets is new, and told in one digest; 0: none'),
    digestIntervalMs: z
      .int()
      .min(1000)
      .default(15 * MINUTE_MS)
      .describe('a digest is sent so long after the first that belongs into it'),
    gatherMs: z
      .int()
      .min(0)
      .max(MINUTE_MS)
      .default(2000)
      .describe('a message waits so long, so that a flood becomes one digest'),
    quietHours: z
      .string()
      .refine(isQuietHours, 'write HH:MM-HH:MM, for example 22:00-07:00')
      .default('')
      .describe('only what is critical is told in these hours, the rest in a digest after them; empty: none'),
    timeZone: z
      .string()
      .refine(isTimeZone, 'no such time zone; write one like Europe/Vienna')
      .default(() => new Intl.DateTimeFormat().resolvedOptions().timeZone)
      .describe("zone of the quiet hours and of times in messages; default: this machine's"),
    giveUpMs: z
      .int()
      .min(1000)
      .default(3 * DAY_MS)
      .describe('a message that no channel took for so long is undelivered; netbehave alerts resend tries it again'),
    maxRetryMs: z
      .int()
      .min(100)
      .max(HOUR_MS)
      .default(5 * MINUTE_MS)
      .describe('longest wait between two tries'),
    sendTimeoutMs: z.int().min(100).max(MINUTE_MS).default(20_000).describe('a channel has so long to take a message'),
    lossPercent: z.number().min(0).max(100).default(1).describe('more loss than this is told'),
    lossWindowMs: z
      .int()
      .min(1000)
      .default(5 * MINUTE_MS)
      .describe('loss is looked at in pieces of this length'),
    minFreeBytes: z
      .int()
      .min(0)
      .default(256 * MIB)
      .describe("less than this free on the archive's disk is told; 0: never"),
    appSilentMs: z
      .int()
      .min(1000)
      .default(3 * MINUTE_MS)
      .describe('an archiver that says nothing for so long is told'),
  })
  .superRefine((config, context) => {
    const configured = configuredChannels(config)
    const names = new Map<string, number>()
    config.alerts.forEach((alert, i) => {
      const missing = (alert.channels ?? []).filter((channel) => !configured.includes(channel))
      for (const channel of missing) {
        const message = `alert ${alertName(alert)} goes to ${channel}, which has no address; set ${ADDRESS_KEYS[channel]}, or leave ${channel} out, for example channels: [${configured[0] ?? 'mail'}]`
        context.addIssue({ code: 'custom', path: ['alerts', i, 'channels'], message })
      }
      const other = names.get(alertName(alert))
      if (other !== undefined) {
        const message = `two alerts are called ${alertName(alert)}; give one a name of its own, for example name: ${alertName(alert)}-2`
        context.addIssue({ code: 'custom', path: ['alerts', i, 'name'], message })
      }
      names.set(alertName(alert), i)
    })
  })
export type AlerterConfig = z.infer<typeof AlerterConfig>

const ADDRESS_KEYS = {
  mail: 'alerter.mail.server (SMTP_SERVER)',
  webhook: 'alerter.webhook.url',
  ntfy: 'alerter.ntfy.topic',
  syslog: 'alerter.syslog.server',
} as const

function isQuietHours(text: string): boolean {
  return text === '' || parseQuietHours(text) !== undefined
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false // RangeError is how Intl says that it does not know the zone
  }
}
