import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type RuleFiles, SHIPPED_RULES, watchRuleFiles } from './rule-files.ts'

const GOOD = '- {name: web, match: port = 443}\n'
const BETTER = '- {name: web, match: port = 443}\n- {name: dns, match: port = 53}\n'
const WRONG = '- {name: web, match: port = 443}\n- {name: dns, match: port = dsn}\n'

interface Watched extends Disposable {
  readonly files: RuleFiles
  /** Names of the rules that were put in force, one list for each time. */
  readonly taken: string[][]
  readonly logged: string[]
  readonly dir: string
  write(name: string, text: string): void
  /** Waits for a condition that the watcher brings about. */
  until(what: string, holds: () => boolean): Promise<void>
}

function watched(texts: Record<string, string>, named: readonly string[] = []): Watched {
  const dir = mkdtempSync(join(tmpdir(), 'netbehave-rules-'))
  process.chdir(dir)
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(dir, name), text)
  const taken: string[][] = []
  const logged: string[] = []
  const log = { info: () => {}, error: (_: object, message: string) => void logged.push(message) }
  const onRules = (rules: readonly { name: string }[]) => void taken.push(rules.map(({ name }) => name))
  const files = watchRuleFiles({ named, intervalMs: 10, log, onRules })
  return {
    files,
    taken,
    logged,
    dir,
    write: (name, text) => writeFileSync(join(dir, name), text),
    async until(what, holds) {
      const giveUpAt = performance.now() + 20_000
      while (!holds()) {
        if (performance.now() > giveUpAt) throw new Error(`waited for: ${what}; ${JSON.stringify({ taken, logged })}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    [Symbol.dispose]() {
      files[Symbol.dispose]()
      process.chdir(tmpdir())
      rmSync(dir, { recursive: true })
    },
  }
}

test('rules.yaml is asked before acl.csv, and without both the shipped rules are in force', async () => {
  using both = watched({ 'acl.csv': 'ping,protocol_name=ICMP\n', 'rules.yaml': GOOD })
  assert.deepEqual(both.taken, [['web', 'ping']])
  assert.deepEqual(both.files.files, [
    { file: 'rules.yaml', rules: 1 },
    { file: 'acl.csv', rules: 1 },
  ])
  rmSync('rules.yaml')
  await both.until('acl.csv alone', () => both.taken.at(-1)?.join() === 'ping')
  rmSync('acl.csv')
  await both.until('the shipped rules', () => both.files.files[0]?.file === SHIPPED_RULES)
  assert.ok(both.files.files[0]!.rules > 0)
  both.write('rules.yaml', BETTER)
  await both.until('rules of its own again', () => both.taken.at(-1)?.join() === 'web,dns')
})

test('a change is taken, also when the file is replaced at one stroke', async () => {
  using rules = watched({ 'mine.yaml': GOOD }, ['mine.yaml'])
  rules.write('mine.yaml', BETTER)
  await rules.until('the change', () => rules.taken.at(-1)?.join() === 'web,dns')
  rules.write('mine.yaml.new', GOOD)
  renameSync('mine.yaml.new', 'mine.yaml')
  await rules.until('the replacement', () => rules.taken.length === 3)
  assert.deepEqual(rules.taken.at(-1), ['web'])
  assert.equal(rules.files.counters.loads, 3)
})

test('a file that is wrong leaves the last good rules in force, says where it is wrong, and is forgiven when mended', async () => {
  using rules = watched({ 'rules.yaml': BETTER })
  rules.write('rules.yaml', WRONG)
  await rules.until('the mistake is noticed', () => rules.files.errors.length > 0)
  assert.deepEqual(rules.taken, [['web', 'dns']])
  assert.match(
    rules.files.errors[0]!,
    /^rules\.yaml:2:29: rule "dns": port cannot be "dsn"; did you mean dns\?\n {4}port = dsn\n {11}\^\^\^$/,
  )
  assert.match(rules.logged.join(), /the rules have mistakes, the rules from before stay in force:\nrules\.yaml:2:29/)
  assert.equal(rules.files.counters.refused, 1)
  rules.write('rules.yaml', GOOD)
  await rules.until('mended', () => rules.taken.length === 2)
  assert.deepEqual([rules.files.errors, rules.taken[1]], [[], ['web']])
  assert.equal(rules.logged.length, 1)
})

test('a named file that goes away leaves the last good rules in force', async () => {
  using rules = watched({ 'mine.yaml': GOOD }, ['mine.yaml'])
  rmSync('mine.yaml')
  await rules.until('the loss is noticed', () => rules.files.errors.length > 0)
  assert.match(rules.files.errors[0]!, /cannot read rules from mine\.yaml: ENOENT/)
  assert.deepEqual(rules.taken, [['web']])
})

test('at the start the rules without a mistake are used, so that one slip does not stop the recording', () => {
  using rules = watched({ 'rules.yaml': WRONG })
  assert.deepEqual(rules.taken, [['web']])
  assert.equal(rules.files.errors.length, 1)
  assert.match(rules.logged[0]!, /the rules without a mistake are used/)
})

test('at the start a named file that cannot be read is a fault of the configuration', () => {
  assert.throws(() => watched({}, ['nowhere.yaml']), {
    exitCode: 78,
    message: /cannot read rules from nowhere\.yaml: ENOENT/,
  })
})

test('a file beyond every limit is not even read', () => {
  using rules = watched({ 'rules.yaml': '#'.repeat(1024 * 1024) + GOOD, 'acl.csv': 'a,port=1\n' }, ['acl.csv'])
  assert.deepEqual(rules.taken, [['a']])
  assert.throws(() => watched({ 'rules.yaml': '#'.repeat(1024 * 1024) }, ['rules.yaml']), /it is longer than 262144/)
})
