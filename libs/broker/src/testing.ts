// For tests: a real nats-server in a temporary folder, with the streams made. A missing nats-server fails the test.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HUB_DOMAIN } from '@netbehave/schema'
import { type Broker, type BrokerLog, connectBroker } from './connect.ts'
import { type NatsServer, startNatsServer } from './nats-server.ts'
import { roleKeys } from './roles/hub-accounts.ts'
import { hubConfig } from './roles/hub-config.ts'
import { makeKeys, readPublicKey } from './roles/keys.ts'
import { type Role, roleKey } from './roles/roles.ts'
import { configText, jetStreamBlock, serverSettings } from './roles/server-config.ts'
import { ensureStreams, type StreamOptions } from './streams.ts'

export const silentLog: BrokerLog = { info() {}, warn() {}, error() {} }

export interface TestBroker extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Folder with the keys of the roles; empty: the server asks for none. */
  readonly keys: string
  /** A connection as a role, closed with the test broker. */
  connect(role: Role, instance?: string, site?: string): Broker
  /** kill -9, and a new start on the same port and store. */
  crash(): Promise<void>
  /** kill -9 without a new start; `start` brings it back. */
  kill(): Promise<void>
  start(): Promise<void>
}

export interface TestBrokerOptions extends StreamOptions {
  /** Sites whose collectors have keys: the server has accounts and permissions. Absent: one account for all, no keys. */
  readonly roles?: readonly string[]
  /** With roles: sites whose own servers have keys. */
  readonly leafSites?: readonly string[]
}

export async function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-nats-'))
  const binary = process.env.NATS_SERVER_BIN ?? 'nats-server'
  const keys = options.roles === undefined ? '' : join(dir, 'keys')
  const { roles, leafSites = [] } = options
  if (roles !== undefined) makeKeys(keys, [...roleKeys(roles), ...leafSites.map((site) => roleKey('leaf', site))])
  const start = (port: number) =>
    startNatsServer({ binary, dir, config: testConfig(dir, `127.0.0.1:${port}`, options, keys) })
  let server: NatsServer = await start(0)
  const { url } = server
  const port = Number(new URL(url).port)
  const brokers: Broker[] = []
  const connect = (role: Role, instance = 'test', site = 'home') => {
    const broker = connectBroker({ brokerUrl: url, instance, brokerKeys: keys, site }, role, silentLog)
    brokers.push(broker)
    return broker
  }
  await ensureStreams(await connect('flow-admin').connected, options)
  const kill = async () => {
    server.kill()
    await server.ended
  }
  const restart = async () => {
    server = await start(port)
  }
  return {
    url,
    keys,
    get pid() {
      return server.pid
    },
    connect,
    kill,
    start: restart,
    async crash() {
      await kill()
      await restart()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]()))
      await server[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Without roles: one account, and nobody needs a key. */
function testConfig(
  dir: string,
  listen: string,
  { roles: sites, leafSites = [] }: TestBrokerOptions,
  keys: string,
): string {
  const jetstream = { storeDir: join(dir, 'jetstream'), maxFileBytes: 8 * 1024 ** 3 }
  if (sites !== undefined)
    return hubConfig({ sites, leafSites, publicKeyOf: (key) => readPublicKey(keys, key), listen, dir, jetstream })
  return configText({
    ...serverSettings({ name: 'test', listen, dir }),
    jetstream: jetStreamBlock({ ...jetstream, domain: HUB_DOMAIN }),
  })
}
