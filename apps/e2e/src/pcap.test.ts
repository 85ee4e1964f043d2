import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mixedConversations } from './conversations.ts'
import { encodeFrame, ipLengthBytes, type Packet } from './packets.ts'
import { encodePcap, expectedFlows } from './pcap.ts'

const question: Packet = {
  atMs: 1_700_000_000_123,
  protocol: 'udp',
  srcIp: '192.168.1.10',
  dstIp: '203.0.113.53',
  srcPort: 50_000,
  dstPort: 53,
  payloadBytes: 2,
}

test('a frame is Ethernet, IPv4 and UDP with the lengths and checksums of the RFCs', () => {
  assert.equal(
    Buffer.from(encodeFrame(question)).toString('hex'),
    ['020000000002 020000000001 0800', '4500001e 00004000 40113ce7 c0a8010a cb007135', 'c3500035 000a3e6c 0000']
      .join('')
      .replaceAll(' ', ''),
  )
})

test('every transport checksum adds up to all ones', () => {
  for (const packet of mixedConversations({ startMs: 0, count: 12 })) {
    const ip = encodeFrame(packet).subarray(14)
    const ipv6 = packet.srcIp.includes(':')
    const transport = ip.subarray(ipv6 ? 40 : 20)
    const addresses = ipv6 ? ip.subarray(8, 40) : ip.subarray(12, 20)
    const pseudo = packet.protocol === 'icmp' ? 0 : sum(addresses) + transport.length + ip[ipv6 ? 6 : 9]!
    assert.equal((sum(transport) + pseudo) % 0xffff, 0, packet.protocol)
    if (!ipv6) assert.equal(sum(ip.subarray(0, 20)) % 0xffff, 0)
    assert.equal(ip.length, ipLengthBytes(packet))
  }
})

test('a capture file holds its packets by time, in microseconds', () => {
  const file = encodePcap([{ ...question, atMs: question.atMs + 5 }, question])
  const view = new DataView(file.buffer)
  assert.equal(file.length, 24 + 2 * (16 + 14 + 30))
  assert.equal(view.getUint32(0), 0xa1b2c3d4)
  assert.deepEqual([view.getUint32(24), view.getUint32(28), view.getUint32(32)], [1_700_000_000, 123_000, 44])
  assert.equal(view.getUint32(24 + 60 + 4), 128_000)
})

test('expected flows count IP bytes, packets and times of each direction', () => {
  const answer = { ...question, srcIp: question.dstIp, dstIp: question.srcIp, srcPort: 53, dstPort: 50_000 }
  const later = { ...question, atMs: question.atMs + 7, payloadBytes: 10 }
  const flows = expectedFlows([later, question, { ...answer, atMs: question.atMs + 1 }])
  assert.deepEqual(
    flows.map(({ srcPort, packets, bytes, firstMs, lastMs }) => [srcPort, packets, bytes, lastMs - firstMs]),
    [
      [50_000, 2, 30 + 38, 7],
      [53, 1, 30, 0],
    ],
  )
})

function sum(bytes: Uint8Array): number {
  let total = 0
  for (let i = 0; i < bytes.length; i += 2) total += (bytes[i]! << 8) | (bytes[i + 1] ?? 0)
  return total
}
