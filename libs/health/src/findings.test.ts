import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CollectorReport, ExporterReport, SiteReport, StatsSnapshot } from '@netbehave/schema'
import { findFindings, MAX_FINDINGS, type Observation, rateOf } from './index.ts'

const NOW_MS = Date.UTC(2026, 10, 24, 14, 10)
const minutesAgo = (minutes: number) => NOW_MS - minutes * 60_000

const exporter = (members: Partial<ExporterReport> = {}): ExporterReport => ({
  ip: '192.168.1.1',
  domain: 0,
  version: 9,
  firstSeenMs: minutesAgo(600),
  lastSeenMs: NOW_MS,
  datagrams: 1000,
  flows: 24_000,
  optionsRecords: 0,
  lost: 0,
  lossUnit: 'datagrams',
  restarts: 0,
  reordered: 0,
  clockSkewMs: 0,
  sampling: 1,
  problems: {},
  templates: [],
  awaiting: [],
  ...members,
})

const snapshot = (
  app: string,
  members: Partial<StatsSnapshot> & { numbers?: Record<string, number> } = {},
): StatsSnapshot => ({
  app,
  site: 'home',
  instance: 'one',
  startedMs: 1,
  atMs: NOW_MS,
  metrics: Object.entries(members.numbers ?? {}).map(([name, value]) => ({ name, values: [{ value, labels: {} }] })),
  ...members,
})

const collector = (exporters: ExporterReport[], numbers: Record<string, number> = {}, receiveBufferBytes = 8 << 20) =>
  snapshot('collector', {
    numbers,
    report: {
      listening: [{ address: '0.0.0.0:2055', receiveBufferBytes, kernelDrops: 0 }],
      exporters,
    } satisfies CollectorReport,
  })

const observe = (collectors: StatsSnapshot[], more: Partial<Observation> = {}): Observation => ({
  nowMs: NOW_MS,
  isBrokerConnected: true,
  apps: [...collectors, snapshot('enricher'), snapshot('archiver')].map((one) => ({ snapshot: one })),
  ...more,
})
const ids = (observation: Observation) => findFindings(observation).map(({ id }) => id)

test('a system without fault has no finding', () => {
  assert.deepEqual(findFindings(observe([collector([exporter()])])), [])
})

test('a template that is awaited is told with its exporter, its number and since when', () => {
  const awaiting = [{ id: 258, sinceMs: minutesAgo(8), heldSets: 3, heldBytes: 300, droppedSets: 0 }]
  const [finding] = findFindings(observe([collector([exporter({ awaiting })])]))
  assert.equal(
    finding?.sentence,
    '192.168.1.1 sends data for template 258 but has not sent the template since 14:02 UTC',
  )
  assert.match(finding?.remedy ?? '', /v9-template-refresh/)
  const young = [{ ...awaiting[0]!, sinceMs: NOW_MS - 30_000 }]
  assert.deepEqual(ids(observe([collector([exporter({ awaiting: young })])])), [])
})

test("Docker's bridge is told when all exporters have its address, and not when one has another", () => {
  const bridge = exporter({ ip: '172.17.0.1' })
  assert.deepEqual(ids(observe([collector([bridge, { ...bridge, domain: 2 }])])), ['docker-bridge'])
  assert.deepEqual(ids(observe([collector([bridge, exporter()])])), [])
})

test('loss counts what goes on now, and from the start where nothing earlier is known', () => {
  const lossy = exporter({ lost: 100, datagrams: 10_000 })
  assert.deepEqual(ids(observe([collector([lossy])])), ['sequence-loss'])
  const now = collector([{ ...lossy, datagrams: 20_000 }])
  const apps = observe([now]).apps.map((observed) =>
    observed.snapshot === now ? { snapshot: now, earlier: collector([lossy]) } : observed,
  )
  assert.deepEqual(ids(observe([], { apps })), [])
})

