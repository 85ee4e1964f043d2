import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBlock, parseValue } from './address-range.ts'
import { AnswerCache } from './answer-cache.ts'

const none = (expiresMs = 1000) => ({ holder: null, expiresMs })
const put = (cache: AnswerCache, text: string, expiresMs?: number) =>
  cache.put(text, parseValue(text)!, none(expiresMs))

test('the least recently used answer gives way, counted', () => {
  const cache = new AnswerCache(2)
  put(cache, '8.8.8.1')
  put(cache, '8.8.8.2')
  cache.find('8.8.8.1', 0)
  put(cache, '8.8.8.3')
  assert.deepEqual(
    ['8.8.8.1', '8.8.8.2', '8.8.8.3'].map((text) => cache.find(text, 0) !== undefined),
    [true, false, true],
  )
  assert.deepEqual([cache.size, cache.evicted], [2, 1])
})

test('an answer is gone when it expires, and when something new is known of its block', () => {
  const cache = new AnswerCache(10)
  put(cache, '8.8.8.1', 500)
  put(cache, '8.8.8.2')
  put(cache, '9.9.9.9')
  assert.ok(cache.find('8.8.8.1', 499))
  assert.equal(cache.find('8.8.8.1', 500), undefined)
  cache.forget(parseBlock('8.8.8.0/24')!)
  assert.equal(cache.find('8.8.8.2', 0), undefined)
  assert.ok(cache.find('9.9.9.9', 0))
})
