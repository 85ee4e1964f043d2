// The same flows and the same filter: what tail shows, what search finds and what a rule names are the same flows. The flows
// go the real way: published on the broker of a running copy, archived by its archiver.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Broker, connectBroker, createPublisher } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { compile, compileRules, parse } from '@netbehave/filter'
import { type History, openHistory } from '@netbehave/history'
import { decodeFlowBatch, encodeFlowBatch, type Flow, type FlowBatch, SUBJECTS } from '@netbehave/schema'
import { makeBatch } from './batch.ts'
import {
  type Running,
  runCommand,
  startCommand,
  type TemporaryFolder,
  temporaryFolder,
  until,
  untilReady,
} from './command.ts'

/** Each flow has a source port of its own, by which it is known. */
const FLOWS: readonly Partial<Flow>[] = [
  {
    srcIp: '192.168.1.7',
    dstIp: '203.0.113.5',
    dstPort: 443,
    protocol: 6,
    tcpFlags: 27,
    bytes: 12_000_000,
    packets: 9000,
  },
  { srcIp: '192.168.1.8', dstIp: '203.0.113.5', dstPort: 443, protocol: 6, tcpFlags: 2, bytes: 40, packets: 1 },
  { srcIp: '192.168.1.7', dstIp: '9.9.9.9', dstPort: 853, protocol: 6, dstName: 'dns9.quad9.net', service: 'domain-s' },
  { srcIp: '192.168.1.9', dstIp: '8.8.8.8', dstPort: 53, protocol: 17, dstName: 'DNS.Google', dstOrg: 'GOOGLE LLC' },
  { srcIp: '8.8.8.8', dstIp: '192.168.1.9', dstPort: 5000, protocol: 17, srcName: 'dns.google', srcOrg: 'Google' },
  { srcIp: '10.0.0.1', dstIp: '10.0.0.1', dstPort: 123, protocol: 17, srcNet: 'home', dstNet: 'home' },
  { srcIp: '10.0.0.1', dstIp: '10.1.0.1', dstPort: 123, protocol: 17, srcNet: 'home', dstNet: 'guest', vlan: 7 },
  { srcIp: '0.0.0.0', dstIp: '255.255.255.255', dstPort: 67, protocol: 17, srcAsset: 'Drucker Büro', bytes: 328 },
  { srcIp: '192.168.1.7', dstIp: '192.168.1.1', dstPort: 2048, protocol: 1, tos: 184, direction: 0, inIf: 3 },
  { srcIp: '192.168.1.7', dstIp: '198.51.100.9', dstPort: 80, protocol: 6, natSrcIp: '203.0.113.77', denat: 2 },
  {
    srcIp: '2001:db8::7',
    dstIp: '2001:db8:1::1',
    dstPort: 443,
    protocol: 6,
    dstName: 'www.example.com',
    sampling: 100,
  },
  {
    srcIp: 'fe80::1',
    dstIp: 'ff02::fb',
    dstPort: 5353,
    protocol: 17,
    srcMac: '00:1b:21:0a:0b:0c',
    exporter: '10.0.0.254',
  },
  { srcIp: '2001:db8::8', dstIp: '2001:db8::7', dstPort: 135 * 256, protocol: 58, direction: 1, rule: 'ping' },
  { srcIp: '192.168.1.7', dstIp: '203.0.113.9', dstPort: 8888, protocol: 17, bytes: 29, dstName: 'a*b_c%d.example' },
].map((flow, i) => ({ bytes: 1000 + i, packets: i + 1, ...flow, srcPort: 1001 + i }))

const FILTERS = [
  ...['', 'protocol=tcp', 'proto != udp', 'protocol in (icmp, ICMPv6)', 'ip_version=6', 'src.ip=192.168.1.7'],
  ...[
    'dst.ip != 203.0.113.5',
    'ip=8.8.8.8',
    'ip != 8.8.8.8',
    'src.ip=192.168.1.0/29',
    'ip=2001:db8::/32',
    'dst/ip=10.*',
  ],
  ...[
    'src.ip=192.168.1.7..192.168.1.8',
    'src.ip=0.0.0.0',
    'dst.port=https',
    'port=5000..6000',
    'port in (53, 853, 1003)',
  ],
  ...['dst.port > 1024', 'dst.port <= 80', 'bytes > 10M', 'bytes=29', 'packets=1k..10k', 'bytes >= 1Ki', 'bytes != 40'],
  ...[
    'dst.name=dns.google',
    'name=*.google',
    'name != dns.google',
    'not name=dns.google',
    'dst.name ~ EXAMPLE',
    'dst.name !~ example',
  ],
  ...[
    'dst.name="a\\*b_c%d.example"',
    'dst.name=a*d.example',
    'name exists',
    'not dst.name exists',
    'src/domain=*google',
  ],
  ...[
    'dst.org="google llc"',
    'org=google*',
    'src/arin/name=GOOGLE',
    'asset ~ büro',
    'asset="drucker BÜRO"',
    'service exists',
  ],
  ...['src.net=home', 'net=guest', 'net != guest', 'src.net != @dst.net', 'src.ip=@dst.ip', 'src.port < @dst.port'],
  ...[
    'flags ~ SYN',
    'flags=SYN',
    'flags !~ SYN+ACK',
    'tos=184',
    'vlan=7',
    'vlan exists',
    'direction=ingress',
    'direction=egress',
  ],
  ...[
    'in.if=3',
    'src.mac=00:1b:21:*',
    'mac exists',
    'exporter=10.0.0.254',
    'nat=remembered',
    'nat.src.ip=203.0.113.0/24',
  ],
  ...[
    'sampling=100',
    'sampling > 1',
    'rule=ping',
    'rule != ping',
    'site=home',
    'site != home',
    'duration >= 1s',
    'duration=0',
  ],
  ...[
    'google',
    'example.com',
    '192.168.1',
    '"drucker"',
    'dns*',
    'not (protocol=tcp or port=53)',
    'protocol=udp, bytes=29',
  ],
  ...[
    'protocol=tcp dst.port=443 and not bytes > 10M or rule exists',
    'ip=192.168.1.0/24 -port=443',
    'bytes=29 or bytes=40 or vlan=7',
  ],
]

