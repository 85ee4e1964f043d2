// The asset service as a process of its own on a real nats-server, and what the stream EVENTS holds.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, startNode, until } from '@netbehave/bench'
import { ask, RequestFault } from '@netbehave/broker'
import { startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { AssetEvent, IPAM_STATS } from '@netbehave/schema'

const MAIN = join(import.meta.dirname, '../src/main.ts')

export interface System extends AsyncDisposable {
  readonly broker: TestBroker
  readonly dataDir: string
  /** Starts the service; it is ready to answer. */
  start(env?: Record<string, string>): Promise<Child>
}

export async function openSystem(): Promise<System> {
  const broker = await startTestBroker()
  const dataDir = mkdtempSync(join(tmpdir(), 'netbehave-ipam-'))
  const children: Child[] = []
  return {
    broker,
    dataDir,
    async start(env = {}) {
      const child = startNode(MAIN, [], {
        cwd: dataDir,
        env: { ...process.env, NETBEHAVE_DATA_DIR: dataDir, NETBEHAVE_BROKER_URL: broker.url, ...env },
      })
      children.push(child)
      await child.line((line) => line.includes('"ready"'), 'stderr')
      // Ready does not wait for the broker; that it serves is seen by an answer.
      const asker = broker.connect('admin', `starter-${children.length}`)
      await until(() =>
        ask(asker, IPAM_STATS, {}).then(
          () => true,
          (error: unknown) => (error instanceof RequestFault ? false : Promise.reject(error)),
        ),
      )
      return child
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) await child[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true })
    },
  }
}

/** All events of the stream, oldest first. */
export async function readEvents(broker: TestBroker): Promise<AssetEvent[]> {
  const js = await broker.connect('flow-admin').jetstream()
  const stream = await js.streams.get('EVENTS')
  const { state } = await stream.info()
  const events: AssetEvent[] = []
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
    const message = await stream.getMessage({ seq })
    if (message !== null) events.push(AssetEvent.parse(message.json()))
  }
  return events
}
