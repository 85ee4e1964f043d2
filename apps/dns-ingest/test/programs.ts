// Real programs for the tests: dnsmasq, unbound, dns-ingest itself; and questions from several addresses of this machine.

import { Resolver } from 'node:dns/promises'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, startChild, startNode, until } from '@netbehave/bench'

export { until }

/** Why a test that needs these programs is skipped; false when they are there, and with CI=true, where they must be. */
export function missing(...names: string[]): string | false {
  if (process.env.CI === 'true') return false
  const folders = PATH.split(':')
  const absent = names.filter((name) => !folders.some((folder) => existsSync(join(folder, name))))
  return absent.length > 0 && `${absent.join(', ')} not installed`
}

/** Daemons are in sbin, which a user's PATH may lack. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`
const env = { ...process.env, PATH }

export interface Folder extends AsyncDisposable {
  readonly path: string
  file(name: string): string
}

export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'netbehave-dns-'))
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Asks once from an address of this machine; what came, or the code of the fault. */
export async function question(port: number, client: string, name: string, type = 'A'): Promise<string[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 })
  resolver.setServers([`127.0.0.1:${port}`])
  resolver.setLocalAddress(client)
  try {
    return (await resolver.resolve(name, type)) as string[]
  } catch (error) {
    return [(error as NodeJS.ErrnoException).code ?? 'unknown']
  }
}

const answers = (port: number) =>
  until(
    `a DNS server answers on ${port}`,
    async () => !['ECONNREFUSED', 'ETIMEOUT'].includes((await question(port, '127.0.0.1', 'ready.invalid'))[0]!),
  )

/** unbound with a zone of its own; `lines` go below `server:`. */
export async function startUnbound(
  folder: Folder,
  name: string,
  port: number,
  lines: readonly string[],
  more = '',
): Promise<Child> {
  const config = folder.file(`${name}.conf`)
  const server = [
    `interface: 127.0.0.1@${port}`,
    'access-control: 127.0.0.0/8 allow',
    'do-daemonize: no',
    'username: ""',
    'chroot: ""',
    `directory: "${folder.path}"`,
    `pidfile: "${folder.file(`${name}.pid`)}"`,
    'use-syslog: no',
    `logfile: "${folder.file(`${name}.log`)}"`,
    'num-threads: 1',
    'module-config: "iterator"',
    ...lines,
  ]
  await writeFile(
    config,
    `server:\n${server.map((line) => `  ${line}\n`).join('')}remote-control:\n  control-enable: no\n${more}`,
  )
  const unbound = startChild('unbound', ['-d', '-c', config], { env })
  await Promise.race([answers(port), endedEarly(unbound, 'unbound')])
  return unbound
}

/** dnsmasq that logs to `log`. */
export async function startDnsmasq(port: number, log: string, args: readonly string[]): Promise<Child> {
  const common = [
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--pid-file=',
    '--user=root',
  ]
  const listen = [`--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', `--log-facility=${log}`]
  const dnsmasq = startChild('dnsmasq', [...common, ...listen, ...args], { env })
  await Promise.race([answers(port), endedEarly(dnsmasq, 'dnsmasq')])
  return dnsmasq
}

const endedEarly = (child: Child, name: string): Promise<never> =>
  child.ended.then((how) => Promise.reject(new Error(`${name} ended (${how}): ${child.stderr}`)))

const MAIN = join(import.meta.dirname, '../src/main.ts')

/** dns-ingest as a process of its own, as a container runs it. */
export async function startIngest(
  brokerUrl: string,
  folder: Folder,
  more: Readonly<Record<string, string>>,
): Promise<Child> {
  const child = startNode(MAIN, [], {
    env: {
      ...env,
      NETBEHAVE_BROKER_URL: brokerUrl,
      NETBEHAVE_DATA_DIR: folder.file('data'),
      NETBEHAVE_INSTANCE: 'test',
      ...more,
    },
  })
  // The log is open, and it is remembered which file it is.
  const said = more.DNS_INGEST_LOGS === undefined ? '"ready"' : 'reading the log'
  await child.line((line) => line.includes(said), 'stderr')
  return child
}
