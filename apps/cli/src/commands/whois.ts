// netbehave whois: who holds addresses, as the registries told the whois service.
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import type { WhoisOptions } from '../whois.ts'
import { dataOption, ipAddress, positiveNumber, tableOption } from './options.ts'

export function addWhois(program: Command, environment: Environment): void {
  program
    .command('whois')
    .description('who holds an address: name of the block, organisation, registry')
    .argument('<ip...>', 'addresses', (value: string, before: string[] = []) => [...before, ipAddress(value)])
    .option('--wait <seconds>', 'how long to wait for an answer of the registries', positiveNumber, 15)
    .addOption(tableOption())
    .addOption(dataOption())
    .option('--broker <url>', 'broker to ask, in place of that of the copy that runs on --data')
    .addHelpText(
      'after',
      `
Asks a running NetBehave in which whois is switched on (whois.enabled: true). Private and reserved addresses have no holder.

Examples:
  netbehave whois 8.8.8.8
  netbehave whois 1.1.1.1 2606:4700::1111 -o json | jq .holders[].org`,
    )
    .action(async (addresses: string[], options: WhoisOptions) =>
      (await import('../whois.ts')).showHolders(addresses, options, environment),
    )
}
