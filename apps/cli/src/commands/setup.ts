// netbehave setup: what to type on a router, with this host's address in it.
import { type Command, InvalidArgumentError } from 'commander'
import type { Environment } from '../environment.ts'
import type { HostPort } from '../listen-address.ts'
import { dataOption, hostPort, tableOption } from './options.ts'

export interface SetupOptions {
  collector?: HostPort
  data?: string
  interface?: string
  output: 'table' | 'json'
}

/** A name as Linux takes it (IFNAMSIZ: 15 bytes) that a shell takes for nothing else. */
function networkInterface(text: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,14}$/.test(text))
    throw new InvalidArgumentError('Write a name as `ip -br link` lists it.')
  return text
}

export function addSetup(program: Command, environment: Environment): void {
  program
    .command('setup')
    .description('print what to type on a router so that it sends flows here; without a name: list the routers')
    .argument('[router]', 'mikrotik, unifi, opnsense, …')
    .option('--collector <host:port>', 'where the router sends, in place of an address of this host', hostPort)
    .option(
      '--interface <name>',
      "what softflowd watches on Linux, in place of this host's default route's",
      networkInterface,
    )
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
  netbehave setup cisco --collector 192.0.2.10:2055 > snippet.txt
  netbehave setup linux --interface br-lan`,
    )
    .action(async (router: string | undefined, options: SetupOptions) => {
      const { listRouters, showSetup } = await import('../setup.ts')
      if (router === undefined) listRouters(options, environment)
      else await showSetup(router, options, environment)
    })
}
