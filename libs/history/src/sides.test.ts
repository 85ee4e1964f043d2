import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse, print } from '@netbehave/filter'
import { splitSides } from './sides.ts'

const split = (filter: string) => splitSides(parse(filter)).map(print)

test('an address or a text of either side is asked for on one side after the other, each flow once', () => {
  assert.deepEqual(split('ip = 10.0.0.1'), ['src.ip = 10.0.0.1', 'dst.ip = 10.0.0.1 and not src.ip = 10.0.0.1'])
  assert.deepEqual(split('bytes > 1k name ~ x port = 443'), [
    'src.name ~ x and bytes > 1000 and port = 443',
    'dst.name ~ x and not src.name ~ x and bytes > 1000 and port = 443',
  ])
  assert.deepEqual(split('net in (home, guest)'), [
    'src.net in (home, guest)',
    'dst.net in (home, guest) and not src.net in (home, guest)',
  ])
})

test('what does not hold by holding on one side stays as it is', () => {
  for (const filter of [
    'ip != 10.0.0.1',
    'name !~ x',
    'name not in (a, b)',
    'not name = x',
    'a',
    'name = x or bytes > 1k',
  ]) {
    assert.deepEqual(split(filter), [print(parse(filter))])
  }
  assert.deepEqual(split('port = 443'), ['port = 443'])
  assert.deepEqual(split(''), [''])
})
