// Two-step DNS on loopback: dnsmasq, whose log is read, in front of unbound, which has a zone of its own. In: the zone, a folder.
// Out: a port that answers, and the log. Fails: Error with the program's last words.
import { Resolver } from 'node:dns/promises'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Child, startChild, until } from '@netbehave/bench'

export interface NameServers extends AsyncDisposable {
  /** dnsmasq's, with `log-queries=extra`. */
  readonly log: string
  /** Asks for the address of a name as this client (127.0.0.0/8). */
  ask(client: string, name: string): Promise<string>
}

/** Daemons are in sbin, which a user's PATH may lack. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }

/** `zone`: address by name. */
export async function startNameServers(dir: string, zone: Readonly<Record<string, string>>): Promise<NameServers> {
  const [above, port] = await Promise.all([freePort(), freePort()])
  const log = join(dir, 'dnsmasq.log')
  const config = join(dir, 'unbound.conf')
  await writeFile(config, unboundConfig(dir, above, zone))
  const unbound = startChild('unbound', ['-d', '-c', config], { env })
  const dnsmasq = startChild('dnsmasq', dnsmasqArgs(port, above, log), { env })
  const ask = async (client: string, name: string): Promise<string> => {
    const resolver = new Resolver({ timeout: 2000, tries: 2 })
    resolver.setServers([`127.0.0.1:${port}`])
    resolver.setLocalAddress(client)
    return (await resolver.resolve4(name))[0]!
  }
  const [firstName] = Object.keys(zone)
  await Promise.race([
    until('the name servers answer', () =>
      ask('127.0.0.1', firstName!).then(
        () => true,
        () => false,
      ),
    ),
    endedEarly(unbound, 'unbound'),
    endedEarly(dnsmasq, 'dnsmasq'),
  ])
  return {
    log,
    ask,
    async [Symbol.asyncDispose]() {
      await Promise.all([dnsmasq[Symbol.asyncDispose](), unbound[Symbol.asyncDispose]()])
    },
  }
}

const dnsmasqArgs = (port: number, above: number, log: string): string[] => [
  ...['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--pid-file=', '--user=root'],
  ...[`--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', `--server=127.0.0.1#${above}`],
  ...['--log-queries=extra', `--log-facility=${log}`],
]

function unboundConfig(dir: string, port: number, zone: Readonly<Record<string, string>>): string {
  const lines = [
    `interface: 127.0.0.1@${port}`,
    'access-control: 127.0.0.0/8 allow',
    'do-daemonize: no',
    'username: ""',
    'chroot: ""',
    `directory: "${dir}"`,
    `pidfile: "${join(dir, 'unbound.pid')}"`,
    'use-syslog: no',
    `logfile: "${join(dir, 'unbound.log')}"`,
    'module-config: "iterator"',
    'local-zone: "test." static',
    ...Object.entries(zone).map(([name, address]) => `local-data: "${name}. 60 IN A ${address}"`),
  ]
  return `server:\n${lines.map((line) => `  ${line}\n`).join('')}remote-control:\n  control-enable: no\n`
}

const endedEarly = (child: Child, name: string): Promise<never> =>
  child.ended.then((how) => Promise.reject(new Error(`${name} ended (${how}): ${child.stderr}`)))

/** A port of 127.0.0.1 that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
