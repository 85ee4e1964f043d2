// netbehave up: runs everything on this machine.
import type { Command } from 'commander'
import type { Environment } from '../environment.ts'
import { collectValues } from './options.ts'

export function addUp(program: Command, environment: Environment): void {
  program
    .command('up')
    .description('run everything on this machine: broker, collector, enricher, archiver, assets, web console')
    .option('--data <dir>', 'folder for everything that is kept (default ./data)')
    .option('--listen <host:port>', 'UDP address that takes flows; may be given several times', collectValues)
    .option('--nats <host:port>', 'address of the broker (default 127.0.0.1:4222)')
    .option('--http <host:port>', 'address of the web console (default 127.0.0.1:8055)')
    .option('--site <name>', 'name of this site, part of every flow (default home)')
    .option('--hub <url>', 'at a site: tls://HOST:PORT of the hub, in place of that of the site file')
    .option('--site-file <file>', 'at a site: what the hub wrote (default NAME.site.yaml, in the data folder or here)')
    .option('--collectors <n>', 'so many collectors share the UDP addresses (default 1)')
    .option('--enrichers <n>', 'so many enrichers share the work (default 1)')
    .option('--config <file>', 'configuration (default ./netbehave.yaml when it is there)')
    .option('--json', 'print the ready line as JSON')
    .addHelpText(
      'after',
      `
Any port may be 0: a free one is taken and printed, so that several copies run side by side on folders of their own.
Ctrl-C or SIGTERM stops: what was received is stored first.

Examples:
  netbehave up
  netbehave up --data /var/lib/netbehave --listen 0.0.0.0:2055 --listen [::]:2055
  netbehave up --site cabin        # beside cabin.site.yaml of the hub: collects here, keeps what the hub does not have yet
  netbehave up --data ./try --listen 127.0.0.1:0 --nats 127.0.0.1:0 --http 127.0.0.1:0 --json`,
    )
    .action(async (options) => {
      const [{ up }, { APPS_DIR, listApps }] = await Promise.all([import('../up/up.ts'), import('../up/apps.ts')])
      await up({ ...options, apps: listApps(APPS_DIR) }, environment)
    })
}