let folder: TemporaryFolder
let up: Running
let broker: Broker
let history: History
let batch: FlowBatch
let bytes: Uint8Array
let published = 0

const portsOf = (flows: readonly Flow[]) => flows.map(({ srcPort }) => srcPort).sort((a, b) => a - b)
const fromLines = (text: string) => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Flow]))

/** What tail prints: the predicate over the batch as it comes from the broker. */
function seenLive(filter: string): number[] {
  const matches = compile(parse(filter)).bind(batch)
  return portsOf(FLOWS.flatMap((_, i) => (matches(i) ? [batch.row(i)] : [])))
}

async function publish(): Promise<void> {
  await using publisher = createPublisher(broker, silentLog)
  const subject = SUBJECTS.flowsEnriched('home')
  const message = { subject, id: `test-${published++}`, bytes, flows: FLOWS.length }
  assert.ok(await publisher.push(message))
}

before(async () => {
  folder = await temporaryFolder()
  const args = ['--data', folder.path, '--listen', '127.0.0.1:0', '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0']
  up = startCommand(['up', ...args, '--json'], {
    cwd: folder.path,
    env: { ARCHIVER_FLUSH_INTERVAL_MS: '200', NETBEHAVE_LOG_LEVEL: 'warn' },
  })
  const { nats } = await untilReady(up)
  broker = connectBroker({ brokerUrl: nats, instance: 'test' }, 'enricher', silentLog)
  await broker.connected
  const nowMs = Date.now()
  const flows = FLOWS.map((flow, i) => ({ firstMs: nowMs - 5000, lastMs: nowMs - 5000 + (i % 3) * 1000, ...flow }))
  bytes = encodeFlowBatch(makeBatch(flows, nowMs))
  batch = decodeFlowBatch(bytes)
  history = openHistory({ dataDir: folder.path })
  await publish()
  await until('the flows are archived', async () => (await history.count({})).flows === FLOWS.length)
})

after(async () => {
  await history?.[Symbol.asyncDispose]()
  await broker?.[Symbol.asyncDispose]()
  await up[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test('search finds what tail shows and what a rule names, for every kind of condition', async () => {
  const different: unknown[] = []
  let strict = 0
  for (const filter of FILTERS) {
    const found: Flow[] = []
    for await (const flow of history.search({ filter: parse(filter), order: 'any' })) found.push(flow)
    const named = compileRules([parse(filter)]).bind(batch)
    const byRule = portsOf(FLOWS.flatMap((_, i) => (named[i] !== 0 ? [batch.row(i)] : [])))
    const [live, past] = [seenLive(filter), portsOf(found)]
    if (String(live) !== String(past) || String(live) !== String(byRule)) different.push({ filter, live, past, byRule })
    if (live.length > 0 && live.length < FLOWS.length) strict++
  }
  assert.deepEqual(different, [])
  // A filter that matches all or none shows little; nearly all match some.
  assert.ok(strict > FILTERS.length - 10, `${strict} of ${FILTERS.length} filters match some flows and not all`)
})

test('the commands print the same flows', async () => {
  for (const filter of ['name=*.google', 'not (protocol=tcp or port=53)', 'ip=2001:db8::/32 or asset ~ büro']) {
    const expected = seenLive(filter)
    const args = ['--data', folder.path, '-o', 'json', filter]
    const searched = await runCommand(['search', ...args])
    assert.deepEqual([...new Set(portsOf(fromLines(searched.stdout)))], expected, searched.stderr)
    // A batch is shown as a whole, so the first that tail sees fills its limit.
    await using tail = startCommand(['tail', '--limit', String(expected.length), ...args])
    const { stdout } = await until('tail has seen one batch', async () => {
      await publish()
      return Promise.race([tail.ended, new Promise<undefined>((resolve) => setTimeout(resolve, 300, undefined))])
    })
    assert.deepEqual(portsOf(fromLines(stdout)), expected)
  }
})
