// The enricher as a process, with rules: names on flows, reload while it runs, alerts on the stream of events, also over a kill -9.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '@netbehave/bench'
import { askStats, type Broker, consume, createPublisher } from '@netbehave/broker'
import { silentLog, startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import {
  CONSUMERS,
  decodeFlowBatch,
  EnricherReport,
  encodeFlowBatch,
  type Flow,
  RuleMatchEvent,
  SUBJECTS,
} from '@netbehave/schema'
import { batchOf, flowOf } from '../src/testing.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const MINUTE_MS = 60_000

interface RunningEnricher extends AsyncDisposable {
  kill(): Promise<void>
  readonly stderr: string
  readonly ended: Promise<number | null>
}

/** The enricher as a process of its own, in this folder. */
function startEnricher(brokerUrl: string, cwd: string, env: Record<string, string> = {}): RunningEnricher {
  const child = spawn(process.execPath, [MAIN], {
    cwd,
    env: { ...process.env, NETBEHAVE_BROKER_URL: brokerUrl, ENRICHER_RULES_INTERVAL_MS: '20', ...env },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return {
    ended,
    get stderr() {
      return stderr
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function folder(texts: Record<string, string>) {
  const path = mkdtempSync(join(tmpdir(), 'netbehave-enricher-'))
  const write = (name: string, text: string) => writeFileSync(join(path, name), text)
  for (const [name, text] of Object.entries(texts)) write(name, text)
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

/** Sends batches, and tells which rule each flow that came out has. */
function sender(broker: TestBroker) {
  const publisher = createPublisher(broker.connect('collector'), silentLog)
  let sent = 0
  const enriched: Flow[] = []
  const reading = consume(broker.connect('archiver'), CONSUMERS.archiver, silentLog, (message) => {
    const batch = decodeFlowBatch(message.bytes)
    for (let i = 0; i < batch.length; i++) enriched.push(batch.row(i))
    message.ack()
  })
  return {
    async send(flows: readonly Flow[], receivedMs = Date.now()): Promise<void> {
      const bytes = encodeFlowBatch(batchOf(flows, receivedMs))
      const message = { subject: SUBJECTS.flowsRaw('home'), id: `raw-${sent++}`, bytes, flows: flows.length }
      assert.equal(await publisher.push(message), true)
    },
    enriched,
    /** Rule of the newest flow once `count` came. */
    async ruleOf(count: number): Promise<string | undefined> {
      await until(`${count} flows`, () => (enriched.length >= count ? true : undefined))
      return enriched[count - 1]!.rule
    },
    async [Symbol.asyncDispose]() {
      await reading[Symbol.asyncDispose]()
      await publisher[Symbol.asyncDispose]()
    },
  }
}

/** Everything on the stream of events. */
async function readEvents(broker: TestBroker): Promise<RuleMatchEvent[]> {
  const js = await broker.connect('flow-admin').jetstream()
  const manager = await js.jetstreamManager()
  const { state } = await manager.streams.info('EVENTS')
  const events: RuleMatchEvent[] = []
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await manager.streams.getMessage('EVENTS', { seq })
    assert.equal(message?.subject, 'events.rule.match')
    events.push(RuleMatchEvent.parse(message.json()))
  }
  return events
}

async function reportOf(broker: Broker): Promise<EnricherReport> {
  const snapshot = (await askStats(broker)).find(({ app }) => app === 'enricher')
  return EnricherReport.parse(snapshot?.report)
}

/** All raw batches are acknowledged. */
async function untilSettled(broker: TestBroker): Promise<void> {
  const manager = await (await broker.connect('flow-admin').jetstream()).jetstreamManager()
  await until('every raw batch is acknowledged', async () => {
    const { num_pending: waiting, num_ack_pending: pending } = await manager.consumers.info('FLOWS_RAW', 'enricher')
    return waiting === 0 && pending === 0 ? true : undefined
  })
}

test('rules are reloaded while it runs, a wrong file keeps the last good ones, and the report says so', async () => {
  await using broker = await startTestBroker()
  using dir = folder({ 'rules.yaml': '- {name: first, match: port = 443}\n', 'acl.csv': 'ping,protocol_name=ICMP\n' })
  await using enricher = startEnricher(broker.url, dir.path)
  await using flows = sender(broker)
  const asking = broker.connect('analyst')
  await flows.send([flowOf({ protocol: 1, dstPort: 2048 }), flowOf()])
  assert.equal(await flows.ruleOf(2), 'first')
  assert.equal(flows.enriched[0]!.rule, 'ping')

  dir.write('rules.yaml', '- {name: second, match: port = 443}\n')
  await until(
    'the change is in force',
    () => /"rules":2,"msg":"rules are in force".*"rules are in force"/s.exec(enricher.stderr)?.[0],
  )
  await flows.send([flowOf()])
  assert.equal(await flows.ruleOf(3), 'second')

  dir.write('rules.yaml', '- {name: third, match: prot = 443}\n')
  const broken = await until('the mistake is reported', async () => {
    const report = await reportOf(asking)
    return report.ruleFileErrors.length > 0 ? report : undefined
  })
  assert.match(broken.ruleFileErrors[0]!, /^rules\.yaml:1:24: rule "third": there is no field "prot".*did you mean/s)
  assert.match(enricher.stderr, /the rules from before stay in force/)
  await flows.send([flowOf()])
  assert.equal(await flows.ruleOf(4), 'second')
  const { rules, ruleFiles, unmatched } = await reportOf(asking)
  assert.deepEqual(
    rules.map(({ name, file, line, hits }) => [name, file, line, hits]),
    [
      ['second', 'rules.yaml', 1, 2],
      ['ping', 'acl.csv', 1, 1],
    ],
  )
  assert.deepEqual(ruleFiles, [
    { file: 'rules.yaml', rules: 1 },
    { file: 'acl.csv', rules: 1 },
  ])
  assert.equal(unmatched, 0)
  const snapshot = (await askStats(asking)).find(({ app }) => app === 'enricher')!
  const metric = (name: string) =>
    (snapshot.metrics as { name: string; values: { labels: object; value: number }[] }[]).find(
      (one) => one.name === `netbehave_enricher_${name}`,
    )!.values
  assert.equal(metric('match_rules_good')[0]!.value, 0)
  assert.deepEqual(
    metric('match_rule_flows_total').map(({ labels, value }) => [labels, value]),
    [
      [{ rule: 'second' }, 2],
      [{ rule: 'ping' }, 1],
    ],
  )

  dir.write('rules.yaml', '- {name: third, match: port = 443}\n')
  await until('it is mended', async () => ((await reportOf(asking)).ruleFileErrors.length === 0 ? true : undefined))
  await flows.send([flowOf()])
  assert.equal(await flows.ruleOf(5), 'third')
})

test('without files of its own it has the shipped rules; a file that is named and not there is exit code 78', async () => {
  await using broker = await startTestBroker()
  using dir = folder({})
  await using _enricher = startEnricher(broker.url, dir.path)
  await using flows = sender(broker)
  await flows.send([flowOf({ protocol: 17, dstPort: 53 })])
  assert.equal(await flows.ruleOf(1), 'DNS to outside')
  const wrong = startEnricher(broker.url, dir.path, { ENRICHER_RULES: 'mine.yaml' })
  assert.equal(await wrong.ended, 78)
  assert.match(wrong.stderr, /cannot read rules from mine\.yaml/)
})

const TELNET = `
- name: telnet
  match: dst.port = 23
  alert: [mail]
  severity: critical
- name: web
  match: dst.port = 443
`

test('a rule with an alert is told of once per source and minute, with how many and the first flow', async () => {
  await using broker = await startTestBroker()
  using dir = folder({ 'rules.yaml': TELNET })
  // Whole minutes of the past: the collector's times decide, as when a backlog is worked off.
  const minuteMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 10 * MINUTE_MS
  await using flows = sender(broker)
  const telnet = (srcIp: string, bytes = 1) => flowOf({ srcIp, dstPort: 23, bytes })
  await flows.send([flowOf(), telnet('10.0.0.1', 77), telnet('10.0.0.2'), telnet('10.0.0.1')], minuteMs)
  for (let i = 1; i <= 20; i++) await flows.send([telnet('10.0.0.1', i), flowOf()], minuteMs + i * 1000)
  await flows.send([telnet('10.0.0.1', 99)], minuteMs + MINUTE_MS)
  {
    await using _enricher = startEnricher(broker.url, dir.path)
    await untilSettled(broker)
  }
  const events = await readEvents(broker)
  const bySource = (source: string) => events.filter((event) => event.source === source)
  assert.deepEqual(
    bySource('10.0.0.2').map(({ minuteMs: at, count }) => [at, count]),
    [[minuteMs, 1]],
  )
  const counts = bySource('10.0.0.1')
  assert.equal(counts[0]!.count, 2)
  assert.deepEqual(counts[0], {
    ...{ rule: 'telnet', severity: 'critical', alert: ['mail'], site: 'home', source: '10.0.0.1', minuteMs, count: 2 },
    first: { ...telnet('10.0.0.1', 77), rule: 'telnet', service: 'telnet', serviceSide: 2 },
  })
  // What matched later in the minute is in the next minute's event, and no minute has two.
  assert.equal(new Set(counts.map(({ minuteMs: at }) => at)).size, counts.length)
  assert.equal(
    counts.reduce((sum, { count }) => sum + count, 0),
    23,
  )
})

test('two enrichers tell of a rule and source once a minute together, and count every match once', async () => {
  await using broker = await startTestBroker()
  using dir = folder({ 'rules.yaml': TELNET })
  const minuteMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 60 * MINUTE_MS
  await using flows = sender(broker)
  await using _one = startEnricher(broker.url, dir.path, { NETBEHAVE_INSTANCE: 'one' })
  await using _two = startEnricher(broker.url, dir.path, { NETBEHAVE_INSTANCE: 'two' })
  const analyst = broker.connect('analyst')
  await until('both run', async () => (await askStats(analyst)).filter(({ app }) => app === 'enricher').length === 2)
  for (let i = 0; i < 60; i++) await flows.send([flowOf({ srcIp: '10.0.0.1', dstPort: 23 })], minuteMs)
  let events: RuleMatchEvent[] = []
  const counted = () => events.reduce((sum, { count }) => sum + count, 0)
  await until(
    'every match is told of',
    async () => {
      events = await readEvents(broker)
      return counted() >= 60
    },
    { lastSeen: counted },
  )
  assert.equal(counted(), 60)
  assert.equal(new Set(events.map(({ minuteMs: at }) => at)).size, events.length)
})

test('killed with -9 again and again, it tells of every match, and of none twice', async () => {
  await using broker = await startTestBroker()
  using dir = folder({ 'rules.yaml': TELNET })
  const manager = await (await broker.connect('flow-admin').jetstream()).jetstreamManager()
  // What a killed enricher holds comes again after ack_wait (60 s); the test asks the server for half a second.
  await manager.consumers.update('FLOWS_RAW', CONSUMERS.enricher.durable, { ack_wait: 500_000_000 })
  await using flows = sender(broker)
  const minuteMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 10 * MINUTE_MS
  const sources = Array.from({ length: 300 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
  const sendAll = async () => {
    for (const srcIp of sources) await flows.send([flowOf({ srcIp, dstPort: 23 })], minuteMs)
  }
  const sending = sendAll()
  for (let kills = 0; kills < 3; kills++) {
    await using killed = startEnricher(broker.url, dir.path)
    const before = (await manager.streams.info('EVENTS')).state.messages
    await until('it has told of something', async () =>
      (await manager.streams.info('EVENTS')).state.messages > before ? true : undefined,
    )
    await killed.kill()
    if (kills === 0) await sending
  }
  {
    await using _last = startEnricher(broker.url, dir.path)
    await untilSettled(broker)
  }
  const events = await readEvents(broker)
  const told = events.filter((event) => event.minuteMs === minuteMs).map(({ source }) => source)
  assert.deepEqual([...told].sort(), [...sources].sort())
  assert.deepEqual(
    [...new Set(flows.enriched.map(({ srcIp, rule }) => `${srcIp} ${rule}`))].sort(),
    sources.map((source) => `${source} telnet`).sort(),
  )
  assert.equal(flows.enriched.length, sources.length)
})
