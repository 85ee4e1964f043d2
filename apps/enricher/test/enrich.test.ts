// Step enrich on caches that a real broker fills: services that answer, that are slow, that are away.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { endpoint, serve } from '@netbehave/broker'
import { silentLog, startTestBroker } from '@netbehave/broker/testing'
import { DNS_RUNS, type DnsRun, type Flow, IPAM_LABELS, SUBJECTS, WHOIS_LOOKUP } from '@netbehave/schema'
import { EnricherConfig } from '../src/config.ts'
import { createEnrich } from '../src/enrich.ts'
import { createLookUps } from '../src/look-ups.ts'
import { createNameServices } from '../src/name-services.ts'
import { readServiceTable } from '../src/service-table.ts'
import { batchOf, flowOf } from '../src/testing.ts'

const CDN = '203.0.113.7'
const LAPTOP = '192.168.1.10'
const nameServices = createNameServices(readServiceTable(''))
/** A test that is not about waiting waits for every answer, however busy the machine is. */
const LONG_MS = 30_000
const AT_MS = flowOf().firstMs

/** The step on a real broker, with services that know what is given here. */
async function start(
  known: { runs?: Record<string, DnsRun[]>; orgs?: Record<string, string>; labels?: Record<string, string> },
  settings: Partial<EnricherConfig> & { delayMs?: number } = {},
) {
  const server = await startTestBroker()
  const broker = server.connect('enricher')
  await broker.connected
  const asked: string[] = []
  const later = () => new Promise((resolve) => setTimeout(resolve, settings.delayMs ?? 0))
  const dns = endpoint(DNS_RUNS, async ({ addresses }) => {
    asked.push(...addresses)
    await later()
    return { boot: 'b', sequence: 1, runs: addresses.map((address) => known.runs?.[address] ?? []) }
  })
  const whois = endpoint(WHOIS_LOOKUP, ({ addresses }) => ({
    holders: addresses.map((address) => {
      asked.push(`whois ${address}`)
      const org = known.orgs?.[address]
      if (org === undefined) return { state: 'none' as const, holder: null }
      const block = { startAddress: address, endAddress: address, registry: 'arin' as const, country: '', fetchedMs: 1 }
      return { state: 'known' as const, holder: { name: 'BLOCK', org, ...block } }
    }),
  }))
  const ipam = endpoint(IPAM_LABELS, ({ addresses }) => ({
    labels: addresses.map((address) => known.labels?.[address] ?? null),
  }))
  const options = { version: '1.0.0', description: 'for tests' }
  if (known.runs) await serve(server.connect('dns-service'), silentLog, [dns], options).ready
  if (known.orgs) await serve(server.connect('whois-service'), silentLog, [whois], options).ready
  if (known.labels) await serve(server.connect('ipam-service'), silentLog, [ipam], options).ready
  const config = EnricherConfig.parse({})
  const lookUps = createLookUps(broker, { ...config, lookUpWaitMs: LONG_MS, ...settings }, () => {}, Date.now)
  await broker.flush()
  const counters = { sides: 0, misses: 0, named: 0 }
  const holders = settings.holders ?? 'always'
  const enrich = createEnrich({ nameServices, lookUps, holders, counters, now: Date.now })
  const flows = async (...members: Partial<Flow>[]) => {
    const batch = await enrich(batchOf(members.map((some) => flowOf({ srcIp: LAPTOP, dstIp: CDN, ...some }))))
    return members.map((_, i) => batch.row(i))
  }
  return { server, asked, lookUps, flows, counters, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const run = (client: string | null, name: string, firstMs: number, source: DnsRun['source'] = 'dns'): DnsRun => {
  return { client, name, source, firstMs, lastMs: firstMs }
}

test('a flow has the name that its client asked for, the holder, and the name of the local device', async () => {
  await using system = await start({
    runs: { [CDN]: [run(LAPTOP, 'reddit.example', AT_MS - 3000)], [LAPTOP]: [run(null, 'laptop.home', 1, 'dhcp')] },
    orgs: { [CDN]: 'Example CDN, Inc.' },
    labels: { [LAPTOP]: "Ann's laptop" },
  })
  const [out, back] = await system.flows({}, { srcIp: CDN, dstIp: LAPTOP, srcNet: 'external', dstNet: 'home' })
  const { dstName, dstNameHow, dstOrg, srcName, srcNameHow, srcAsset, srcOrg } = out!
  assert.deepEqual([dstName, dstNameHow, dstOrg], ['reddit.example', 1, 'Example CDN, Inc.'])
  assert.deepEqual([srcName, srcNameHow, srcAsset, srcOrg], ['laptop.home', 3, "Ann's laptop", undefined])
  assert.deepEqual([back!.srcName, back!.srcNameHow, back!.dstAsset], ['reddit.example', 1, "Ann's laptop"])
  // Both sides of the one; of the other the far side has the name that its client asked for, the near one its own.
  assert.equal(system.counters.named, 4)
})

test('each address is asked for once, then the cache answers', async () => {
  await using system = await start({ runs: {}, orgs: {}, labels: {} })
  await system.flows({}, {}, { dstIp: '203.0.113.8' })
  const first = [...system.asked].sort()
  assert.deepEqual(first, [LAPTOP, CDN, '203.0.113.8', `whois ${CDN}`, 'whois 203.0.113.8'].sort())
  await system.flows({}, {}, { dstIp: '203.0.113.8' })
  assert.deepEqual([...system.asked].sort(), first)
})

test('IPv6 clients and addresses are named the same way', async () => {
  const [client, address] = ['fd00::10', '2001:db8::7']
  await using system = await start({ runs: { [address]: [run(client, 'six.example', AT_MS - 1)] } })
  const [six, four] = await system.flows({ srcIp: client, dstIp: address }, {})
  assert.deepEqual([six!.dstName, six!.dstNameHow], ['six.example', 1])
  assert.equal(four!.dstName, undefined)
})

test('multicast and broadcast are nobody, and nobody is asked about them', async () => {
  await using system = await start({ runs: {} })
  await system.flows({ dstIp: '224.0.0.251', dstNet: 'multicast' }, { dstIp: '192.168.1.255', dstNet: 'broadcast' })
  assert.deepEqual(system.asked, [LAPTOP])
})

test('with `holders: unnamed` only addresses without a name are asked for', async () => {
  const runs = { [CDN]: [run(LAPTOP, 'a.example', AT_MS - 1)] }
  const orgs = { [CDN]: 'One', '203.0.113.8': 'Two' }
  await using system = await start({ runs, orgs }, { holders: 'unnamed' })
  const flows = () => system.flows({}, { dstIp: '203.0.113.8' })
  await until('the holder is known', async () => (await flows())[1]!.dstOrg === 'Two')
  assert.equal((await flows())[0]!.dstOrg, undefined)
  assert.ok(!system.asked.includes(`whois ${CDN}`))
})

test('a slow service costs a batch the wait and the names; the next batch has them', async () => {
  const runs = { [CDN]: [run(LAPTOP, 'slow.example', AT_MS - 1)] }
  await using system = await start({ runs }, { delayMs: 100, lookUpWaitMs: 10 })
  assert.equal((await system.flows({}))[0]!.dstName, undefined)
  assert.equal(system.lookUps.counters('dns').late, 1)
  await until('the late answer is there', async () => (await system.flows({}))[0]!.dstName === 'slow.example')
})

test('without settings a batch waits 50 ms for a service, and no longer', async () => {
  const { lookUpWaitMs } = EnricherConfig.parse({})
  assert.equal(lookUpWaitMs, 50)
  await using system = await start({ runs: { [CDN]: [] } }, { delayMs: LONG_MS, lookUpWaitMs })
  await system.flows({})
  const { late, waits, waitedMs } = system.lookUps.counters('dns')
  assert.deepEqual([late, waits], [1, 1])
  assert.ok(waitedMs >= lookUpWaitMs - 1 && waitedMs < LONG_MS / 2, `${waitedMs} ms`)
})

test('services that are not there cost nothing but the names', async () => {
  await using system = await start({})
  const [flow] = await system.flows({})
  assert.deepEqual([flow!.dstName, flow!.dstOrg, flow!.service], [undefined, undefined, 'https'])
  assert.equal(system.lookUps.counters('dns').faults, 1)
  await system.flows({ dstIp: '203.0.113.9' })
  assert.equal(system.lookUps.counters('dns').requests, 1)
})

test('what a client is told is on its next flow without a question, and a lost connection forgets what was missed', async () => {
  await using system = await start({ runs: {} })
  await system.flows({})
  const other = system.server.connect('dns-events')
  await other.connected
  const answers = [{ client: LAPTOP, address: CDN, name: 'new.example', source: 'dns', atMs: AT_MS - 5 }]
  other.publishCore(SUBJECTS.dnsReply, JSON.stringify({ boot: 'b', site: 'home', sequence: 2, answers }))
  other.publishCore(SUBJECTS.dnsReply, '{"boot": 1}')
  await until('the event is there', async () => (await system.flows({}))[0]!.dstName === 'new.example')
  assert.deepEqual(system.asked, [LAPTOP, CDN])
  await system.server.crash()
  await until('it is asked again', async () => {
    await system.flows({})
    return system.asked.length > 2
  })
})
