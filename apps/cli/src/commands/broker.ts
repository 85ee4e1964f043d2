// netbehave broker: what a broker of one's own (a container, a cluster) needs before the apps use it.
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'

const DEFAULT_URL = 'nats://127.0.0.1:4222'

export function addBroker(program: Command, environment: Environment): void {
  const broker = program
    .command('broker')
    .description('the streams on a nats-server that is not started by `netbehave up`')
  broker.addHelpText('after', '\nExamples:\n  netbehave broker init --broker-url nats://hub.example:4222')
  broker
    .command('init')
    .description('make the streams and consumers, or bring them up to date; may be run again at any time')
    .option('--broker-url <url>', `address of nats-server (default: NETBEHAVE_BROKER_URL, else ${DEFAULT_URL})`)
    .addHelpText('after', '\nExample:\n  netbehave broker init --broker-url nats://hub.example:4222')
    .action(async (options: { brokerUrl?: string }) => {
      const { initBroker } = await import('../broker-init.ts')
      await initBroker(options.brokerUrl ?? environment.env.NETBEHAVE_BROKER_URL ?? DEFAULT_URL, environment)
    })
}
