import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBlock, parseValue } from './address-range.ts'
import { isSpecialPurpose, SPECIAL_PURPOSE } from './special-purpose.ts'

const isSpecial = (text: string) => isSpecialPurpose(parseValue(text)!)

test('every block of the table is special from its first to its last address', () => {
  assert.ok(SPECIAL_PURPOSE.length >= 33)
  for (const [text] of SPECIAL_PURPOSE) {
    const block = parseBlock(text)
    assert.ok(block, text)
    assert.ok(isSpecialPurpose(block.start) && isSpecialPurpose(block.end), text)
  }
})

test('addresses beside those blocks are public', () => {
  const beside = `9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0
    172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
    2001:200:: 2001:db7:ffff:: 2001:db9:: 2003:: 2620:4f:7fff:: 2620:4f:8001:: 3fff:1000::`
  for (const text of beside.split(/\s+/)) assert.equal(isSpecial(text), false, text)
})

test('IPv6 outside of global unicast is special, IPv4 inside IPv6 is judged as IPv4', () => {
  for (const text of ['fd00::1', 'fe80::1', '::2', '4000::1', 'fec0::1', '64:ff9b::808:808', '::ffff:10.0.0.1'])
    assert.equal(isSpecial(text), true, text)
  assert.equal(isSpecial('::ffff:8.8.8.8'), false)
})
