// The channels that the configuration names; what the others need is not loaded. Fails: OperatorError, for a file of certificates that
// cannot be read.
import type { AlertChannel } from '@netbehave/schema'
import { describeSystemError, EXIT_CONFIG, OperatorError, systemCode } from '@netbehave/service'
import { type ChannelsConfig, configuredChannels } from '../channel-config.ts'
import type { Channel } from './channel.ts'

export async function openChannels(
  config: ChannelsConfig,
  sendTimeoutMs: number,
  now: () => number,
): Promise<Channel[]> {
  const open: Readonly<Record<AlertChannel, () => Promise<Channel>>> = {
    mail: async () => (await import('./mail.ts')).createMail(config.mail, sendTimeoutMs),
    webhook: async () => (await import('./webhook.ts')).createWebhook(config.webhook, now),
    ntfy: async () => (await import('./ntfy.ts')).createNtfy(config.ntfy),
    syslog: async () => (await import('./syslog.ts')).createSyslog(config.syslog),
  }
  try {
    return await Promise.all(configuredChannels(config).map((name) => open[name]()))
  } catch (error) {
    if (systemCode(error) === '') throw error
    const { caFile } = config.mail
    const sentence = `the certificates ${caFile} cannot be read: ${describeSystemError(error)}; look at alerter.mail.caFile`
    throw new OperatorError(sentence, { cause: error, exitCode: EXIT_CONFIG })
  }
}
