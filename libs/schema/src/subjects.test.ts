import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSubjectToken, SUBJECTS, subjectToken, toSubjectToken } from './subjects.ts'

test('nothing that could change the meaning of a subject becomes a token', () => {
  for (const text of ['a..b', 'a.*', '>', '*', '', 'a b', 'a\r\nPUB x 0', 'x'.repeat(65), 'ä']) {
    assert.equal(isSubjectToken(text), false, text)
    assert.throws(() => subjectToken(text), /cannot be part of a subject/)
    assert.throws(() => SUBJECTS.flowsRaw(text), RangeError)
    assert.ok(isSubjectToken(toSubjectToken(text)))
  }
  assert.equal(SUBJECTS.flowsRaw('home-1'), 'flows.raw.home-1')
  assert.equal(SUBJECTS.stats('collector', 'home', 'box_1'), 'stats.collector.home.box_1')
})
