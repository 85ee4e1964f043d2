import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatHostPort, parseHostPort } from './listen-address.ts'

test('host and port of both families, and of a name', () => {
  assert.deepEqual(parseHostPort('127.0.0.1:2055'), { host: '127.0.0.1', port: 2055 })
  assert.deepEqual(parseHostPort('[2001:db8::1]:0'), { host: '2001:db8::1', port: 0 })
  assert.deepEqual(parseHostPort('collector.example:4739'), { host: 'collector.example', port: 4739 })
})

test('what lacks a part, has too much or a port above 65535 is none', () => {
  for (const text of [
    '',
    '2055',
    ':2055',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:70000',
    '2001:db8::1:2055',
    'a b:1',
    '[::1]',
  ]) {
    assert.equal(parseHostPort(text), undefined, text)
  }
})

test('formatting is the other way', () => {
  for (const text of ['127.0.0.1:2055', '[2001:db8::1]:0']) assert.equal(formatHostPort(parseHostPort(text)!), text)
})
