import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ethernet, ipv4, ipv6, NETFLOW_5, udp } from './testing.ts'
import { findUdp } from './udp.ts'

const frame = (linkType: number, bytes: Uint8Array, isCut = false) => ({ linkType, bytes, isCut, timeMs: 0 })
const find = (linkType: number, bytes: Uint8Array) => {
  const found = findUdp(frame(linkType, bytes))
  return typeof found === 'string' ? found : `${found.srcIp} ${found.srcPort} ${found.dstIp} ${found.dstPort}`
}
const V4 = '192.0.2.1 40000 192.0.2.2 2055'
const V6 = '2001:db8::1 40000 2001:db8::2 2055'
const packet4 = ipv4(udp(NETFLOW_5))
const packet6 = ipv6(udp(NETFLOW_5))
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

test('the datagram is found behind every link layer', () => {
  assert.equal(find(1, ethernet(packet4)), V4)
  assert.equal(find(1, ethernet(packet6, 0x86dd)), V6)
  assert.equal(find(113, Buffer.concat([bytes('0000 0001 0006 020000000001 0000 0800'), packet4])), V4)
  assert.equal(find(276, Buffer.concat([bytes('86dd 0000 00000002 0001 00 06 020000000001 0000'), packet6])), V6)
  for (const raw of [12, 14, 101]) assert.equal(find(raw, packet4), V4)
  assert.equal(find(228, packet4), V4)
  assert.equal(find(229, packet6), V6)
  assert.equal(find(0, Buffer.concat([bytes('02000000'), packet4])), V4)
  assert.equal(find(108, Buffer.concat([bytes('00000018'), packet6])), V6)
})

test('VLAN tags are skipped, two of them too', () => {
  assert.equal(find(1, ethernet(packet4, 0x0800, '8100 0064')), V4)
  assert.equal(find(1, ethernet(packet6, 0x86dd, '88a8 0064 8100 0065')), V6)
})

test('the payload is what UDP says, without the padding of a short frame', () => {
  const found = findUdp(frame(1, Buffer.concat([ethernet(ipv4(udp(Uint8Array.of(1, 2, 3)))), new Uint8Array(15)])))
  assert.deepEqual(typeof found === 'string' ? found : [...found.payload], [1, 2, 3])
})

test('IP options and IPv6 extension headers are walked over', () => {
  assert.equal(find(101, ipv4(udp(NETFLOW_5), { options: 2 })), V4)
  const hopByHop = Buffer.concat([
    bytes('3c 00 0000 0000 0000'),
    bytes('11 01 0000 0000 0000 0000000000000000'),
    udp(NETFLOW_5),
  ])
  assert.equal(find(101, ipv6(hopByHop, 0)), V6)
  const authenticated = Buffer.concat([bytes('11 01 0000 00000000 00000000'), udp(NETFLOW_5)])
  assert.equal(find(101, ipv6(authenticated, 51)), V6)
  const atomic = Buffer.concat([bytes('11 00 0000 00000001'), udp(NETFLOW_5)])
  assert.equal(find(101, ipv6(atomic, 44)), V6)
})

test('a fragment is told, the first and the later ones', () => {
  assert.equal(find(101, ipv4(udp(NETFLOW_5), { fragment: 0x2000 })), 'fragment')
  assert.equal(find(101, ipv4(udp(NETFLOW_5), { fragment: 0x0010 })), 'fragment')
  assert.equal(find(101, ipv4(udp(NETFLOW_5), { fragment: 0x4000 })), V4) // don't fragment
  assert.equal(find(101, ipv6(Buffer.concat([bytes('11 00 0001 00000001'), udp(NETFLOW_5)]), 44)), 'fragment')
})

test('what is no UDP over IP is told apart', () => {
  assert.equal(find(1, ethernet(new Uint8Array(28), 0x0806)), 'not-ip')
  assert.equal(find(1, ethernet(ipv4(new Uint8Array(20), { protocol: 6 }))), 'not-udp')
  assert.equal(find(105, packet4), 'link-type')
  assert.equal(find(1, ethernet(packet4).subarray(0, 60)), 'cut')
})

test('no bytes of any link type make it throw or read outside', () => {
  const linkType = fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 229, 276, 999)
  const damaged = fc.constantFrom(ethernet(packet4), ethernet(packet6, 0x86dd), packet4, packet6).chain((whole) =>
    fc
      .tuple(fc.nat(whole.length), fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }))
      .map(([length, changes]) => {
        const copy = Buffer.from(whole)
        for (const [at, value] of changes) copy[at] = value
        return copy.subarray(0, length)
      }),
  )
  fc.assert(
    fc.property(linkType, fc.oneof(fc.uint8Array({ maxLength: 120 }), damaged), (type, input) => {
      const found = findUdp(frame(type, input))
      if (typeof found !== 'string') assert.ok(found.payload.length <= input.length)
    }),
    { numRuns: 3000 },
  )
})
