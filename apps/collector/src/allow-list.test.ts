import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAllowList } from './allow-list.ts'

test('an exporter is listened to when a block of the list holds it, however its address is written', () => {
  const allowed = parseAllowList(['192.0.2.1', '10.0.0.0/8', '2001:db8::/48', '::ffff:198.51.100.0/120'])
  for (const ip of ['192.0.2.1', '::ffff:192.0.2.1', '10.255.0.1', '2001:db8:0:1::1', '198.51.100.7'])
    assert.ok(allowed(ip), ip)
  for (const ip of ['192.0.2.2', '11.0.0.1', '2001:db8:1::1', '198.51.101.1', '::1']) assert.ok(!allowed(ip), ip)
  assert.ok(parseAllowList([])('192.0.2.1'), 'an empty list lets everybody in')
})

test('an entry that is half written lets nobody in: it is refused', () => {
  const refuses = (entry: string, message: RegExp) => assert.throws(() => parseAllowList([entry]), message)
  refuses('10.0.0.0/', /"10\.0\.0\.0\/": the prefix length is a whole number from 0 to 32/)
  refuses('10.0.0.0/33', /0 to 32/)
  refuses('2001:db8::/129', /0 to 128/)
  refuses('::ffff:10.0.0.0/8', /mapped address is a whole number from 96 to 128/)
  refuses('10.0/16', /"10\.0\/16" is neither an address nor a CIDR; write for example 192\.168\.1\.0\/24/)
  refuses('router.lan', /neither an address nor a CIDR/)
})
