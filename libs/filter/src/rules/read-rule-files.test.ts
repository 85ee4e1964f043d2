import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAcl, print } from '../index.ts'
import { checkRules, chooseRuleFiles, importAcl, parseRules, RULE_LIMITS, readRuleFiles } from './index.ts'

const ORIGINAL = join(import.meta.dirname, '../../../../../shared/design/original-acl.csv')
const withOriginal = { skip: existsSync(ORIGINAL) ? false : 'the original’s acl.csv is not here' }

test('the files are asked in their order, and every rule says where it stands', () => {
  const { rules, findings } = readRuleFiles([
    { file: 'rules.yaml', text: '- name: mine\n  match: port = 123\n' },
    { file: 'acl.csv', text: '# the original’s\nNTP,protocol_name=UDP,dst/port=123\n' },
  ])
  assert.deepEqual(findings, [])
  assert.deepEqual(
    rules.map(({ name, file, line, alert }) => [name, file, line, alert]),
    [
      ['mine', 'rules.yaml', 1, []],
      ['NTP', 'acl.csv', 2, []],
    ],
  )
})

test('what is named is read; else rules.yaml and acl.csv where they are; else what is shipped', () => {
  const exists = (present: string[]) => (file: string) => present.includes(file)
  assert.deepEqual(chooseRuleFiles(['a.yaml'], exists(['rules.yaml']), 'shipped'), ['a.yaml'])
  assert.deepEqual(chooseRuleFiles([], exists(['acl.csv', 'rules.yaml']), 'shipped'), ['rules.yaml', 'acl.csv'])
  assert.deepEqual(chooseRuleFiles([], exists(['acl.csv']), 'shipped'), ['acl.csv'])
  assert.deepEqual(chooseRuleFiles([], exists([]), 'shipped'), ['shipped'])
})

test('a row of acl.csv that is wrong, or that says something else now, is told with its line and cell', () => {
  const { rules, findings } = readRuleFiles([
    { file: 'acl.csv', text: 'ping,protocol_name=ICMP\na,sorce/port=1\nb,bytes>5\n' },
  ])
  assert.deepEqual(
    rules.map(({ name }) => name),
    ['ping', 'b'],
  )
  assert.deepEqual(
    findings.map(({ kind, line, rule, shown }) => [kind, line, rule, shown]),
    [
      ['error', 2, undefined, 'sorce/port=1'],
      ['differs', 3, 'b', 'bytes>5'],
    ],
  )
})

test('rules beyond the limit are left out with a finding', () => {
  const many = Array.from({ length: RULE_LIMITS.rules + 1 }, (_, i) => `r${i},dst/port=${i}`).join('\n')
  const { rules, findings } = readRuleFiles([{ file: 'acl.csv', text: many }])
  assert.equal(rules.length, RULE_LIMITS.rules)
  assert.match(findings[0]!.message, /too many rules; at most 1000, with 10000 conditions/)
  const wide = Array.from({ length: 51 }, (_, i) => `- name: w${i}\n  match: port in (${'443, '.repeat(199)}443)`)
  const terms = readRuleFiles([{ file: 'rules.yaml', text: wide.join('\n') }])
  assert.deepEqual([terms.rules.length, terms.findings.length], [50, 1])
  const long = readRuleFiles([{ file: 'acl.csv', text: '#'.repeat(RULE_LIMITS.fileLength + 1) }])
  assert.match(long.findings[0]!.message, /at most 262144 characters/)
})

test('rules that no flow can come to, and conditions that may not be meant, are told', () => {
  const { rules } = parseRules(`
- name: web
  match: port in (80, 443)
- name: secure web
  match: dst.port = 443
- name: nothing
  match: src.port = 1, src.port = 2
- name: self
  match: rule = web
- name: others
  match: dst.name != a.example
`)
  assert.deepEqual(
    checkRules(rules).map(({ kind, line, message }) => [kind, line, message]),
    [
      ['never', 4, 'no flow comes to it: "web" (rules.yaml:2) takes them all before'],
      ['never', 6, 'its conditions exclude each other'],
      ['never', 8, 'it asks for the rule of a flow, which is what the rules say'],
      ['hint', 10, 'dst.name != a.example passes over flows without dst.name; not dst.name = a.example has them too'],
    ],
  )
})

/** The same rules from both files. */
function assertSameRules(csv: string): void {
  const { yaml } = importAcl(csv)
  const read = parseRules(yaml)
  assert.deepEqual(read.findings, [])
  assert.deepEqual(
    read.rules.map(({ name, filter }) => [name, print(filter)]),
    parseAcl(csv).rules.map(({ name, filter }) => [name, print(filter)]),
  )
}

test('an imported acl.csv says the same, with its comments', () => {
  const csv = `\ufeff# who is who
ping,protocol_name=ICMP

# with spaces, quotes, a colon, a glob that begins with *
google,src/arin/name=GOOGLE LLC
"a: b #c",dst/domain=*.example.com
big,bytes>1000
wrong,no/field=1
`
  assertSameRules(csv)
  assert.equal(
    importAcl(csv).yaml,
    `# who is who
- name: ping
  match: protocol = ICMP

# with spaces, quotes, a colon, a glob that begins with *
- name: google
  match: src.org = "GOOGLE LLC"
- name: "a: b #c"
  match: dst.name = *.example.com
# the original compared > as <
- name: big
  match: bytes > 1000
# line 8 is no rule: ${parseAcl(csv).findings.find(({ line }) => line === 8)!.message}
#   wrong,no/field=1
`,
  )
})

test('the original’s own file is imported row by row', withOriginal, () => {
  assertSameRules(readFileSync(ORIGINAL, 'utf8'))
})
