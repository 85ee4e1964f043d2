// netbehave broker add-site: sites whose own servers connect to the hub.
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import type { AddSiteOptions } from '../sites/add-site.ts'
import { dataOption, wholeNumber } from './options.ts'

const LEAST_KEEP_MIB = 64

export function addSiteCommands(broker: Command, environment: Environment): void {
  broker
    .command('add-site')
    .argument('<name>', 'name of the site, part of every flow')
    .description('let another site send its flows here: write the one file that its box needs')
    .requiredOption('--hub <host:port>', 'where the site reaches this hub, for example hub.example:7422')
    .addOption(dataOption())
    .option('--dir <dir>', 'folder of netbehave broker init, when "netbehave up" does not run the hub')
    .option('--leaf-listen <host:port>', 'address here that takes sites (default: every address, the port of --hub)')
    .option(
      '--keep-mib <number>',
      'what the site keeps while it cannot reach the hub (default 10240)',
      wholeNumber(LEAST_KEEP_MIB),
    )
    .option('--out <file>', 'the file for the site (default NAME.site.yaml)')
    .addHelpText(
      'after',
      `
The site runs a collector and a small nats-server, which keeps flows until the hub has them. The file holds the site's key, the
address and the certificate authority of the hub. Run again, it is written again.

Examples:
  netbehave broker add-site cabin --hub hub.example:7422
  netbehave broker add-site branch --hub hub.example:7422 --dir /etc/netbehave/broker --keep-mib 2048`,
    )
    .action(async (name: string, options: AddSiteOptions) => {
      const { addSite } = await import('../sites/add-site.ts')
      await addSite(name, options, environment)
    })
}
