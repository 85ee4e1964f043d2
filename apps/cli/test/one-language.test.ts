// The same flows and the same filter: what `tail` shows, what `search` finds and what `rules test` names are the same flows. All
// three are the real commands. The flows go the real way: published on the broker of a running copy, archived by its archiver.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import { type Broker, connectBroker, createPublisher } from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { openHistory } from '@netbehave/history'
import { encodeFlowBatch, type Flow, type FlowBatch, SUBJECTS } from '@netbehave/schema'
import { stringify } from 'yaml'
import { runProgram } from '../src/program.ts'
import { makeBatch } from './batch.ts'
import { type Running, startCommand, type TemporaryFolder, temporaryFolder, untilReady } from './command.ts'

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
    'exporter.version exists',
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

/** No rules: a rule has a condition, and cannot ask which rule named the flow, which is decided by it. */
const NOT_AS_RULE = new Set([
  '',
  'rule=ping',
  'rule != ping',
  'protocol=tcp dst.port=443 and not bytes > 10M or rule exists',
])

/** More of them at once would be slower to show a batch than the next one comes. */
const TAILS_AT_ONCE = 8

/** The flows of each filter that a command gave, by their source ports. */
type Matches = ReadonlyMap<string, ReadonlySet<number>>

let folder: TemporaryFolder
let up: Running
let broker: Broker
let batch: FlowBatch
let published = 0

async function publish(): Promise<void> {
  await using publisher = createPublisher(broker, silentLog)
  const subject = SUBJECTS.flowsEnriched('home')
  const message = { subject, id: `test-${published++}`, bytes: encodeFlowBatch(batch), flows: FLOWS.length }
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
  broker = connectBroker(
    { brokerUrl: nats, brokerKeys: join(folder.path, 'nats', 'keys'), instance: 'test' },
    'enricher',
    silentLog,
  )
  await broker.connected
  const nowMs = Date.now()
  const flows = FLOWS.map((flow, i) => ({ firstMs: nowMs - 5000, lastMs: nowMs - 5000 + (i % 3) * 1000, ...flow }))
  batch = makeBatch(flows, nowMs)
  await publish()
  await using history = openHistory({ dataDir: folder.path })
  await until('the flows are archived', async () => (await history.count({})).flows === FLOWS.length)
})

after(async () => {
  await broker?.[Symbol.asyncDispose]()
  await up[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** A command in this process: a hundred of them would take a minute as processes. */
function startHere(args: readonly string[]) {
  const stop = new AbortController()
  const text = { stdout: '', stderr: '' }
  const take = (name: 'stdout' | 'stderr') =>
    new PassThrough().setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
    })
  const [stdout, stderr] = [take('stdout'), take('stderr')]
  const environment = { env: {}, stdin: Readable.from([]), stdout, stderr, now: Date.now, stop: stop.signal }
  return { text, stop, ended: runProgram(args, environment) }
}

async function runHere(...args: string[]): Promise<string> {
  const { text, ended } = startHere(args)
  assert.equal(await ended, 0, `${args.join(' ')}: ${text.stderr}`)
  return text.stdout
}

const portsOf = (lines: string, fits: (flow: Flow) => boolean = () => true): Set<number> =>
  new Set(
    lines
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Flow]))
      .filter(fits)
      .map(({ srcPort }) => srcPort)
      .sort((a, b) => a - b),
  )

async function searchAll(): Promise<Matches> {
  const found = new Map<string, Set<number>>()
  for (const filter of FILTERS) {
    const lines = await runHere('search', '--data', folder.path, '-o', 'json', '--limit', '1000000', filter)
    found.set(filter, portsOf(lines))
  }
  return found
}

async function testAllAsRules(): Promise<Matches> {
  const flows = join(folder.path, 'flows.ndjson')
  const rules = join(folder.path, 'rules-under-test.yaml')
  await writeFile(flows, FLOWS.map((_, i) => `${JSON.stringify(batch.row(i))}\n`).join(''))
  const named = new Map<string, Set<number>>()
  for (const filter of FILTERS) {
    if (NOT_AS_RULE.has(filter)) continue
    await writeFile(rules, stringify([{ name: 'under test', match: filter }]))
    const lines = await runHere('rules', 'test', flows, '--rules', rules, '-o', 'json')
    named.set(
      filter,
      portsOf(lines, ({ rule }) => rule === 'under test'),
    )
  }
  return named
}

/** What tails of all filters show, a few at a time. */
async function tailAll(matching: ReadonlySet<string>): Promise<Matches> {
  const shown = new Map<string, ReadonlySet<number>>()
  for (let at = 0; at < FILTERS.length; at += TAILS_AT_ONCE) {
    const some = await tailTogether(FILTERS.slice(at, at + TAILS_AT_ONCE), matching)
    for (const [filter, ports] of some) shown.set(filter, ports)
  }
  return shown
}

/** On the same batches: each tail whose filter matches anything has shown it, then one more batch comes. */
async function tailTogether(filters: readonly string[], matching: ReadonlySet<string>): Promise<Matches> {
  const tails = new Map(
    filters.map((filter) => [filter, startHere(['tail', '--data', folder.path, '-o', 'json', filter])]),
  )
  const untilShown = (what: string) =>
    until(what, async () => {
      await publish()
      return [...tails].every(([filter, { text }]) => !matching.has(filter) || text.stdout !== '')
    })
  await untilShown('every tail has shown flows')
  for (const { text } of tails.values()) text.stdout = ''
  await untilShown('every tail has shown flows again')
  for (const { stop } of tails.values()) stop.abort()
  for (const { ended } of tails.values()) assert.equal(await ended, 0)
  return new Map([...tails].map(([filter, { text }]) => [filter, portsOf(text.stdout)]))
}

test('tail, search and rules test give the same flows, for every kind of condition', async () => {
  const found = await searchAll()
  const named = await testAllAsRules()
  const shown = await tailAll(new Set(FILTERS.filter((filter) => found.get(filter)!.size > 0)))
  for (const filter of FILTERS) {
    assert.deepEqual([...shown.get(filter)!], [...found.get(filter)!], `tail and search: ${filter}`)
    if (!NOT_AS_RULE.has(filter))
      assert.deepEqual([...named.get(filter)!], [...found.get(filter)!], `rules test and search: ${filter}`)
  }
  // A filter that matches all or none shows little; nearly all match some.
  const strict = FILTERS.filter((filter) => found.get(filter)!.size % FLOWS.length > 0).length
  assert.ok(strict > FILTERS.length - 10, `${strict} of ${FILTERS.length} filters match some flows and not all`)
  assert.ok(named.size > FILTERS.length - 6)
})
