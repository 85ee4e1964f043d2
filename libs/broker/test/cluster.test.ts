// Three nats-servers on loopback as one cluster, streams on all of them: the leader of the stream is killed while messages are published.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { jetstreamManager } from '@nats-io/jetstream'
import { until } from '@netbehave/bench'
import { CONSUMERS, HUB_DOMAIN, SUBJECTS } from '@netbehave/schema'
import { type Broker, connectBroker, consume, createPublisher, ensureStreams, startNatsServer } from '../src/index.ts'
import type { NatsServer } from '../src/nats-server.ts'
import { configText, jetStreamBlock, serverSettings } from '../src/roles/server-config.ts'
import { silentLog } from '../src/testing.ts'

const NAMES = ['one', 'two', 'three']
const MESSAGES = 400
const cleanUp = new AsyncDisposableStack()
const servers = new Map<string, NatsServer>()
let dir: string
let routes: string[]
let brokerUrl: string

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'netbehave-cluster-'))
  cleanUp.defer(() => rm(dir, { recursive: true, force: true }))
  routes = (await freePorts(NAMES.length)).map((port) => `nats-route://127.0.0.1:${port}`)
  await Promise.all(NAMES.map(start))
  brokerUrl = [...servers.values()].map(({ url }) => url).join(',')
  await makeStreams(3)
})
after(() => cleanUp.disposeAsync())

/** Servers of a cluster must know each other's ports beforehand. */
async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = held.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

async function start(name: string): Promise<void> {
  const own = join(dir, name)
  await mkdir(own, { recursive: true })
  const listen = routes[NAMES.indexOf(name)]!.replace('nats-route://', '')
  const config = configText({
    ...serverSettings({ name, listen: '127.0.0.1:0', dir: own }),
    jetstream: jetStreamBlock({ storeDir: join(own, 'jetstream'), maxFileBytes: 8 * 1024 ** 3, domain: HUB_DOMAIN }),
    cluster: { name: 'hub', listen, routes },
  })
  const server = await startNatsServer({ binary: process.env.NATS_SERVER_BIN ?? 'nats-server', dir: own, config })
  cleanUp.use(server)
  servers.set(name, server)
}

function connect(role: 'flow-admin' | 'collector' | 'enricher'): Broker {
  return cleanUp.use(connectBroker({ brokerUrl, instance: 'test' }, role, silentLog))
}

/** The cluster elects who manages streams first; until then it refuses. */
async function makeStreams(streamReplicas?: number): Promise<void> {
  const nc = await connect('flow-admin').connected
  let last: unknown
  await until(
    'the cluster takes the streams',
    () =>
      ensureStreams(nc, streamReplicas === undefined ? {} : { streamReplicas }).then(
        () => true,
        (error: Error) => {
          last = error.message
          return false
        },
      ),
    { lastSeen: () => last },
  )
}

const message = (id: number) => ({
  ...{ subject: SUBJECTS.flowsRaw('home'), id: `test-${id}`, flows: 1 },
  bytes: new TextEncoder().encode(String(id)),
})

test('streams are on three servers, and stay so when nothing is said of it', async () => {
  await makeStreams()
  const manager = await jetstreamManager(await connect('flow-admin').connected, { checkAPI: false })
  for (const stream of ['FLOWS_RAW', 'FLOWS', 'EVENTS']) {
    const { config, cluster } = await manager.streams.info(stream)
    assert.equal(config.num_replicas, 3)
    assert.equal(cluster?.replicas?.length, 2, 'beside the leader')
  }
})

test('the leader of the stream is killed while messages are published: what was acknowledged is there, each once', async () => {
  const admin = connect('flow-admin')
  const manager = await jetstreamManager(await admin.connected, { checkAPI: false })
  await using publisher = createPublisher(connect('collector'), silentLog)
  const acknowledged: Promise<boolean>[] = []
  const push = (from: number, to: number) => {
    for (let id = from; id < to; id++) acknowledged.push(publisher.push(message(id)))
  }
  push(0, MESSAGES / 2)
  await until('the stream takes messages', () => publisher.counters.acknowledged > 10)
  const { cluster } = await manager.streams.info('FLOWS_RAW')
  const leader = servers.get(cluster!.leader!)!
  leader.kill()
  push(MESSAGES / 2, MESSAGES)
  await leader.ended
  assert.deepEqual(new Set(await Promise.all(acknowledged)), new Set([true]))

  const seen: number[] = []
  await using _reading = consume(connect('enricher'), CONSUMERS.enricher, silentLog, ({ bytes, ack }) => {
    seen.push(Number(new TextDecoder().decode(bytes)))
    ack()
  })
  await until('everything is read', () => new Set(seen).size === MESSAGES, { lastSeen: () => seen.length })
  const { state } = await until('the stream answers', () => manager.streams.info('FLOWS_RAW').catch(() => undefined))
  assert.equal(state.messages, MESSAGES, 'repeated messages are stored once')
})
