import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRules } from '@netbehave/filter/rules'
import type { Flow, FlowBatch } from '@netbehave/schema'
import { AlertTable } from './alert-table.ts'
import { createMatch, REPORTED_FILTERS_LENGTH, REPORTED_RULES } from './match.ts'
import { batchOf, flowOf } from './testing.ts'

const NOW = 1_767_700_002_000

function matchOf(yaml: string) {
  const match = createMatch(new AlertTable(100))
  const setRules = (text: string) => {
    const { rules, findings } = parseRules(text)
    assert.deepEqual(findings, [])
    match.setRules(rules)
  }
  setRules(yaml)
  return { match, setRules, run: (batch: FlowBatch, redelivered = false) => match.match(batch, redelivered, NOW) }
}

const namesOf = (batch: FlowBatch): (string | undefined)[] =>
  Array.from({ length: batch.length }, (_, i) => batch.row(i).rule)

const RULES = `
- name: dns
  match: port = 53
- name: web
  match: port in (80, 443)
- name: secure web
  match: port = 443
`

test('the first rule that matches names the flow; a flow that none matches has no name', () => {
  const { run } = matchOf(RULES)
  const flows = [443, 53, 9, 80].map((dstPort) => flowOf({ dstPort }))
  assert.deepEqual(namesOf(run(batchOf(flows)).batch), ['web', 'dns', undefined, 'web'])
})

test('a batch that one rule names whole, or none, carries no column for it', () => {
  const { run } = matchOf(RULES)
  const all = run(batchOf([flowOf(), flowOf({ dstPort: 80 })])).batch
  assert.deepEqual([all.fields.cols.rule, all.row(1).rule], [1, 'web'])
  const none = run(batchOf([flowOf({ dstPort: 9 })])).batch
  assert.equal(none.has('rule'), false)
})

test('rules of one name are one entry of the dictionary', () => {
  const { run } = matchOf('- {name: ntp, match: src.port = 123}\n- {name: ntp, match: dst.port = 123}\n')
  const { batch } = run(batchOf([flowOf({ srcPort: 123 }), flowOf({ dstPort: 123 }), flowOf()]))
  assert.deepEqual(batch.texts('rule'), ['', 'ntp'])
  assert.deepEqual(namesOf(batch), ['ntp', 'ntp', undefined])
})

test('more than 255 names in one batch stay what they are', () => {
  const yaml = Array.from({ length: 400 }, (_, i) => `- {name: rule ${i}, match: dst.port = ${i}}`).join('\n')
  const { run } = matchOf(yaml)
  const flows = Array.from({ length: 400 }, (_, dstPort) => flowOf({ dstPort }))
  assert.deepEqual(
    namesOf(run(batchOf(flows)).batch),
    flows.map(({ dstPort }) => `rule ${dstPort}`),
  )
})

test('what a batch says of rules itself does not count', () => {
  const { run } = matchOf(`${RULES}- {name: forged, match: evil}\n`)
  const { batch } = run(batchOf([flowOf({ rule: 'evil', dstPort: 9 }), flowOf({ rule: 'evil' })]))
  assert.deepEqual(namesOf(batch), [undefined, 'web'])
  assert.deepEqual(namesOf(run(batchOf([flowOf({ rule: 'evil', dstPort: 9 })])).batch), [undefined])
})

test('hits are counted by rule, with the time of the newest, and kept over a reload where the rule is the same', () => {
  const { match, setRules, run } = matchOf(RULES)
  run(batchOf([flowOf(), flowOf(), flowOf({ dstPort: 9 })], NOW))
  assert.deepEqual(
    match.report().map(({ name, line, hits, lastMs }) => [name, line, hits, lastMs]),
    [
      ['dns', 2, 0, null],
      ['web', 4, 2, NOW],
      ['secure web', 6, 0, null],
    ],
  )
  assert.equal(match.unmatched, 1)
  setRules(
    '- {name: nine, match: dst.port = 9}\n- {name: web, match: "port in (80, 443)"}\n- {name: web, match: port = 8080}\n',
  )
  run(batchOf([flowOf({ dstPort: 9 }), flowOf({ dstPort: 8080 })]))
  assert.deepEqual(
    match.report().map(({ hits }) => hits),
    [1, 2, 1],
  )
  assert.deepEqual([...match.hitsByName()], Object.entries({ nine: 1, web: 3 }))
  assert.equal(match.unmatched, 1)
})

