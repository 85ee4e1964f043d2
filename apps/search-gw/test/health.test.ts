import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import { publishStats } from '@netbehave/broker'
import { startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import type { CollectorReport, EnricherReport } from '@netbehave/schema'
import { startGateway, type TestGateway } from './gateway.ts'

let broker: TestBroker
let gateway: TestGateway
const GUESTS = { name: 'guests', file: 'rules.yaml', line: 1, match: 'src.net = guest', alert: ['mail'] }
const NAMED = {
  ...{ name: 'netbehave_enricher_enrich_named_total', help: 'sides of flows that got a name', type: 'counter' },
  values: [{ labels: {}, value: 2 }],
}
const publishing: Disposable[] = []
const awaitedSinceMs = Date.now() - 10 * 60_000

before(async () => {
  broker = await startTestBroker()
  gateway = await startGateway(broker.url)
  const connection = broker.connect('collector')
  const say = (app: string, instance: string, report: unknown) =>
    publishing.push(
      publishStats(connection, {
        app,
        site: 'home',
        instance,
        startedMs: 1,
        now: Date.now,
        metrics: async () => (app === 'enricher' ? [NAMED] : []),
        report: () => report,
      }),
    )
  say('collector', 'one', {
    listening: [{ address: '0.0.0.0:2055', receiveBufferBytes: 8 << 20, kernelDrops: 0 }],
    exporters: [
      {
        ip: '192.168.1.1',
        domain: 7,
        version: 9,
        firstSeenMs: awaitedSinceMs,
        lastSeenMs: Date.now(),
        datagrams: 10,
        flows: 100,
        optionsRecords: 0,
        lost: 0,
        lossUnit: 'datagrams',
        restarts: 0,
        reordered: 0,
        clockSkewMs: 0,
        sampling: 1,
        problems: {},
        templates: [{ id: 256, kind: 'data', fields: 17, recordBytes: 53, firstSeenMs: 1, lastSeenMs: 2 }],
        awaiting: [{ id: 258, sinceMs: awaitedSinceMs, heldSets: 1, heldBytes: 100, droppedSets: 0 }],
      },
    ],
  } satisfies CollectorReport)
  const rules = (hits: number): EnricherReport => ({
    rules: [
      { ...GUESTS, hits, lastMs: hits || null },
      { ...GUESTS, name: 'in vain', line: 4, match: 'src.net = guest and port = 22', hits: 0, lastMs: null },
    ],
    rulesLeftOut: 0,
    unmatched: 5,
    ruleFiles: [{ file: 'rules.yaml', rules: 1 }],
    ruleFileErrors: [],
  })
  say('enricher', 'one', rules(3))
  say('enricher', 'two', rules(4))
  say('archiver', 'one', { days: [], timeZone: 'Pacific/Auckland' })
  await until(async () => (await gateway.api('/health')).json.apps.length >= 5)
})
after(async () => {
  for (const one of publishing) one[Symbol.dispose]()
  await gateway?.[Symbol.asyncDispose]()
  await broker?.[Symbol.asyncDispose]()
})

test('health says in words what is wrong, and what runs', async () => {
  const { json } = await gateway.api('/health', { as: 'viewer' })
  assert.equal(json.status, 'degraded')
  const [finding] = json.findings
  assert.match(
    finding.sentence,
    /^192\.168\.1\.1 sends data for template 258 but has not sent the template since \d\d:\d\d UTC$/,
  )
  assert.ok(finding.remedy.length > 20)
  assert.deepEqual(json.receive[0].receiveBufferBytes, 8 << 20)
})

test('exporters come without their templates, one exporter with them', async () => {
  const [exporter] = (await gateway.api('/exporters')).json.exporters
  assert.deepEqual(
    [exporter.ip, exporter.templates, exporter.awaiting, exporter.findings.length],
    ['192.168.1.1', 1, 1, 1],
  )
  const one = (await gateway.api('/exporters/192.168.1.1')).json
  assert.deepEqual([one.domains[0].templates[0].id, one.domains[0].awaiting[0].id], [256, 258])
  assert.equal((await gateway.api('/exporters/192.0.2.1')).status, 404)
})

test('rules have their filters and the hits of all enrichers, and those in vain say why', async () => {
  const { json } = await gateway.api('/rules')
  const [guests, inVain] = json.rules
  assert.deepEqual([guests.match, guests.alert, guests.never], ['src.net = guest', ['mail'], null])
  assert.match(inVain.never, /"guests" \(rules\.yaml:1\) takes them all before/)
  assert.deepEqual([json.rules[0].hits, json.rules[0].lastMs, json.unmatched, json.enrichers], [7, 4, 10, 2])
})

test("days begin in the archiver's zone, and the first steps are told", async () => {
  assert.equal((await gateway.api('/days')).json.timeZone, 'Pacific/Auckland')
  const { steps, ports } = (await gateway.api('/first-run')).json
  assert.deepEqual([steps.packet, steps.template, steps.flow, steps.name, steps.asset], [true, true, true, true, false])
  assert.deepEqual(ports, ['0.0.0.0:2055'])
})

test('numbers are those of /metrics, with their rates', async () => {
  const { numbers } = (await gateway.api('/health/numbers')).json
  assert.ok(numbers.some(({ metric }: { metric: string }) => metric === 'netbehave_search_gw_http_answers_total'))
})
