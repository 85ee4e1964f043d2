// netbehave alerts: what was told to whom, what waits; tests, mutes, another try.
import { ALERT_CHANNELS, DELIVERY_STATES, MUTE_TARGETS, type MuteTarget } from '@netbehave/schema'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AlertsOptions, ListOptions, MuteOptions } from '../alerts.ts'
import type { Environment } from '../environment.ts'
import { dataOption, wholeNumber } from './options.ts'

const outputOption = (): Option =>
  new Option('-o, --output <form>', 'line, or json').choices(['line', 'json']).default('line')
const brokerOption = (): Option =>
  new Option('--broker <url>', 'broker to ask, in place of that of the copy that runs on --data')

export function addAlerts(program: Command, environment: Environment): void {
  const alerts = program.command('alerts').description('what was told to whom; test a channel, mute, send again')
  alerts.addHelpText(
    'after',
    `
Alerts are told by mail, webhook, ntfy and syslog, as section alerter of netbehave.yaml says; docs/alerts.md tells how.

Examples:
  netbehave alerts ls
  netbehave alerts test mail
  netbehave alerts mute asset 192.168.1.23
  netbehave alerts resend`,
  )
  const command = (name: string, description: string): Command =>
    alerts
      .command(name)
      .description(description)
      .addOption(outputOption())
      .addOption(dataOption())
      .addOption(brokerOption())

  command('ls', 'list messages, newest first, and what is going on: channels, digests, mutes')
    .addOption(new Option('--state <state>', 'only these').choices(DELIVERY_STATES))
    .option('-n, --lines <n>', 'so many messages', wholeNumber(1), 20)
    .addHelpText('after', '\nExamples:\n  netbehave alerts ls\n  netbehave alerts ls --state undelivered -o json')
    .action(async (options: ListOptions) => (await import('../alerts.ts')).listAlerts(options, environment))

  command('test', 'send a test message now; exit code 69 when the channel does not take it')
    .addArgument(alerts.createArgument('<channel>', 'mail, webhook, ntfy or syslog').choices(ALERT_CHANNELS))
    .addHelpText('after', '\nExample:\n  netbehave alerts test mail')
    .action(async (channel: (typeof ALERT_CHANNELS)[number], options: AlertsOptions) =>
      (await import('../alerts.ts')).testChannel(channel, options, environment),
    )

  const about = (muting: Command): Command =>
    muting
      .addArgument(muting.createArgument('<what>', 'asset, rule or exporter').choices(MUTE_TARGETS))
      .argument('<value>', 'address of the asset or exporter, name of the rule')

  about(command('mute', 'say nothing more of an asset, a rule or an exporter'))
    .option('--for <time>', 'only so long: 90m, 8h, 7d, 2w', span)
    .addHelpText(
      'after',
      `
Muting an asset does not silence rules that match its flows; mute the rule for that.

Examples:
  netbehave alerts mute asset 192.168.1.23
  netbehave alerts mute rule "web admin" --for 8h`,
    )
    .action(async (target: MuteTarget, value: string, options: MuteOptions) =>
      (await import('../alerts.ts')).mute(target, value, options, environment),
    )

  about(command('unmute', 'say it again'))
    .addHelpText('after', '\nExample:\n  netbehave alerts unmute asset 192.168.1.23')
    .action(async (target: MuteTarget, value: string, options: AlertsOptions) =>
      (await import('../alerts.ts')).unmute(target, value, options, environment),
    )

  command('resend', 'try undelivered messages again')
    .argument('[id...]', 'these, by the ids of ls; default: all', (value: string, before: number[] = []) => [
      ...before,
      wholeNumber(1)(value),
    ])
    .addHelpText('after', '\nExamples:\n  netbehave alerts resend\n  netbehave alerts resend 17 18')
    .action(async (ids: number[] | undefined, options: AlertsOptions) =>
      (await import('../alerts.ts')).resend(ids, options, environment),
    )

  command('learned', 'end the learning window: what was new comes in one digest, what is new from now on at once')
    .addHelpText('after', '\nExample:\n  netbehave alerts learned')
    .action(async (options: AlertsOptions) => (await import('../alerts.ts')).learned(options, environment))
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `8h` → ms. */
function span(value: string): number {
  const match = /^(\d{1,5})([mhdw])$/.exec(value)
  if (!match || Number(match[1]) === 0) throw new InvalidArgumentError('Write a time like 90m, 8h, 7d or 2w.')
  return Number(match[1]) * UNITS_MS[match[2]!]!
}
