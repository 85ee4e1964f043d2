import assert from 'node:assert/strict'
import { test } from 'node:test'
import { familyOf, parseBlock, parseValue, toText, widthBits } from './address-range.ts'

test('addresses of both families go through numbers and come out as they are usually written', () => {
  for (const text of ['0.0.0.0', '192.0.2.1', '255.255.255.255', '::', '2001:db8::1'])
    assert.equal(toText(parseValue(text)!), text)
  assert.equal(familyOf(parseValue('192.0.2.1')!), 4)
  assert.equal(familyOf(parseValue('::1')!), 6)
  assert.equal(parseValue('192.0.2'), undefined)
})

test('a block has its first and last address; text that is none is none', () => {
  const ends = (text: string) => {
    const block = parseBlock(text)!
    return [toText(block.start), toText(block.end), block.family, block.prefixLength, widthBits(block)]
  }
  assert.deepEqual(ends('10.0.0.0/8'), ['10.0.0.0', '10.255.255.255', 4, 8, 24])
  assert.deepEqual(ends('10.1.2.3/32'), ['10.1.2.3', '10.1.2.3', 4, 32, 0])
  assert.deepEqual(ends('2001:db8::/33'), ['2001:db8::', '2001:db8:7fff:ffff:ffff:ffff:ffff:ffff', 6, 33, 95])
  for (const text of ['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', '10.0.0.0/-1', 'x/8', '10/8'])
    assert.equal(parseBlock(text), undefined, text)
})
