// netbehave broker check and rotate: what the keys of roles are good for, and another one in place of one.
import type { Command } from 'commander'
import type { CheckOptions } from '../broker/check.ts'
import type { RotateOptions } from '../broker/rotate.ts'
import type { Environment } from '../environment.ts'
import { dataOption, tableOption } from './options.ts'

export function addKeyCommands(broker: Command, environment: Environment): void {
  broker
    .command('check')
    .description('ask the running broker as every role what it may; exit code 1 when that is not what it should be')
    .option('--dir <dir>', 'folder of netbehave broker init, when "netbehave up" does not run the broker')
    .option('--broker-url <url>', 'with --dir: address of nats-server (default: that of the folder)')
    .addOption(dataOption())
    .addOption(tableOption())
    .addHelpText(
      'after',
      `
Takes seconds and disturbs nothing: what is sent is marked as a question, and neither stored by streams nor acted on by services.
nats-server writes a line into its log for every question that it refuses.

Examples:
  netbehave broker check
  netbehave broker check --dir /etc/netbehave/broker
  netbehave broker check -o json | jq '.[] | select(.expected != .got)'`,
    )
    .action(async (options: CheckOptions) => (await import('../broker/check.ts')).checkBroker(options, environment))

  broker
    .command('rotate')
    .argument('<role>', 'name of the key: enricher, collector-home, …')
    .description('put a new key in place of one, without losing a flow')
    .option('--dir <dir>', 'folder of netbehave broker init, when "netbehave up" does not run the broker')
    .option('--finish', 'with --dir: end the time in which the former key is still good')
    .option('--at-once', 'with --dir: the former key is good no longer, for one that fell into wrong hands')
    .addOption(dataOption())
    .addHelpText(
      'after',
      `
Under "netbehave up" it is done with this one command: nats-server reads the new key, the app signs in anew.
With --dir the hub knows both keys until --finish, so that the new one can be brought to where the app runs; the command says
what to reload and what to restart, in which order.

Examples:
  netbehave broker rotate enricher
  netbehave broker rotate collector-home --dir /etc/netbehave/broker
  netbehave broker rotate collector-home --dir /etc/netbehave/broker --finish`,
    )
    .action(async (role: string, options: RotateOptions) =>
      (await import('../broker/rotate.ts')).rotateKey(role, options, environment),
    )
}
