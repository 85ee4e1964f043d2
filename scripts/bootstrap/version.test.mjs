import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAtLeast, parseVersion } from './version.mjs'

test('the version is found in what Node, nats-server and Debian print', () => {
  assert.deepEqual(parseVersion('v24.21.0\n'), [24, 21, 0])
  assert.deepEqual(parseVersion('nats-server: v2.10.27'), [2, 10, 27])
  assert.deepEqual(parseVersion('2.10.27-1+b2'), [2, 10, 27])
  assert.deepEqual(parseVersion('1:2.9.10-1'), [2, 9, 10])
  assert.equal(parseVersion('no such option'), undefined)
})

test('versions compare as numbers, not as text', () => {
  assert.equal(isAtLeast([2, 10, 0], [2, 9]), true)
  assert.equal(isAtLeast([2, 9, 10], [2, 10]), false)
  assert.equal(isAtLeast([24, 12, 0], [24, 12]), true)
  assert.equal(isAtLeast([24, 11, 9], [24, 12]), false)
  assert.equal(isAtLeast([25, 0, 0], [24, 12]), true)
  assert.equal(isAtLeast([24], [24, 12]), false)
})

test('an unknown version is never enough', () => {
  assert.equal(isAtLeast(undefined, [0]), false)
})
