import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatIpv4, formatIpv6, parseAddress } from '@netbehave/schema'
import fc from 'fast-check'
import { isAddressLike, readAddress, readName } from './names.ts'

const nameOf = (text: string) => readName(text, 0, text.length)
const usual = (text: string): string => {
  const parsed = parseAddress(text)
  return parsed === undefined ? '' : typeof parsed === 'number' ? formatIpv4(parsed) : formatIpv6(parsed)
}

test('a name is folded to lower case and loses its final dot', () => {
  assert.equal(nameOf('WWW.Example.COM.'), 'www.example.com')
  assert.equal(nameOf('_sip._tcp.example'), '_sip._tcp.example')
  assert.equal(nameOf('.'), '')
})

test('what cannot be a name is refused: too long, blanks, control characters, markup, letters that are not ASCII', () => {
  const label = 'a'.repeat(63)
  assert.equal(nameOf(`${label}.${label}.${label}.${'b'.repeat(61)}`)?.length, 253)
  for (const wrong of [
    `${label}.${label}.${label}.${'b'.repeat(62)}`,
    '<script>alert(1)</script>.example',
    'a b.example',
    'a\u0000b',
    'a\u001b[2J',
    'a\u007f',
    'm\u00fcller.example',
  ]) {
    assert.equal(nameOf(wrong), undefined, wrong)
  }
})

test('any 16 bytes in any spelling are read as libs/schema reads them', () => {
  const group = fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.boolean(), (groups, isUpper) => {
      const long = groups.map((value) => value.toString(16).padStart(4, '0')).join(':')
      const text = isUpper ? long.toUpperCase() : long
      assert.equal(readAddress(text), usual(text))
      assert.equal(readAddress(usual(text)), usual(text))
    }),
  )
})

test('text that is nearly an address is read as libs/schema reads it', () => {
  const part = fc.constantFrom('0', '1', 'ffff', '12345', ':', '::', ':', 'g', '.', '1.2.3.4', '%eth0', '')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      if (!text.includes('%')) assert.equal(readAddress(text), usual(text), text)
    }),
    { numRuns: 3000 },
  )
})

test('a mapped address is its IPv4 address, and a zone is dropped', () => {
  assert.equal(readAddress('::ffff:10.0.0.7'), '10.0.0.7')
  assert.equal(readAddress('::ffff:a00:7'), '10.0.0.7')
  assert.equal(readAddress('fe80::1%eth0'), 'fe80::1')
  assert.equal(readAddress('010.0.0.1'), '')
  assert.equal(readAddress('10.0.0.256'), '')
})

test('the name of a reverse look-up is not taken for a name', () => {
  assert.deepEqual(['203.0.113.5', '2001:db8::1', '7', 'a.9'].map(isAddressLike), [true, true, true, true])
  assert.deepEqual(['example.com', 'host-7', 'cdn7', 'x.com2'].map(isAddressLike), [false, false, false, false])
})
