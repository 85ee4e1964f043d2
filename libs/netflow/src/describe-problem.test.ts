import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROBLEM_SENTENCES } from './describe-problem.ts'
import { PROBLEMS } from './problems.ts'

test('every problem has a sentence of its own, and nothing else has one', () => {
  assert.deepEqual(Object.keys(PROBLEM_SENTENCES).sort(), [...PROBLEMS].sort())
  assert.equal(new Set(Object.values(PROBLEM_SENTENCES)).size, PROBLEMS.length)
  for (const [problem, sentence] of Object.entries(PROBLEM_SENTENCES)) {
    assert.match(sentence, /^[a-z].{20,}[^.]$/, problem)
    assert.ok(!sentence.includes(problem), `${problem} is told by its own name`)
  }
})
