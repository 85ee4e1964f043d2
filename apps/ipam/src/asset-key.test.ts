import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddressBytes } from '@netbehave/schema'
import { familyOf, ipBytes, ipText } from './asset-key.ts'

test('the short way for IPv4 gives the bytes that the general one gives, and text comes back as it was', () => {
  for (const ip of ['0.0.0.0', '10.0.0.1', '192.168.255.254', '255.255.255.255', '128.0.0.1', '::1', '2001:db8::ff']) {
    assert.deepEqual(ipBytes(ip), parseAddressBytes(ip), ip)
    assert.equal(ipText(ipBytes(ip)), ip)
  }
  assert.deepEqual(ipBytes('::ffff:10.0.0.1'), ipBytes('10.0.0.1'))
  assert.deepEqual([familyOf(ipBytes('10.0.0.1')), familyOf(ipBytes('fd00::1'))], [4, 6])
  assert.throws(() => ipBytes('printer'), RangeError)
})
