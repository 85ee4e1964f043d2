// netbehave broker: what a nats-server of one's own (a container, another machine) needs before the apps use it.
import type { Command } from 'commander'
import type { InitOptions } from '../broker/init.ts'
import type { StreamsOptions } from '../broker/streams.ts'
import type { Environment } from '../environment.ts'
import { addKeyCommands } from './broker-keys.ts'
import { addSiteCommands } from './broker-sites.ts'
import { collectValues } from './options.ts'

export function addBroker(program: Command, environment: Environment): void {
  const broker = program
    .command('broker')
    .description(
      'keys and roles; a nats-server that `netbehave up` does not start: its configuration, certificates, streams',
    )
  broker.addHelpText(
    'after',
    `
Examples:
  netbehave broker init --dir /etc/netbehave/broker --host hub.example
  nats-server -c /etc/netbehave/broker/hub.conf
  netbehave broker streams --dir /etc/netbehave/broker
  netbehave broker check
  netbehave broker rotate enricher`,
  )

  broker
    .command('init')
    .description('make the folder of a hub: keys of every app, certificates, the configuration of nats-server')
    .requiredOption('--dir <dir>', 'the folder')
    .option('--host <name>', 'name or address by which apps and sites reach the hub; may be given again', collectValues)
    .option(
      '--site <name>',
      'site whose collector connects to the hub itself; may be given again (default: home)',
      collectValues,
    )
    .option('--listen <host:port>', 'address for apps (default: 0.0.0.0:4222; with --no-tls 127.0.0.1:4222)')
    .option('--http <host:port>', 'address of the monitoring pages, which ask for no key (default: 127.0.0.1:8222)')
    .option('--no-tls', 'no certificates: everything goes over the wire readable')
    .option('--mounted-at <path>', 'where nats-server sees the folder, when that is elsewhere (a container)')
    .option('--store <path>', "JetStream's folder, as nats-server sees it (default: jetstream in the folder)")
    .addHelpText(
      'after',
      `
May be run again at any time: it adds what is missing, renews a certificate that ends soon or lacks a --host, and says what it
did. What it was told is kept in DIR/hub.json.

  DIR/keys/APP/ROLE.seed   secret keys, one folder for each app; keys/ops is for people
  DIR/public-keys.env      their public halves, read by hub.conf
  DIR/hub.conf             the configuration of nats-server; no secret is in it
  DIR/tls/ca.pem           give it to apps and sites as NETBEHAVE_BROKER_CA; ca.key stays here
  DIR/tls/hub.pem hub.key  what nats-server shows

Examples:
  netbehave broker init --dir /etc/netbehave/broker --host hub.example --host 192.0.2.7
  netbehave broker init --dir broker --site home --site office
  netbehave broker init --dir /broker --no-tls --listen 0.0.0.0:4222 --store /data/jetstream   # inside of a container network`,
    )
    .action(async (options: InitOptions) => (await import('../broker/init.ts')).initHub(options, environment))

  addSiteCommands(broker, environment)

  addHubOptions(broker.command('streams'))
    .option('--replicas <n>', 'servers of a cluster that hold each stream: 1, 3 or 5 (default: as before; at first 1)')
    .description(
      'make the streams and consumers on a running nats-server, or bring them up to date; may be run again at any time',
    )
    .addHelpText(
      'after',
      `
Signs in as flow-admin: with the key in DIR/keys/ops, else in NETBEHAVE_BROKER_KEYS. With --replicas 3 one of three servers may
be lost, and nothing that was acknowledged is.

Examples:
  netbehave broker streams --dir /etc/netbehave/broker
  NETBEHAVE_BROKER_KEYS=/keys NETBEHAVE_BROKER_CA=/ca.pem netbehave broker streams --broker-url tls://hub.example:4222`,
    )
    .action(async (options: StreamsOptions) => (await import('../broker/streams.ts')).makeStreams(options, environment))

  addKeyCommands(broker, environment)
}

const addHubOptions = (command: Command): Command =>
  command
    .option('--dir <dir>', 'folder of netbehave broker init, for keys, CA and address')
    .option(
      '--broker-url <url>',
      'address of nats-server (default: NETBEHAVE_BROKER_URL, else that of the folder, else nats://127.0.0.1:4222)',
    )
