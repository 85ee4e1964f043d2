import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { withSecondRuns } from './checks.mjs'
import { failureDetails, impatientFiles, readSeconds, readTotals, skippedTests } from './node-test-output.mjs'
import { parseNxOutput } from './nx.mjs'
import { formatTally, oneCheck, sum } from './tally.mjs'

const SPEC = `✔ a datagram of one byte is refused (0.4ms)
✖ two sets in one datagram (1.2ms)
﹣ the captures decode (0.1ms) # the folder of captures is not there
ℹ tests 3
ℹ suites 0
ℹ pass 1
ℹ fail 1
ℹ cancelled 0
ℹ skipped 1
ℹ todo 0
ℹ duration_ms 12.3

✖ failing tests:

test at src/decode.test.ts:1:1
✖ two sets in one datagram (1.2ms)
  AssertionError: 1 !== 2
npm error Lifecycle script \`test\` failed
`

const NX = `
 NX   Running target test for 3 projects:

- @netbehave/a
- @netbehave/b

> nx run @netbehave/a:test  [local cache]

\u001b[34mℹ pass 4\u001b[39m
\u001b[34mℹ fail 0\u001b[39m

> nx run @netbehave/b:test

tsc: something

 NX   Running target test for 3 projects failed

Failed tasks:

- @netbehave/b:test

  Run duration:      1.0s
`

/** A failure as `node --test` tells it. @param {string} file @param {string} error */
const failure = (file, error) => `test at ${file}:9:1\n✖ a test (1ms)\n  ${error}\n`

test('files whose tests waited in vain are named once each; none where a test saw something wrong', () => {
  const late = [
    failure('test/a.test.ts', 'Error: waited 60 s in vain: history holds 5 flows'),
    failure('test/a.test.ts', "'test timed out after 300000ms'"),
    failure('test/b.test.ts', 'TimeoutError: locator.waitFor: Timeout 60000ms exceeded.'),
  ]
  assert.deepEqual(impatientFiles(`✖ failing tests:\n\n${late.join('\n')}`), ['test/a.test.ts', 'test/b.test.ts'])
  const wrong = failure('test/b.test.ts', 'AssertionError: 1 !== 2')
  assert.deepEqual(impatientFiles(`✖ failing tests:\n\n${[...late, wrong].join('\n')}`), [])
  assert.deepEqual(impatientFiles('✔ a datagram of one byte is refused'), [])
})

test('a file that waited in vain runs once more, alone, and counts by that', async () => {
  const root = await mkdtemp(join(tmpdir(), 'netbehave-checks-'))
  try {
    const folder = join(root, 'apps', 'x')
    await mkdir(folder, { recursive: true })
    const details = `✖ failing tests:\n\n${failure('a.test.mjs', 'Error: waited 60 s in vain: it comes')}`
    const first = { name: '@netbehave/x', tally: { passed: 2, failed: 1, skipped: 0 }, details }
    const run = async (/** @type {string} */ body) => {
      await writeFile(join(folder, 'a.test.mjs'), `import { test } from 'node:test'\ntest('it', () => { ${body} })\n`)
      // A runner inside of a runner is none, by this variable.
      const [result] = await withSecondRuns({ root, env: { ...process.env, NODE_TEST_CONTEXT: undefined } }, [first])
      return { tally: result?.tally, again: result?.again }
    }
    assert.deepEqual(await run(''), { tally: { passed: 3, failed: 0, skipped: 0 }, again: ['a.test.mjs'] })
    assert.deepEqual(await run("throw new Error('wrong')"), { tally: first.tally, again: undefined })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})

test('how long a runner took is read; nothing is 0', () => {
  assert.equal(readSeconds(SPEC), 0.0123)
  assert.equal(readSeconds('crashed'), 0)
})

test('the closing line sums passed and failed, and names skipped only if there are any', () => {
  const total = sum([{ passed: 4, failed: 0, skipped: 0 }, oneCheck(true), oneCheck(false)])
  assert.equal(formatTally(total), '5 passed, 1 failed')
  assert.equal(formatTally({ ...total, skipped: 2 }), '5 passed, 1 failed, 2 skipped')
})

test('a cancelled test counts as failed', () => {
  assert.deepEqual(readTotals('ℹ pass 1\nℹ fail 0\nℹ cancelled 2\nℹ skipped 0\nℹ todo 1\n'), {
    passed: 1,
    failed: 2,
    skipped: 1,
  })
})

test('totals that a test itself printed do not count', () => {
  assert.deepEqual(readTotals(`ℹ pass 70\nℹ fail 70\nℹ skipped 70\n${SPEC}`), { passed: 1, failed: 1, skipped: 1 })
})

test('a run that was cut off has no totals', () => {
  assert.equal(readTotals('✔ a datagram of one byte is refused (0.4ms)\nSegmentation fault\n'), undefined)
})

test('of a failed run only the failed tests are shown, without npm’s own lines', () => {
  const details = failureDetails(SPEC)
  assert.match(details, /^✖ failing tests:\n\ntest at src\/decode\.test\.ts:1:1\n/)
  assert.match(details, /AssertionError: 1 !== 2$/)
})

test('of a test file that could not be run the reason is shown', () => {
  const details = failureDetails(`✔ another file's test (1ms)
Error [ERR_MODULE_NOT_FOUND]: Cannot find module './decode.ts'
✖ src/decode.test.ts (40ms)
ℹ pass 1
ℹ fail 1
✖ failing tests:
✖ src/decode.test.ts (40ms)
  'test failed'
`)
  assert.match(details, /^Error \[ERR_MODULE_NOT_FOUND\]: Cannot find module/)
  assert.doesNotMatch(details, /another file/)
})

test('skipped tests are listed with their reason', () => {
  assert.deepEqual(skippedTests(SPEC), ['the captures decode # the folder of captures is not there'])
})

test('Nx’s output is taken apart by task, and a replayed one counts like a fresh one', () => {
  const { tasks, failed } = parseNxOutput(NX)
  assert.deepEqual(
    tasks.map(({ project, cached }) => [project, cached]),
    [
      ['@netbehave/a', true],
      ['@netbehave/b', false],
    ],
  )
  assert.deepEqual(readTotals(tasks[0]?.output ?? ''), { passed: 4, failed: 0, skipped: 0 })
  assert.deepEqual([...failed], ['@netbehave/b'])
})
