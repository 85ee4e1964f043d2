import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse, print } from '../index.ts'
import { parseRules, RULE_LIMITS, showRuleFinding } from './index.ts'

/** Findings as they are shown. */
const shown = (yaml: string) => parseRules(yaml).findings.map(showRuleFinding)

test('a rule has a name and a filter, and may have alert, severity and note', () => {
  const { rules, findings } = parseRules(`# ours
- name: ping
  match: protocol = ICMP
- name: backup at night
  match: "src.name = *.example.com, bytes > 10M"
  alert: [mail, ntfy]
  severity: critical
  note: ask the owner
`)
  assert.deepEqual(findings, [])
  assert.deepEqual(rules, [
    {
      ...{ name: 'ping', filter: parse('protocol = ICMP'), alert: [], severity: 'warning', note: undefined },
      ...{ file: 'rules.yaml', line: 2 },
    },
    {
      ...{
        name: 'backup at night',
        filter: parse('src.name = *.example.com and bytes > 10M'),
        alert: ['mail', 'ntfy'],
      },
      ...{ severity: 'critical', note: 'ask the owner', file: 'rules.yaml', line: 4 },
    },
  ])
})

test('one channel needs no list, a number is a text, and an empty filter names every flow', () => {
  const { rules, findings } = parseRules('- {name: 443, match: 443, alert: mail}\n- name: rest\n  match: ""\n')
  assert.deepEqual(findings, [])
  assert.deepEqual([rules[0]!.name, print(rules[0]!.filter), rules[0]!.alert], ['443', '443', ['mail']])
  assert.deepEqual(rules[1]!.filter, { kind: 'all' })
})

test('a file without rules is no mistake', () => {
  for (const yaml of ['', '# nothing yet\n', '[]', '---\n']) {
    assert.deepEqual(parseRules(yaml), { rules: [], findings: [] }, JSON.stringify(yaml))
  }
})

test('a wrong filter is shown with line, column and carets, and the other rules are there', () => {
  const yaml = '- name: telnet\n  match: dst.port = tlnet\n- name: web\n  match: port = 443\n'
  assert.deepEqual(shown(yaml), [
    'rules.yaml:2:21: rule "telnet": dst.port cannot be "tlnet"; did you mean telnet?\n    dst.port = tlnet\n               ^^^^^',
  ])
  assert.deepEqual(
    parseRules(yaml).rules.map(({ name }) => name),
    ['web'],
  )
})

test('the place is right in quotes and in blocks too', () => {
  const place = (yaml: string) => parseRules(yaml).findings.map(({ line, column }) => `${line}:${column}`)
  assert.deepEqual(place('- name: a\n  match: "dst.port = tlnet"\n'), ['2:22'])
  assert.deepEqual(place("- name: a\n  match: 'dst.port = tlnet'\n"), ['2:22'])
  assert.deepEqual(place('- name: a\n  match: |\n    protocol = TCP\n\n    dst.port = tlnet\n'), ['5:16'])
  assert.deepEqual(place('- name: a\r\n  match: |\r\n    protocol = TCP\r\n    dst.port = tlnet\r\n'), ['4:16'])
  // Folded lines and escapes move letters: the beginning of the value is all that is told.
  assert.deepEqual(place('- name: a\n  match: >\n    protocol = TCP\n    dst.port = tlnet\n'), ['2:10'])
  assert.deepEqual(place('- name: a\n  match: "dst.\\u0070ort = tlnet"\n'), ['2:10'])
})

test('what is misspelled or missing is named, with what may have been meant', () => {
  const wrong: [string, RegExp][] = [
    ['- nmae: a\n  match: b\n', /1:3: unknown key "nmae"; did you mean name\?/],
    ['- name: a\n  match: b\n  colour: red\n', /3:3: rule "a": unknown key "colour"; known are name, match, alert/],
    ['- match: b\n', /1:3: a rule needs a name/],
    ['- name: ""\n  match: b\n', /1:3: a rule needs a name/],
    ['- name: a\n', /1:3: rule "a": a rule needs a filter: match: …/],
    ['- name: a\n  match:\n', /rule "a": match is not a text; for every flow write match: ""/],
    ['- name: a\n  match: [b]\n', /2:10: rule "a": match is not a text/],
    ['- name: a\n  match: b\n  alert: [mial]\n', /3:11: rule "a": alert cannot be "mial"; did you mean mail\?/],
    ['- name: a\n  match: b\n  alert: 7\n', /alert cannot be this; write mail, webhook, ntfy/],
    ['- name: a\n  match: b\n  severity: urgent\n', /severity cannot be "urgent"; write info, warning, critical/],
    ['rules: []\n', /1:1: a list of rules is expected; write "- name: …"/],
    ['- ping\n', /1:3: a rule is expected/],
    ['- name: a\n  match: src.name: *.example.com\n', /2:\d+: not YAML: .*; put the filter in quotes/],
    ['- name: a\n  match: *.example.com\n', /put the filter in quotes/],
    ['- name: a\n  name: b\n  match: c\n', /not YAML: Map keys must be unique/],
    ['- &one {name: a, match: b}\n- *one\n', /2:3: a rule is expected/],
    ['- name: !!binary aGk=\n  match: b\n', /name is not a text/],
    [`- name: ${'ä'.repeat(128)}\n  match: b\n`, /a name has at most 255 bytes/],
    [`- name: a\n  match: b\n  note: ${'x'.repeat(1001)}\n`, /a note has at most 1000 characters/],
  ]
  for (const [yaml, message] of wrong) {
    const found = shown(yaml)
    assert.ok(
      found.some((text) => message.test(text)),
      `${JSON.stringify(yaml)}: ${found.join(' | ')}`,
    )
  }
})

test('a file that is too long, or that nests without end, is a finding', () => {
  assert.match(shown('#'.repeat(RULE_LIMITS.fileLength + 1))[0]!, /a file of rules has at most 262144 characters/)
  assert.ok(shown('['.repeat(100_000)).length > 0)
  assert.ok(shown(`- name: a\n  match: "${'('.repeat(200)}x${')'.repeat(200)}"\n`).length > 0)
})

test('whatever the text, it gives rules and findings and never throws', () => {
  const pieces = [
    '- ',
    'name:',
    ' match:',
    '\n',
    '  ',
    'alert',
    ': ',
    '"',
    "'",
    '|',
    '>',
    '&a',
    '*a',
    '{',
    '}',
    '[',
    ']',
  ]
  const words = ['port = 443', 'tlnet', '!!x', '#', ',', '?', '---', '%YAML', '\t', '\u0000', 'ä']
  const text = fc.array(fc.constantFrom(...pieces, ...words), { maxLength: 40 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary', maxLength: 60 })), (yaml) => {
      const { rules, findings } = parseRules(yaml)
      for (const { line, column } of findings) assert.ok(line >= 1 && column >= 1)
      for (const { name, filter } of rules) assert.ok(name !== '' && print(filter) !== undefined)
    }),
    { numRuns: 3000 },
  )
})
