// netbehave setup: what to type on a router, with this host's address in it.
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import type { HostPort } from '../listen-address.ts'
import { dataOption, hostPort, tableOption } from './options.ts'

export interface SetupOptions {
  collector?: HostPort
  data?: string
  output: 'table' | 'json'
}

export function addSetup(program: Command, environment: Environment): void {
  program
    .command('setup')
    .description('print what to type on a router so that it sends flows here; without a name: list the routers')
    .argument('[router]', 'mikrotik, unifi, opnsense, …')
    .option('--collector <host:port>', 'where the router sends, in place of an address of this host', hostPort)
    .addOption(tableOption())
    .addOption(dataOption())
    .addHelpText(
      'after',
      `
The snippet is on stdout, what to mind on stderr. The port is that of the copy that runs on --data, else 2055.
docs/routers.md says more on each.

Examples:
  netbehave setup
  netbehave setup mikrotik
  netbehave setup cisco --collector 192.0.2.10:2055 > snippet.txt`,
    )
    .action(async (router: string | undefined, options: SetupOptions) => {
      const { listRouters, showSetup } = await import('../setup.ts')
      if (router === undefined) listRouters(options, environment)
      else await showSetup(router, options, environment)
    })
}