test('a silent exporter, a wrong clock, sampling and malformed datagrams are told', () => {
  const odd = exporter({
    lastSeenMs: minutesAgo(30),
    clockSkewMs: -3_600_000,
    sampling: 100,
    problems: { 'set-length': 3 },
  })
  const findings = findFindings(observe([collector([odd])]))
  assert.deepEqual(
    findings.map(({ level, id }) => [level, id]),
    [
      ['warning', 'exporter-silent'],
      ['warning', 'clock-skew'],
      ['note', 'malformed'],
      ['note', 'sampled'],
    ],
  )
  assert.match(findings[1]!.sentence, /60 min ahead of ours/)
})

test('drops of the kernel and of the ring are the worst, a small buffer is their reason', () => {
  const numbers = {
    netbehave_collector_listen_kernel_drops_total: 1234,
    netbehave_collector_publish_dropped_flows_total: 5,
  }
  assert.deepEqual(ids(observe([collector([exporter()], numbers, 212_992)])), [
    'kernel-drops',
    'ring-full',
    'receive-buffer',
  ])
})

test('an app that does not report is named, and without a broker only the broker is blamed', () => {
  assert.deepEqual(
    findFindings({ nowMs: NOW_MS, isBrokerConnected: true, apps: [] }).map(({ about }) => about),
    ['collector', 'enricher', 'archiver'],
  )
  assert.deepEqual(ids({ nowMs: NOW_MS, isBrokerConnected: false, apps: [] }), ['broker-away'])
})

test('nobody sends: the note says where to', () => {
  const [finding] = findFindings(observe([collector([])]))
  assert.match(finding?.remedy ?? '', /UDP 0\.0\.0\.0:2055/)
})

test('lag, a full disk and wrong rules are told', () => {
  const apps = [
    { snapshot: collector([exporter()]) },
    { snapshot: snapshot('archiver', { numbers: { netbehave_archiver_disk_full: 1 } }) },
    {
      snapshot: snapshot('enricher', {
        report: { rules: [], rulesLeftOut: 0, unmatched: 0, ruleFiles: [], ruleFileErrors: ['rules.yaml:3: no'] },
      }),
    },
  ]
  const lag = [{ consumer: 'archiver', stream: 'FLOWS', waiting: 5000, unacknowledged: 1 }]
  assert.deepEqual(ids(observe([], { apps, lag })), ['disk-full', 'rules-wrong', 'lag'])
})

test('a service that answered the enricher and does not now is told, one that the system never had is not', () => {
  const enricher = (asked: number, failed: number, service = 'dns') =>
    snapshot('enricher', {
      metrics: [
        { name: 'netbehave_enricher_enrich_look_ups_total', values: [{ value: asked, labels: { service } }] },
        { name: 'netbehave_enricher_enrich_look_up_faults_total', values: [{ value: failed, labels: { service } }] },
      ],
    })
  const told = (earlier: StatsSnapshot | undefined, now: StatsSnapshot) => {
    const others = observe([collector([exporter()])]).apps.filter(({ snapshot: { app } }) => app !== 'enricher')
    const apps = [...others, { snapshot: now, ...(earlier && { earlier }) }]
    return findFindings(observe([], { apps })).map(({ level, sentence }) => `${level}: ${sentence}`)
  }
  const away = 'warning: dns-ingest answered before and does not now: flows go on without names that are not known yet'
  assert.deepEqual(told(enricher(10, 0), enricher(14, 4)), [away])
  assert.match(told(enricher(10, 0, 'whois'), enricher(14, 4, 'whois')).join(), /whois .* without address holders/)
  assert.deepEqual(told(enricher(10, 10), enricher(14, 14)), [], 'there is none')
  assert.deepEqual(told(enricher(10, 1), enricher(14, 2)), [], 'it missed one')
  assert.deepEqual(told(enricher(10, 4), enricher(10, 4)), [], 'nothing was asked')
  assert.deepEqual(told({ ...enricher(10, 0), startedMs: 0 }, enricher(4, 4)), [], 'another life')
  assert.deepEqual(told(undefined, enricher(14, 4)), [])
})

