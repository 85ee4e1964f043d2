import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failedFiles, failureDetails, readSeconds, readTotals, skippedTests } from './node-test-output.mjs'
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

test('the files of failed tests are named once each, those of passed ones not', () => {
  const twice = `${failureDetails(SPEC)}\n\ntest at src/decode.test.ts:9:1\n✖ another\n\ntest at src/other.test.ts:2:3\n✖ more`
  assert.deepEqual(failedFiles(twice), ['src/decode.test.ts', 'src/other.test.ts'])
  assert.deepEqual(failedFiles('✔ a datagram of one byte is refused'), [])
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
