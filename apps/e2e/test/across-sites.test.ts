// Two sites and a hub, each a machine of its own with a line between: the line of one is cut for a minute under load, and the hub is killed
// meanwhile. Afterwards the hub's history holds every flow of both sites exactly once.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Child, startChild, until } from '@netbehave/bench'
import { type Broker, connectBroker } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { mixedConversations } from '../src/conversations.ts'
import { createNetwork, type Network, noNamespaces } from '../src/network.ts'
import { PACED_EXPORTER, pacedFlow } from '../src/paced-exporter.ts'
import { missingProgram } from '../src/programs.ts'
import { runNetbehave } from '../src/run-netbehave.ts'
import { runSoftflowd, softflowdFlows } from '../src/softflowd.ts'
import { setAckWait, untilAllRead } from '../src/streams.ts'
import { type FlowSums, type System, startSystem } from '../src/system.ts'

const SITES = ['cabin', 'office'] as const
const HUB_PORT = 7422
/** A flow more than fills whole datagrams would never be sent. */
const LOAD = { flows: 70_000, perSecond: 1_000 }
const CUT_MS = 60_000
const CONVERSATIONS = 60
/** Far beyond what it takes: a copy of a stream may begin up to two minutes after the line is there. */
const PATIENTLY = { timeoutMs: 180_000 }

test('a line that was cut for a minute and a hub that was killed cost no flow of two sites, and none comes twice', {
  skip: missingProgram('ip') || missingProgram('softflowd') || noNamespaces(),
  timeout: 400_000,
}, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-sites-'))
  for (const name of ['hub', ...SITES]) await mkdir(join(dir, name))
  using network = createNetwork('hub', SITES)
  const hubAddress = network.address('hub')
  for (const site of SITES) {
    const args = ['broker', 'add-site', site, '--data', join(dir, 'hub'), '--hub', `${hubAddress}:${HUB_PORT}`]
    const added = await runNetbehave([...args, '--out', join(dir, `${site}.site.yaml`)], { cwd: dir })
    assert.equal(added.code, 0, added.stderr)
  }
  const startHub = () =>
    startSystem({
      dataDir: join(dir, 'hub'),
      within: network.within('hub'),
      args: ['--nats', `${hubAddress}:0`],
      env: { ARCHIVER_FLUSH_INTERVAL_MS: '1000' },
    })
  const startSite = (site: string) =>
    startSystem({
      dataDir: join(dir, site),
      within: network.within(site),
      args: ['--site', site, '--site-file', join(dir, `${site}.site.yaml`)],
    })
  const [first, second, third] = await Promise.all([startSite('cabin'), startSite('office'), startHub()])
  await using cabin = first
  await using office = second
  const sites: Readonly<Record<string, System>> = { cabin, office }
  let hub = third
  try {
    await using loads = startLoads(network, sites)
    await exportReally(network, 'office', office)
    for (const site of SITES)
      await until(`flows of ${site} are in history`, async () => (await sumsOf(hub, site)).flows > 0, PATIENTLY)

    const cutAtMs = performance.now()
    network.cut('cabin')
    await exportReally(network, 'cabin', cabin)
    await hub.kill()
    hub = await startHub()
    await hurryReaders(hub)
    const before = await sumsOf(hub, 'office')
    await until(
      'the office is heard again',
      async () => {
        const { flows } = await sumsOf(hub, 'office')
        return flows > before.flows || flows === expectedSums('office').flows
      },
      PATIENTLY,
    )
    await until(
      'the cabin says that it has no line',
      async () => (await cabin.run('status')).stdout.includes('no line'),
      PATIENTLY,
    )
    await remaining(CUT_MS - (performance.now() - cutAtMs))
    network.mend('cabin')
    await loads.done

    for (const site of SITES) {
      const wanted = expectedSums(site)
      let last: FlowSums | undefined
      await until(
        `history holds what ${site} sent`,
        async () => {
          last = await sumsOf(hub, site)
          return last.flows >= wanted.flows
        },
        { ...PATIENTLY, lastSeen: () => last },
      )
      t.diagnostic(`${site}: all there ${((performance.now() - cutAtMs) / 1000).toFixed()} s after the cut`)
    }
    await untilRead(hub)
    for (const site of SITES) assert.deepEqual(await sumsOf(hub, site), expectedSums(site), site)
  } finally {
    await hub[Symbol.asyncDispose]()
  }
  await rm(dir, { recursive: true, force: true })
})

/** The same load at both sites, from within. */
function startLoads(network: Network, sites: Readonly<Record<string, System>>) {
  const { flows, perSecond } = LOAD
  const senders: Child[] = Object.entries(sites).map(([site, system]) => {
    const [program, ...args] = [...network.within(site), process.execPath, PACED_EXPORTER, system.collector]
    return startChild(program!, [...args, String(flows), String(perSecond)])
  })
  const done = Promise.all(senders.map((sender) => sender.line((line) => line === 'sent')))
  // When the test fails before, they are ended before they have sent all.
  done.catch(() => {})
  return {
    done,
    async [Symbol.asyncDispose]() {
      await Promise.all(senders.map((sender) => sender[Symbol.asyncDispose]()))
    },
  }
}

const startMs = Date.now() - 60_000
const conversationsOf = (site: string) =>
  mixedConversations({ startMs, count: CONVERSATIONS, firstNumber: site === 'cabin' ? 0 : 100 })

const exportReally = (network: Network, site: string, system: System) =>
  runSoftflowd(conversationsOf(site), 9, system.collector, network.within(site))

function expectedSums(site: string): FlowSums {
  const real = softflowdFlows(conversationsOf(site), 9)
  const sums = { flows: LOAD.flows + real.length, bytes: 0, packets: 0 }
  for (const { bytes, packets } of real) {
    sums.bytes += bytes
    sums.packets += packets
  }
  for (let k = 0; k < LOAD.flows; k++) {
    const { bytes, packets } = pacedFlow(k)
    sums.bytes += bytes
    sums.packets += packets
  }
  return sums
}

const sumsOf = (hub: System, site: string): Promise<FlowSums> => hub.count(`site = ${site}`)

/** What the killed readers had is delivered again at once, and not after minutes. */
const hurryReaders = (hub: System) =>
  asKeeper(hub, (keeper) => setAckWait(keeper, { enricher: 2_000, archiver: 20_000 }))

/** After this nothing more can come. */
const untilRead = (hub: System) => asKeeper(hub, (keeper) => untilAllRead(keeper, 90_000))

async function asKeeper(hub: System, ask: (keeper: Broker) => Promise<void>): Promise<void> {
  await using broker = connectBroker({ ...hub.brokerAddress, instance: 'test' }, 'flow-admin', silentLog)
  await ask(broker)
}

/** Part of the scenario: the line is away for so long. */
const remaining = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
