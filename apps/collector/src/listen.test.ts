import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAllowList } from './allow-list.ts'
import { dropKey, parseListenAddress, parseSocketTable } from './listen.ts'

test('listen addresses are read for both families, others are refused with an example', () => {
  assert.deepEqual(parseListenAddress('0.0.0.0:2055'), { host: '0.0.0.0', port: 2055 })
  assert.deepEqual(parseListenAddress('[::]:0'), { host: '::', port: 0 })
  assert.deepEqual(parseListenAddress('localhost:9'), { host: '127.0.0.1', port: 9 })
  for (const text of ['2055', ':2055', '::1:2055', '0.0.0.0:70000', 'router:2055', '']) {
    assert.throws(() => parseListenAddress(text), /write for example 0\.0\.0\.0:2055|must be an IP address/, text)
  }
})

test("the kernel's drop column is found by the local address", () => {
  const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  123: 0100007F:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 11111 2 0000000000000000 42
`
  assert.deepEqual(parseSocketTable(table), [{ local: dropKey('127.0.0.1', 2055), inode: 11_111, drops: 42 }])
  assert.equal(dropKey('::1', 4739), '00000000000000000000000001000000:1283')
})

test('the allow list knows addresses and CIDRs of both families', () => {
  const isAllowed = parseAllowList(['192.168.1.1', '10.0.0.0/8', '2001:db8::/32'])
  for (const ip of ['192.168.1.1', '10.255.0.1', '2001:db8::1', '192.168.1.1']) assert.equal(isAllowed(ip), true, ip)
  for (const ip of ['192.168.1.2', '11.0.0.1', '2001:db9::1', '127.0.0.1']) assert.equal(isAllowed(ip), false, ip)
  assert.equal(parseAllowList([])('203.0.113.9'), true)
  assert.throws(() => parseAllowList(['10.0.0.0/64']), /0 to 32/)
  assert.throws(() => parseAllowList(['router']), /neither an address nor a CIDR/)
})
