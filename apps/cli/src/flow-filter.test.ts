import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlowBatch, formatIpv4, IPV6_BYTES, parseAddressBytes } from '@netbehave/schema'
import { CommandError } from './exit-codes.ts'
import { createFlowFilter, type FlowConditions } from './flow-filter.ts'

const SOURCES = ['192.0.2.7', '192.0.2.200', '198.51.100.1']
const base = { v: 1, site: 'home', n: 3, base: 0, collector: 'c', seq: 0, received: 0, dict: { exporter: [] } } as const
const toInt = (ip: string) => new DataView(parseAddressBytes(ip)!.buffer).getUint32(12)

const ipv4Batch = new FlowBatch({
  ...base,
  dict: { exporter: [] },
  cols: {
    srcIp: Uint32Array.from(SOURCES, toInt),
    dstIp: toInt('203.0.113.1'),
    srcPort: Uint16Array.of(53, 1000, 1001),
    dstPort: Uint16Array.of(2000, 53, 443),
    protocol: Uint8Array.of(17, 17, 6),
  },
})

function mixedBatch(sources: string[]): FlowBatch {
  const srcIp = new Uint8Array(sources.length * IPV6_BYTES)
  for (const [i, source] of sources.entries()) srcIp.set(parseAddressBytes(source)!, i * IPV6_BYTES)
  return new FlowBatch({ ...base, n: sources.length, dict: { exporter: [] }, cols: { srcIp } })
}

function fitting(batch: FlowBatch, conditions: FlowConditions): number[] {
  const fits = createFlowFilter(conditions)
  return Array.from({ length: batch.length }, (_, i) => i).filter((i) => fits(batch, i))
}

test('an address, a block, either side', () => {
  assert.equal(formatIpv4(toInt(SOURCES[0]!)), SOURCES[0])
  assert.deepEqual(fitting(ipv4Batch, { src: '192.0.2.7' }), [0])
  assert.deepEqual(fitting(ipv4Batch, { src: '192.0.2.0/25' }), [0])
  assert.deepEqual(fitting(ipv4Batch, { src: '192.0.2.99/24' }), [0, 1])
  assert.deepEqual(fitting(ipv4Batch, { src: '0.0.0.0/0' }), [0, 1, 2])
  assert.deepEqual(fitting(ipv4Batch, { dst: '203.0.113.1', src: '198.51.100.1' }), [2])
  assert.deepEqual(fitting(ipv4Batch, { ip: '203.0.113.0/24' }), [0, 1, 2])
  assert.deepEqual(fitting(ipv4Batch, { src: '2001:db8::/32' }), [])
})

test('a port of either side, a protocol, and all conditions together', () => {
  assert.deepEqual(fitting(ipv4Batch, { port: 53 }), [0, 1])
  assert.deepEqual(fitting(ipv4Batch, { protocol: 6 }), [2])
  assert.deepEqual(fitting(ipv4Batch, { port: 53, src: '192.0.2.7' }), [0])
  assert.deepEqual(fitting(ipv4Batch, {}), [0, 1, 2])
})

test('in a batch of both families an IPv4 block finds IPv4 and an IPv6 block IPv6', () => {
  const batch = mixedBatch(['192.0.2.7', '2001:db8::7', '2001:db8:0:8000::1', '2001:db9::1'])
  assert.deepEqual(fitting(batch, { src: '192.0.2.0/24' }), [0])
  assert.deepEqual(fitting(batch, { src: '2001:db8::7' }), [1])
  assert.deepEqual(fitting(batch, { src: '2001:db8::/32' }), [1, 2])
  assert.deepEqual(fitting(batch, { src: '2001:db8::/49' }), [1])
  assert.deepEqual(fitting(batch, { src: '::/0' }), [1, 2, 3])
  assert.deepEqual(fitting(batch, { src: '::ffff:192.0.2.0/120' }), [0])
})

test('what is no address is refused by name', () => {
  for (const src of ['300.1.1.1', '192.0.2.0/33', '192.0.2.0/', '2001:db8::/129', 'example.org', '192.0.2.0/8/8']) {
    assert.throws(() => createFlowFilter({ src }), CommandError, src)
  }
})
