import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CompleteOptions, complete, FIELDS } from './index.ts'

const at = (text: string, options?: CompleteOptions) => {
  const { from, to, items } = complete(text, text.length, options)
  return { replaced: text.slice(from, to), texts: items.map((item) => item.text) }
}

test('at the start of a term stand fields, the ones that begin as written first', () => {
  assert.deepEqual(at('').texts.slice(0, 3), ['ip', 'port', 'mac'])
  for (const before of ['', 'a and ', 'a, ', '(', 'not ', 'a or (not ', '-', 'ip=10.0.0.1, ', 'port in (1, 2) and ']) {
    const { replaced, texts } = at(`${before}dst.p`)
    assert.equal(replaced, 'dst.p')
    assert.equal(texts[0], 'dst.port', before)
  }
})

test('after a field stand its operators, after a term stand and, or', () => {
  assert.deepEqual(at('name ').texts, ['=', '!=', '~', '!~', 'in', 'not in', 'exists'])
  assert.deepEqual(at('bytes ').texts.slice(0, 6), ['=', '!=', '<', '<=', '>', '>='])
  assert.deepEqual(at('name n').texts.slice(0, 1), ['not in'])
  assert.deepEqual(at('name = x ').texts.slice(0, 2), ['and', 'or'])
  assert.deepEqual(at('(port in (1, 2)) o').texts.slice(0, 1), ['or'])
})

test('after an operator stand values: names of numbers, ports, networks, and what the caller knows', () => {
  assert.deepEqual(at('proto=T').texts[0], 'TCP')
  assert.deepEqual(at('dst.port = ht').texts.slice(0, 2), ['http', 'https'])
  assert.deepEqual(at('dst.port = back', { ports: { backup: 10_050 } }).texts, ['backup'])
  assert.deepEqual(at('src.net != int').texts, ['internal'])
  assert.equal(at('port in (ssh, rd').texts[0], 'rdp')
  const valuesOf: CompleteOptions['valuesOf'] = (field, prefix) =>
    field.name === 'dst.name' && prefix === 'w' ? ['www.example.com', 'w x'] : []
  assert.deepEqual(at('dst.name = w', { valuesOf }).texts.slice(0, 2), ['www.example.com', '"w x"'])
  assert.ok(at('src.net = @d').texts.includes('@dst.net'))
  assert.deepEqual(at('name = "abc').texts, [])
})

test('there are at most as many as asked for', () => {
  assert.equal(complete('', 0, { limit: 5 }).items.length, 5)
  assert.equal(complete('', 0, { limit: 1000 }).items.length, FIELDS.length + 1)
})

test('any place in any text has an answer', () => {
  const pieces = fc.constantFrom(
    '(',
    ')',
    ',',
    ' ',
    'and',
    'or',
    'not',
    '!',
    '-',
    'in',
    'exists',
    '=',
    '!=',
    '~',
    '@',
    '"',
    '\\',
    '*',
    '#',
    '\n',
    'ip',
    'port',
    'x',
    '|',
    ':',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), fc.nat({ max: 40 }), (all, offset) => {
      const text = all.join('')
      const { from, to } = complete(text, offset)
      assert.ok(from <= to && to <= text.length)
    }),
    { numRuns: 20_000 },
  )
})
