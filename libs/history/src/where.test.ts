import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConditionError, conditionsToWhere, timeWhere } from './where.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

test('an IPv4 address is one integer, a block is a range, and its host bits do not matter', () => {
  assert.deepEqual(conditionsToWhere({ src: '192.0.2.7' }), { sql: 'src_ip4 = ?::UINTEGER', params: [0xc0000207] })
  assert.deepEqual(conditionsToWhere({ dst: '192.0.2.7/24' }), {
    sql: 'dst_ip4 BETWEEN ?::UINTEGER AND ?::UINTEGER',
    params: [0xc0000200, 0xc00002ff],
  })
  assert.deepEqual(conditionsToWhere({ src: '0.0.0.0/0' }).params, [0, 0xffffffff])
})

test('an IPv6 address is 16 bytes, a block is a range of them', () => {
  assert.deepEqual(conditionsToWhere({ src: '2001:db8::7' }).params, [bytes('20010db8000000000000000000000007')])
  assert.deepEqual(conditionsToWhere({ dst: '2001:db8:ff::/42' }).params, [
    bytes('20010db800c000000000000000000000'),
    bytes('20010db800ffffffffffffffffffffff'),
  ])
})

test('a mapped address means the IPv4 one, with the prefix counted from its own start', () => {
  assert.deepEqual(conditionsToWhere({ src: '::ffff:192.0.2.7' }).params, [0xc0000207])
  assert.deepEqual(conditionsToWhere({ src: '::ffff:192.0.2.0/120' }).params, [0xc0000200, 0xc00002ff])
})

test('conditions are joined by AND, either side by OR', () => {
  assert.deepEqual(conditionsToWhere({ ip: '192.0.2.7', protocol: 6, port: 443 }), {
    sql: '((src_ip4 = ?::UINTEGER OR dst_ip4 = ?::UINTEGER) AND (src_port = ?::USMALLINT OR dst_port = ?::USMALLINT) AND protocol = ?::UTINYINT)',
    params: [0xc0000207, 0xc0000207, 443, 443, 6],
  })
  assert.deepEqual(conditionsToWhere({}), { sql: 'true', params: [] })
})

test('what is no address, block, port or protocol is refused by name', () => {
  for (const src of [
    '300.0.2.7',
    '192.0.2',
    '192.0.2.0/33',
    '192.0.2.0/',
    '192.0.2.0/24/8',
    '2001:db8::/129',
    '::ffff:192.0.2.0/95',
    "1' OR 1=1",
    '',
  ]) {
    assert.throws(() => conditionsToWhere({ src }), ConditionError, src)
  }
  assert.throws(() => conditionsToWhere({ port: 65_536 }), /65536 is no port/)
  assert.throws(() => conditionsToWhere({ protocol: 1.5 }), /1.5 is no protocol/)
})

test('a time range asks for flows that were active in it', () => {
  assert.deepEqual(timeWhere(1000, 2000), {
    sql: '(last_ms >= ?::BIGINT AND first_ms < ?::BIGINT)',
    params: [1000n, 2000n],
  })
})
