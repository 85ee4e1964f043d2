// For tests: a real nats-server in a temporary folder, with the streams made. A missing nats-server fails the test.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, type BrokerLog, connectBroker, type Role } from './connect.ts'
import { type NatsServer, startNatsServer } from './nats-server.ts'
import { ensureStreams, type StreamOptions } from './streams.ts'

export const silentLog: BrokerLog = { info() {}, warn() {}, error() {} }

export interface TestBroker extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** A connection as a role, closed with the test broker. */
  connect(role: Role, instance?: string): Broker
  /** kill -9, and a new start on the same port and store. */
  crash(): Promise<void>
  /** kill -9 without a new start; `start` brings it back. */
  kill(): Promise<void>
  start(): Promise<void>
}

export async function startTestBroker(options: StreamOptions = {}): Promise<TestBroker> {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-nats-'))
  const binary = process.env.NATS_SERVER_BIN ?? 'nats-server'
  const start = (port: number) =>
    startNatsServer({
      binary,
      dir,
      storeDir: join(dir, 'jetstream'),
      host: '127.0.0.1',
      port,
      maxStoreBytes: 8 * 1024 ** 3,
    })
  let server: NatsServer = await start(0)
  const { url } = server
  const port = Number(new URL(url).port)
  const brokers: Broker[] = []
  const connect = (role: Role, instance = 'test') => {
    const broker = connectBroker({ brokerUrl: url, instance }, role, silentLog)
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
