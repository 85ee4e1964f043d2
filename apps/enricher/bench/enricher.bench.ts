// The enricher as a process of its own: reads raw batches of workload W from the stream, names services, addresses, holders, assets and
// rules, publishes, acknowledges. Its caches are warm: 1,000 local and 50,000 remote addresses, all of them named. CPU seconds of that process only. node enricher.bench.ts [--rounds N] [--batches N]
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { jetstreamManager } from '@nats-io/jetstream'
import { cpuSeconds, median, printResult, startChild, until, workloadBatches } from '@netbehave/bench'
import { createPublisher, endpoint, serve } from '@netbehave/broker'
import { silentLog, startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { BATCH_FLOWS, DNS_RUNS, IPAM_LABELS, SUBJECTS, WHOIS_LOOKUP } from '@netbehave/schema'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, batches: { type: 'string', default: '500' } },
})
const [rounds, batchesARound] = [Number(values.rounds), Number(values.batches)]
/** As docker-compose.yml starts it; `netbehave up` gives its thread the same. */
const NODE_FLAGS = ['--initial-old-space-size=256', '--max-semi-space-size=2']
const ENRICHER = join(import.meta.dirname, '..', 'src', 'main.ts')
/** Batches made once and published over and over. */
const POOL = 32

/** Rows of the kinds that the 2018 system's file has. */
const ACL = `ping,protocol_name=ICMP
IGMP,protocol_name=IGMP
NTP,protocol_name=UDP,dst/port=123
NTP,protocol_name=UDP,src/port=123
DNS,dst/ip=8.8.8.8,dst/port=53
${['8.8.8.8', '1.1.1.1', '1.0.0.1', '9.9.9.9'].map((ip) => `secure DNS,dst/ip=${ip},dst/port=853\nsecure DNS,src/ip=${ip},src/port=853`).join('\n')}
${['cloudfront.net', 'akamaiedge.net', 'ampproject.net'].map((zone) => `CDN,src/domain=*.${zone}\nCDN,dst/domain=*.${zone}`).join('\n')}
small,protocol_name=UDP,dst/port=8888,bytes=29
google,src/arin/name=GOOGLE
google,dst/arin/name=GOOGLE
jabber,dst/port=5222
jabber,src/port=5222
`

const dir = await mkdtemp(join(tmpdir(), 'netbehave-bench-'))
const pool = workloadBatches(POOL, Date.now())
await writeFile(join(dir, 'acl.csv'), ACL)
await measure('enricher, 24 rules, raw stream to acknowledged enriched stream', 'acl.csv', { bar: 1_000_000 })
await measure('enricher, names, holders, assets from warm caches, 24 rules', 'acl.csv', { bar: 1_000_000 }, serveNames)
await measure('enricher, the shipped rules', join(import.meta.dirname, '..', 'rules.yaml'))
await rm(dir, { recursive: true, force: true })

/** A broker and an enricher with these rules; the median of all rounds. */
async function measure(
  name: string,
  rules: string,
  bar: { bar?: number } = {},
  before: (broker: TestBroker) => Promise<void> = async () => {},
): Promise<void> {
  await using broker = await startTestBroker()
  await before(broker)
  const manager = await jetstreamManager(await broker.connect('flow-admin').connected, { checkAPI: false })
  const env = { NETBEHAVE_BROKER_URL: broker.url, NETBEHAVE_DATA_DIR: dir, NETBEHAVE_LOG_LEVEL: 'warn' }
  await using enricher = startChild(process.execPath, [...NODE_FLAGS, ENRICHER], {
    cwd: dir,
    env: { ...process.env, ...env, ENRICHER_RULES: rules },
  })
  await using publisher = createPublisher(broker.connect('collector'), silentLog)
  let published = 0

  /** Publishes so many batches and waits until the enricher acknowledged them; flows per CPU-second of the enricher. */
  async function oneRound(batches: number): Promise<number> {
    const before = cpuSeconds(enricher.pid)
    const acks: Promise<boolean>[] = []
    for (let i = 0; i < batches; i++) {
      const bytes = pool[published % POOL]!
      acks.push(publisher.push({ subject: SUBJECTS.flowsRaw('home'), id: `${published++}`, bytes, flows: BATCH_FLOWS }))
      if (acks.length % POOL === 0) await acks.at(-1)
    }
    if ((await Promise.all(acks)).includes(false)) throw new Error('the broker did not take a batch')
    await until('the enricher has acknowledged everything', async () => {
      const { ack_floor } = await manager.consumers.info('FLOWS_RAW', 'enricher')
      return ack_floor.stream_seq === published
    })
    const { state } = await manager.streams.info('FLOWS')
    if (state.last_seq !== published) throw new Error(`${published} batches in, ${state.last_seq} out`)
    return (batches * BATCH_FLOWS) / (cpuSeconds(enricher.pid) - before)
  }

  await oneRound(batchesARound) // warms up: caches and compiled code
  const runs: number[] = []
  for (let i = 0; i < rounds; i++) runs.push(Math.round(await oneRound(batchesARound)))
  printResult({
    ...{ bench: 'enricher', case: name, value: median(runs), unit: 'flows/CPU-s', ...bar, better: 'more', runs },
    notes: { 'bytes a flow, raw': Math.round((pool[0]!.length / BATCH_FLOWS) * 10) / 10 },
  })
}

/** Services that know every address: two clients were told of it, a company holds it, it has a name. */
async function serveNames(broker: TestBroker): Promise<void> {
  const atMs = Date.now() - 86_400_000
  const told = (client: string, address: string) => ({
    ...{
      client,
      name: `host-${address}.${client.length}.example`,
      source: 'dns' as const,
      firstMs: atMs,
      lastMs: atMs,
    },
  })
  const block = { registry: 'arin' as const, country: '', fetchedMs: atMs }
  const options = { version: '1.0.0', description: 'for the benchmark' }
  const services = [
    endpoint(DNS_RUNS, ({ addresses }) => ({
      ...{ boot: 'bench', sequence: 1 },
      runs: addresses.map((address) => [told('192.168.0.1', address), told('192.168.3.200', address)]),
    })),
    endpoint(WHOIS_LOOKUP, ({ addresses }) => ({
      holders: addresses.map((address) => {
        const org = `Holder ${address.split('.').slice(0, 2).join('.')}`
        return {
          state: 'known' as const,
          holder: { name: org, org, startAddress: address, endAddress: address, ...block },
        }
      }),
    })),
    endpoint(IPAM_LABELS, ({ addresses }) => ({ labels: addresses.map((address) => `device ${address}`) })),
  ]
  for (const service of services) await serve(broker.connect('dns-service'), silentLog, [service], options).ready
}
