// netbehave broker add-site and remove-site: sites whose own servers connect to the hub.
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import type { AddSiteOptions } from '../sites/add-site.ts'
import type { RemoveSiteOptions } from '../sites/remove-site.ts'
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

  broker
    .command('remove-site')
    .argument('<name>', 'name of the site')
    .description('take a site away: its key is good for nothing any more, its flows that came stay')
    .addOption(dataOption())
    .option('--dir <dir>', 'folder of netbehave broker init, when "netbehave up" does not run the hub')
    .addHelpText(
      'after',
      `
What the site still keeps is not fetched any more: while "netbehave exporters" says that flows wait there, let them come first,
unless the box is in wrong hands. add-site with the same name makes a new key.

Examples:
  netbehave broker remove-site cabin
  netbehave broker remove-site branch --dir /etc/netbehave/broker`,
    )
    .action(async (name: string, options: RemoveSiteOptions) => {
      const { removeSite } = await import('../sites/remove-site.ts')
      await removeSite(name, options, environment)
    })
}