test('what the broker refused an app is told for each of them, only while it goes on', () => {
  for (const app of ['collector', 'search-gw', 'dns-ingest']) {
    const metric = `netbehave_${app.replaceAll('-', '_')}_broker_errors_total`
    const refused = { snapshot: snapshot(app, { numbers: { [metric]: 5 } }) }
    const others = observe([]).apps.filter(({ snapshot: other }) => other.app !== app)
    const apps = [...others, ...(app === 'collector' ? [] : [{ snapshot: collector([exporter()]) }]), refused]
    const found = findFindings(observe([], { apps })).filter(({ id }) => id === 'broker-refuses')
    assert.deepEqual(
      found.map(({ level, about, sentence }) => [level, about, sentence]),
      [['bad', `${app} home/one`, `the broker refused ${app} 5 times`]],
    )
    const over = { ...refused, earlier: refused.snapshot }
    assert.ok(!ids(observe([], { apps: [...others, over] })).includes('broker-refuses'))
  }
})

test('foreign reports and metrics break nothing, and findings are bounded', () => {
  const broken = snapshot('collector', {
    metrics: [null, 1, { name: 'x' }, { name: 'y', values: [null, {}] }],
    report: { exporters: 3 },
  })
  assert.deepEqual(ids(observe([broken])), ['no-exporter'])
  const many = Array.from({ length: 500 }, (_, i) => exporter({ ip: `10.0.${i >> 8}.${i & 255}`, sampling: 2 }))
  assert.equal(ids(observe([collector(many)])).length, MAX_FINDINGS)
})

test('a rate needs an earlier snapshot of the same life', () => {
  const then = snapshot('enricher', { atMs: NOW_MS - 5000, numbers: { n: 100 } })
  const now = snapshot('enricher', { numbers: { n: 600 } })
  assert.equal(rateOf({ snapshot: now, earlier: then }, 'n'), 100)
  assert.equal(rateOf({ snapshot: now }, 'n'), null)
  assert.equal(rateOf({ snapshot: { ...now, startedMs: 2 }, earlier: then }, 'n'), null)
})

test('a site that is not heard from is told after a minute, with since when and what it keeps; one that is behind too', () => {
  const site = {
    ...{ name: 'cabin', heardMs: minutesAgo(8), watchedSinceMs: minutesAgo(600), keepBytes: 10 * 1024 ** 3 },
    ...{ waiting: 0, waitingSinceMs: null },
  }
  const sentences = (one: Partial<SiteReport>) =>
    findFindings(observe([collector([exporter()])], { sites: [{ ...site, ...one }] })).map(({ sentence }) => sentence)
  assert.deepEqual(sentences({}), [
    'site cabin: not heard from since 14:02 UTC; its flows are kept there, up to 10.0 GiB',
  ])
  assert.deepEqual(sentences({ heardMs: null }), [
    'site cabin: not heard from at all since we began at 04:10 UTC; its flows are kept there, up to 10.0 GiB',
  ])
  assert.deepEqual(sentences({ heardMs: NOW_MS - 59_000 }), [])
  assert.deepEqual(sentences({ heardMs: null, watchedSinceMs: NOW_MS - 59_000 }), [])
  assert.deepEqual(sentences({ heardMs: NOW_MS, waiting: 1200, waitingSinceMs: minutesAgo(8) }), [
    'site cabin: 1,200 messages of flows are on their way since 14:02 UTC',
  ])
  assert.deepEqual(sentences({ heardMs: NOW_MS, waiting: 1200, waitingSinceMs: NOW_MS - 59_000 }), [])
})

test('an exporter that another collector of the site hears now is not silent, and is looked at once', () => {
  const restarted = { ...collector([exporter({ awaiting: [] })]), instance: 'one-2' }
  const before = { ...collector([exporter({ lastSeenMs: minutesAgo(30), sampling: 100 })]), instance: 'one-1' }
  assert.deepEqual(ids(observe([before, restarted])), [])
  const elsewhere = { ...restarted, site: 'cabin' }
  assert.ok(
    ids(observe([before, elsewhere])).includes('exporter-silent'),
    'another site has an exporter of this address',
  )
  const both = [before, { ...collector([exporter({ lastSeenMs: minutesAgo(20) })]), instance: 'one-2' }]
  assert.deepEqual(ids(observe(both)), ['exporter-silent'], 'told once when it is silent at both')
})
