// netbehave tail: flows as they come, from the running copy.
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import { addFlowOptions, FILTER_HELP, type FlowOptions } from './flow-options.ts'

export function addTail(program: Command, environment: Environment): void {
  const command = program.command('tail').description('show flows as they come')
  addFlowOptions(command)
    .option('--broker <url>', 'broker to ask, in place of that of the copy that runs on --data')
    .addHelpText(
      'after',
      `${FILTER_HELP}
Ctrl-C ends it. Flows that come faster than they can be printed are left out, and counted on stderr at the end.

Examples:
  netbehave tail
  netbehave tail src.ip=192.168.1.0/24 port=443
  netbehave tail 'not protocol in (tcp, udp)'
  netbehave tail --limit 100 -o json name=*.example.com
  netbehave tail --broker nats://hub.example:4222`,
    )
    .action(async (words: string[], options: FlowOptions & { broker?: string }) => {
      const { tail } = await import('../tail.ts')
      await tail(words, options, environment)
    })
}
