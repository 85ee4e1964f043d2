// netbehave rules, as it is typed: with files, and beside a running copy.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { ethernet, ipv4, pcapFile, udp } from '../src/capture/testing.ts'
import { type Result, runCommand, startCommand, temporaryFolder, untilReady } from './command.ts'

const ORIGINAL = join(import.meta.dirname, '../../../../shared/design/original-acl.csv')
const withOriginal = { skip: existsSync(ORIGINAL) ? false : 'the original’s acl.csv is not here' }

const YAML = `- name: telnet
  match: dst.port = 23
  alert: [mail]
- name: web
  match: protocol = TCP, port in (80, 443)
- name: secure web
  match: protocol = TCP, dst.port = 443
`
const ACL = '# the old ones\nping,protocol_name=ICMP\nbig,bytes>1000\n'
const FLOWS = [
  { protocol: 6, dstPort: 443, bytes: 10 },
  { protocol: 6, dstPort: 23, bytes: 5 },
  { protocol: 6, srcPort: 80, bytes: 7 },
  { protocol: 17, dstPort: 9, rule: 'told before' },
]
const NDJSON = `${FLOWS.map((flow) => JSON.stringify(flow)).join('\n')}\n`

/** A folder with rules.yaml and acl.csv, and a way to run commands in it. */
async function rulesFolder(texts: Record<string, string> = { 'rules.yaml': YAML, 'acl.csv': ACL }) {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder.path, name), text)
  return {
    path: folder.path,
    run: (...args: string[]): Promise<Result> => runCommand(['rules', ...args], { cwd: folder.path }),
    write: (name: string, text: string) => writeFile(join(folder.path, name), text),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

test('ls shows the rules of rules.yaml, then those of acl.csv, with what each says', async () => {
  await using folder = await rulesFolder()
  const { code, stdout } = await folder.run('ls')
  assert.equal(code, 0)
  assert.match(
    stdout,
    /^ ?# {2}RULE +ALERT +WHERE +NAMES\n1 {2}telnet +warning: mail +rules\.yaml:1 +flows where the destination port is 23\n/,
  )
  assert.match(stdout, /\n4 {2}ping +acl\.csv:2 +flows where the protocol is ICMP\n5 {2}big +acl\.csv:3 /)
  const json = JSON.parse((await folder.run('ls', 'acl.csv', '-o', 'json')).stdout) as Record<string, unknown>[]
  assert.deepEqual(
    json.map(({ name, match, line }) => [name, match, line]),
    [
      ['ping', 'protocol = ICMP', 2],
      ['big', 'bytes > 1000', 3],
    ],
  )
})

test('without files of its own it shows the rules that are brought along, and they are good', async () => {
  await using folder = await rulesFolder({})
  const { code, stdout } = await folder.run('check')
  assert.equal(code, 0)
  assert.match(stdout, /^\d\d rules in .*rules\.yaml: no mistakes\n$/)
  assert.match((await folder.run('ls')).stdout, /^ # {2}RULE .*\n 1 {2}SMB leaves the network /)
})

test('the files that the configuration names are read', async () => {
  await using folder = await rulesFolder({ 'mine.yaml': '- {name: mine, match: port = 1}\n', 'rules.yaml': YAML })
  await folder.write('netbehave.yaml', 'enricher: { rules: [mine.yaml] }\n')
  assert.match((await folder.run('ls')).stdout, /\n1 {2}mine +mine\.yaml:1 /)
  await folder.write('netbehave.yaml', 'enricher: { rule: [mine.yaml] }\n')
  const { code, stderr } = await folder.run('ls')
  assert.equal(code, 78)
  assert.match(stderr, /did you mean enricher\.rules\?/)
})

test('check: warnings do not fail, mistakes are exit code 65 with file, line, column and carets', async () => {
  await using folder = await rulesFolder()
  const warned = await folder.run('check')
  assert.deepEqual([warned.code, warned.stderr], [0, ''])
  assert.equal(
    warned.stdout,
    `acl.csv:3: differs: rule "big": the original compared > as <
    bytes>1000
rules.yaml:6: never: rule "secure web": no flow comes to it: "web" (rules.yaml:4) takes them all before
5 rules in rules.yaml, acl.csv: no mistakes, 1 row with another meaning than in the 2018 system, 1 rule in vain
`,
  )
  await folder.write('rules.yaml', '- name: a\n  match: port = tlnet\n- name: b\n  mach: port = 1\n')
  const wrong = await folder.run('check', 'rules.yaml')
  assert.equal(wrong.code, 65)
  assert.ok(wrong.stdout.includes('rules.yaml:2:17: rule "a": port cannot be "tlnet"; did you mean telnet?\n'))
  assert.ok(wrong.stdout.includes('\n    port = tlnet\n           ^^^^^\n'))
  assert.match(wrong.stdout, /rules\.yaml:4:3: rule "b": unknown key "mach"; did you mean match\?/)
  const json = await folder.run('check', 'rules.yaml', '-o', 'json')
  assert.equal(json.code, 65)
  const { files, findings } = JSON.parse(json.stdout) as { files: unknown[]; findings: Record<string, unknown>[] }
  assert.deepEqual(files, [{ file: 'rules.yaml', rules: 0 }])
  assert.deepEqual(
    [findings[0]!.kind, findings[0]!.line, findings[0]!.column, findings[0]!.rule],
    ['error', 2, 17, 'a'],
  )
  const missing = await folder.run('check', 'nowhere.yaml')
  assert.deepEqual(
    [missing.code, missing.stderr],
    [66, 'netbehave: nowhere.yaml cannot be read: there is no such file or folder\n'],
  )
})

test('what strangers wrote into a file of rules cannot steer the terminal', async () => {
  await using folder = await rulesFolder({
    'rules.yaml': '- {name: "\\e[2Ja", match: "x\\e[2J ="}\n- {name: "\\e[2Jb", match: a}\n',
  })
  const { stdout } = await folder.run('check')
  assert.ok(!stdout.includes('\u001b') && stdout.includes('\\u{1b}[2J'))
  await folder.write('rules.yaml', '- {name: "\\e[2Jb", match: a}\n')
  assert.ok(!(await folder.run('ls')).stdout.includes('\u001b'))
})

test('rules with a mistake are not worked with: the way to the mistake is told', async () => {
  await using folder = await rulesFolder({ 'rules.yaml': '- {name: a}\n', 'flows.ndjson': NDJSON })
  for (const args of [['ls'], ['test', 'flows.ndjson'], ['explain', 'flows.ndjson']]) {
    const { code, stdout, stderr } = await folder.run(...args)
    assert.deepEqual([code, stdout], [65, ''], args.join())
    assert.equal(stderr, 'netbehave: the rules have a mistake; netbehave rules check rules.yaml shows where\n')
  }
})

test('test names each flow by the first rule that matches, in every form, and counts', async () => {
  await using folder = await rulesFolder({ 'rules.yaml': YAML, 'flows.ndjson': NDJSON })
  const [line, json, count, countJson] = await Promise.all([
    folder.run('test', 'flows.ndjson'),
    folder.run('test', 'flows.ndjson', '-o', 'json'),
    folder.run('test', 'flows.ndjson', '--count'),
    folder.run('test', 'flows.ndjson', '--count', '-o', 'json'),
  ])
  assert.deepEqual(
    line!.stdout
      .trim()
      .split('\n')
      .map((text) => text.split(' ')[0]),
    ['web', 'telnet', 'web', '(no'],
  )
  assert.deepEqual(
    json!.stdout
      .trim()
      .split('\n')
      .map((text) => (JSON.parse(text) as { rule?: string }).rule),
    ['web', 'telnet', 'web', undefined],
  )
  assert.equal(
    count!.stdout,
    'RULE       FLOWS  BYTES\ntelnet         1      5\nweb            2     17\n(no rule)      1      0\n',
  )
  assert.deepEqual(JSON.parse(countJson!.stdout), [
    { rule: 'telnet', flows: 1, bytes: 5 },
    { rule: 'web', flows: 2, bytes: 17 },
    { rule: null, flows: 1, bytes: 0 },
  ])
})

test('test reads stdin, other rules where they are named, and tells lines that are no flow', async () => {
  await using folder = await rulesFolder({
    'other.yaml': '- {name: other, match: port = 9}\n',
    'flows.ndjson': `${NDJSON}{"a":1}\n`,
  })
  const main = join(import.meta.dirname, '../src/main.ts')
  const piped = await import('node:child_process').then(({ spawnSync }) =>
    spawnSync(process.execPath, [main, 'rules', 'test', '--rules', 'other.yaml', '--count'], {
      cwd: folder.path,
      input: readFileSync(join(folder.path, 'flows.ndjson')),
      encoding: 'utf8',
    }),
  )
  assert.equal(piped.status, 65)
  assert.equal(piped.stdout, 'RULE       FLOWS  BYTES\nother          1      0\n(no rule)      3     22\n')
  assert.match(
    piped.stderr,
    /^netbehave: line 5 is no flow: a flow has no "a"; .*\nnetbehave: 1 of the lines are no flow\n$/,
  )
})

test('explain says which rule names a flow and why, what nearly did, and what would later', async () => {
  await using folder = await rulesFolder({
    'rules.yaml': YAML,
    'flow.json': '{"protocol":6,"dstPort":443}',
    'bad.json': '{',
  })
  const { code, stdout } = await folder.run('explain', 'flow.json')
  assert.equal(code, 0)
  assert.equal(
    stdout,
    `rule 2, web (rules.yaml:4) names this flow:
    yes  protocol = TCP
    yes  port in (80, 443)

later rules that match, too:
  rule 3, secure web (rules.yaml:6)
`,
  )
  await folder.write('flow.json', '{"protocol":6,"dstPort":9}')
  assert.equal(
    (await folder.run('explain', 'flow.json')).stdout,
    `no rule names this flow

rules that nearly match:
  rule 2, web (rules.yaml:4)
    yes  protocol = TCP
    NO   port in (80, 443)
  rule 3, secure web (rules.yaml:6)
    yes  protocol = TCP
    NO   dst.port = 443
`,
  )
  const json = JSON.parse((await folder.run('explain', 'flow.json', '-o', 'json')).stdout) as Record<string, unknown>
  assert.equal(json.names, null)
  assert.equal((json.nearly as unknown[]).length, 2)
  const bad = await folder.run('explain', 'bad.json')
  assert.equal(bad.code, 65)
  assert.match(bad.stderr, /^netbehave: bad\.json is no flow: not JSON: /)
})

test('import prints a rules.yaml with the comments, and says what differs; what it prints is good', async () => {
  await using folder = await rulesFolder({ 'acl.csv': ACL })
  const { code, stdout, stderr } = await folder.run('import', 'acl.csv')
  assert.equal(code, 0)
  assert.equal(
    stdout,
    '# the old ones\n- name: ping\n  match: protocol = ICMP\n# the original compared > as <\n- name: big\n  match: bytes > 1000\n',
  )
  assert.equal(stderr, 'acl.csv:3: differs: the original compared > as <: bytes>1000\n')
  await folder.write('rules.yaml', stdout)
  assert.equal((await folder.run('check', 'rules.yaml')).stdout, '2 rules in rules.yaml: no mistakes\n')
  await folder.write('acl.csv', 'a,foo=1\n')
  const wrong = await folder.run('import', 'acl.csv')
  const told = '# line 1 is no rule: there is no field "foo"; `netbehave filter fields` lists them\n#   a,foo=1\n'
  assert.deepEqual([wrong.code, wrong.stdout], [65, told])
})

test('the original’s own file is good as it is, and after the import', withOriginal, async () => {
  await using folder = await rulesFolder({})
  const rows = readFileSync(ORIGINAL, 'utf8').trim().split('\n').length
  const check = await folder.run('check', ORIGINAL)
  assert.equal(check.code, 0)
  assert.equal(check.stdout, `${rows} rules in ${ORIGINAL}: no mistakes\n`)
  const imported = await folder.run('import', ORIGINAL)
  assert.deepEqual([imported.code, imported.stderr], [0, ''])
  await folder.write('rules.yaml', imported.stdout)
  assert.equal((await folder.run('check')).stdout, `${rows} rules in rules.yaml: no mistakes\n`)
})

test('beside a running copy: flows get their rule, stats counts them, and check tells which rules named none', async () => {
  await using folder = await rulesFolder({
    'rules.yaml': '- {name: web, match: port = 443}\n- {name: never seen, match: port = 7}\n',
  })
  const ports = ['--listen', '127.0.0.1:0', '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0']
  await using up = startCommand(['up', '--data', folder.path, ...ports, '--json'], {
    cwd: folder.path,
    env: { ARCHIVER_FLUSH_INTERVAL_MS: '200', NETBEHAVE_LOG_LEVEL: 'warn', ENRICHER_RULES_INTERVAL_MS: '50' },
  })
  await untilReady(up)
  const capture = join(folder.path, 'flows.pcap')
  const timeMs = Date.now()
  // NetFlow 5: one flow 10.0.0.1:1234 → 10.0.0.2:443 TCP.
  const seconds = Math.floor(timeMs / 1000).toString(16)
  const header = `0005 0001 00010000 ${seconds} 00000000 00000007 00 00 0000`
  const record =
    '0a000001 0a000002 00000000 0001 0002 00000003 000001a4 0000f000 0000f100 04d2 01bb 00 18 06 00 0000 0000 00 00 0000'
  const datagram = Buffer.from((header + record).replaceAll(' ', ''), 'hex')
  await writeFile(capture, pcapFile([{ timeMs, bytes: ethernet(ipv4(udp(datagram))) }]))
  assert.equal((await runCommand(['replay', capture, '--data', folder.path], { cwd: folder.path })).code, 0)
  interface Hits {
    rules: { name: string; hits: number }[]
    unmatched: number
    errors: string[]
  }
  const stats = async (...args: string[]) => folder.run('stats', '--data', folder.path, ...args)
  const hits = await until('the flow is counted', async () => {
    const answer = JSON.parse((await stats('-o', 'json')).stdout) as Hits
    return answer.rules[0]!.hits > 0 && answer
  })
  assert.deepEqual(
    hits.rules.map(({ name, hits: flows }) => [name, flows]),
    [
      ['web', 1],
      ['never seen', 0],
    ],
  )
  assert.match(
    (await stats()).stdout,
    /^RULE +FLOWS +SHARE +LAST +WHERE\nweb +1 +100\.0 % .* ago +rules\.yaml:1\nnever seen +0 +0\.0 % +rules\.yaml:2\n\(no rule\) +0 .*\n\n1 flow in the .* since the enricher started\n/,
  )
  assert.match(
    (await folder.run('check', '--data', folder.path)).stdout,
    /^named no flow yet, in [\d.]+ \w+: never seen \(line 2\)\n2 rules/,
  )
  const found = await until('history has the rule', async () => {
    const { stdout } = await runCommand(['search', 'rule = web', '-o', 'json', '--data', folder.path])
    return stdout !== '' && stdout
  })
  assert.equal((JSON.parse(found) as { rule: string }).rule, 'web')
  await folder.write('rules.yaml', '- {name: web, match: prt = 443}\n')
  await until('the mistake is told', async () =>
    /not in force: rules\.yaml:1:22: rule "web"/.test((await stats()).stderr),
  )
})
