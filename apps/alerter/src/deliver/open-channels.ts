// The channels that the configuration names. Fails: OperatorError, for a file of certificates that cannot be read.
import type { AlertChannel } from '@netbehave/schema'
import { describeSystemError, OperatorError } from '@netbehave/service'
import { type ChannelsConfig, configuredChannels } from '../channel-config.ts'
import type { Channel } from './channel.ts'
import { createMail } from './mail.ts'
import { createNtfy } from './ntfy.ts'
import { createSyslog } from './syslog.ts'
import { createWebhook } from './webhook.ts'

export function openChannels(config: ChannelsConfig, sendTimeoutMs: number, now: () => number): Channel[] {
  const open: Readonly<Record<AlertChannel, () => Channel>> = {
    mail: () => createMail(config.mail, sendTimeoutMs),
    webhook: () => createWebhook(config.webhook, now),
    ntfy: () => createNtfy(config.ntfy),
    syslog: () => createSyslog(config.syslog),
  }
  try {
    return configuredChannels(config).map((name) => open[name]())
  } catch (error) {
    const { caFile } = config.mail
    const sentence = `the certificates ${caFile} cannot be read: ${describeSystemError(error)}; look at alerter.mail.caFile`
    throw new OperatorError(sentence, { cause: error })
  }
}
