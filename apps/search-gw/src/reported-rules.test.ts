import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleReport } from '@netbehave/schema'
import { judgeRules, mergeRules } from './reported-rules.ts'

const rule = (name: string, line: number, match: string | null, more: Partial<RuleReport> = {}): RuleReport => ({
  ...{ name, file: 'rules.yaml', line, match, hits: 0, lastMs: null, alert: [] },
  ...more,
})

test('hits of one rule in several enrichers add up, the newest counts', () => {
  const merged = mergeRules([
    [rule('web', 1, 'port = 443', { hits: 3, lastMs: 5 }), rule('dns', 2, 'port = 53')],
    [rule('web', 1, 'port = 443', { hits: 4, lastMs: 9 })],
  ])
  assert.deepEqual(
    merged.map(({ name, hits, lastMs }) => [name, hits, lastMs]),
    [
      ['web', 7, 9],
      ['dns', 0, null],
    ],
  )
})

test('a rule to which no flow comes is told once, however many enrichers have it', () => {
  const rules = [rule('web', 1, 'port in (80, 443)'), rule('secure', 2, 'dst.port = 443')]
  const findings = judgeRules([rules, rules.map((one) => ({ ...one, hits: 5 }))])
  assert.deepEqual(
    findings.map(({ kind, rule: name, line }) => [kind, name, line]),
    [['never', 'secure', 2]],
  )
  assert.match(findings[0]!.message, /"web" \(rules\.yaml:1\) takes them all before/)
})

test("one enricher's rules do not stand before another's", () => {
  assert.deepEqual(judgeRules([[rule('web', 1, 'port = 443')], [rule('secure', 2, 'dst.port = 443')]]), [])
})

test('a filter that is not there, or not of this version, is not judged', () => {
  assert.deepEqual(judgeRules([[rule('new', 1, 'no-such-field = 1'), rule('left out', 2, null)]]), [])
})