test('a report says what each rule asks and who is told', () => {
  const { match } = matchOf('- {name: web, match: port == 443, alert: [mail]}\n')
  const [{ name, match: filter, alert }] = match.report() as [ReturnType<typeof match.report>[number]]
  assert.deepEqual([name, filter, alert], ['web', 'port = 443', ['mail']])
})

test('filters for which a report has no room are left out of it, shorter ones after them are not', () => {
  const long = `dst.name in (${Array.from({ length: 100 }, (_, i) => `${'x'.repeat(30)}${i}`).join(', ')})`
  const yaml = Array.from({ length: 65 }, (_, i) => `- {name: rule ${i}, match: "${long}"}`)
  const { match } = matchOf([...yaml, '- {name: last, match: port = 443}'].join('\n'))
  const filters = match.report().map((rule) => rule.match)
  const length = filters.reduce((sum, text) => sum + (text?.length ?? 0), 0)
  assert.ok(length <= REPORTED_FILTERS_LENGTH && length > REPORTED_FILTERS_LENGTH - long.length - 100, `${length}`)
  assert.deepEqual([filters[0] === null, filters.at(-2), filters.at(-1)], [false, null, 'port = 443'])
})

test('report and metrics are bounded', () => {
  const yaml = Array.from({ length: REPORTED_RULES + 50 }, (_, i) => `- {name: rule ${i}, match: dst.port = ${i}}`)
  const { match, run } = matchOf(yaml.join('\n'))
  run(batchOf([flowOf({ dstPort: REPORTED_RULES }), flowOf({ dstPort: REPORTED_RULES + 1 })]))
  assert.equal(match.report().length, REPORTED_RULES)
  assert.equal(match.hitsByName().size, REPORTED_RULES + 1)
  assert.equal(match.hitsByName().get('(other)'), 2)
})

const ALERT = `
- name: telnet
  match: dst.port = 23
  alert: [mail, ntfy]
  severity: critical
  note: nobody should
- name: web
  match: dst.port = 443
`

test('a rule with an alert gives one event for each source, with how many, and the first flow', () => {
  const { run } = matchOf(ALERT)
  const telnet = (srcIp: string, bytes = 1): Flow => flowOf({ srcIp, bytes, dstPort: 23 })
  const { events } = run(
    batchOf([flowOf(), telnet('10.0.0.1', 7), telnet('2001:db8::1'), telnet('10.0.0.1'), telnet('10.0.0.2')]),
  )
  assert.deepEqual(
    events.map(({ source, count }) => [source, count]),
    [
      ['10.0.0.1', 2],
      ['2001:db8::1', 1],
      ['10.0.0.2', 1],
    ],
  )
  assert.deepEqual(events[0], {
    ...{ rule: 'telnet', severity: 'critical', alert: ['mail', 'ntfy'], note: 'nobody should', site: 'home' },
    ...{ source: '10.0.0.1', minuteMs: Math.floor(NOW / 60_000) * 60_000, count: 2 },
    first: { ...telnet('10.0.0.1', 7), rule: 'telnet' },
  })
})

test('in one minute the second batch gives no event, a rule without an alert none at all', () => {
  const { run } = matchOf(ALERT)
  const batch = batchOf([flowOf({ dstPort: 23 })], NOW)
  assert.equal(run(batch).events.length, 1)
  assert.equal(run(batch).events.length, 0)
  assert.equal(run(batchOf([flowOf()])).events.length, 0)
})

test('flows that an earlier rule names do not set off a later one', () => {
  const { run } = matchOf(
    '- {name: known, match: src.ip = 10.0.0.1}\n- {name: telnet, match: dst.port = 23, alert: mail}\n',
  )
  const { events } = run(
    batchOf([flowOf({ srcIp: '10.0.0.1', dstPort: 23 }), flowOf({ srcIp: '10.0.0.2', dstPort: 23 })]),
  )
  assert.deepEqual(
    events.map(({ source }) => source),
    ['10.0.0.2'],
  )
})
