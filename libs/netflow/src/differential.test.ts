// The same generated, well-formed NetFlow 5 and 9 datagrams through our decoder and through node-netflowv9: every flow equal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Flow, formatMac, parseAddressBytes } from '@netbehave/schema'
import fc from 'fast-check'
import { decodingBench } from './testing/decoding.ts'
import {
  encodeData,
  encodeFixed,
  encodeNetflow9,
  encodeTemplates,
  type FieldSpec,
  type FixedRecord,
  TEST_EXPORT_MS,
} from './testing/encode.ts'
import { createNetflowV9Peer, type PeerFlow } from './testing/netflowv9-peer.ts'

const UPTIME_MS = 50_000_000
const header = { uptimeMs: UPTIME_MS }

const byte = fc.nat(255)
const word = fc.nat(65_535)
const long = fc.nat(4_294_967_295)
const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'))
const uptime = fc.nat(80_000_000)

/** An uptime as the epoch ms that it means. */
const asEpoch = (uptimeMs: unknown) => TEST_EXPORT_MS - UPTIME_MS + Number(uptimeMs)

test('NetFlow 5: 500 generated datagrams decode to the same flows', () => {
  const record = fc.record({
    srcIp: ipv4,
    dstIp: ipv4,
    inIf: word,
    outIf: word,
    packets: long,
    bytes: long,
    firstMs: uptime,
    lastMs: uptime,
    srcPort: word,
    dstPort: word,
    tcpFlags: byte,
    protocol: byte,
    tos: byte,
    srcAs: word,
    dstAs: word,
  }) satisfies fc.Arbitrary<FixedRecord>
  const peer = createNetflowV9Peer()
  const bench = decodingBench()
  const property = fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), (records) => {
    const datagram = encodeFixed(5, records.map(inOrder), header)
    const ours = bench.decode(datagram)
    assert.deepEqual(ours.problems, {})
    assert.deepEqual(ours.flows.map(commonOf), peer.decode(datagram).map(commonOfPeer5))
  })
  fc.assert(property, { numRuns: 500, seed: 5 })
})

const inOrder = <R extends { firstMs: number; lastMs: number }>(record: R): R => {
  return {
    ...record,
    firstMs: Math.min(record.firstMs, record.lastMs),
    lastMs: Math.max(record.firstMs, record.lastMs),
  }
}

/** The fields that NetFlow 5 has, with their zeros. */
function commonOf(flow: Flow) {
  const { srcIp, dstIp, firstMs, lastMs, srcPort, dstPort, protocol, bytes, packets } = flow
  const { inIf = 0, outIf = 0, tcpFlags = 0, tos = 0, srcAs = 0, dstAs = 0 } = flow
  return {
    srcIp,
    dstIp,
    firstMs,
    lastMs,
    srcPort,
    dstPort,
    protocol,
    bytes,
    packets,
    inIf,
    outIf,
    tcpFlags,
    tos,
    srcAs,
    dstAs,
  }
}

function commonOfPeer5(flow: PeerFlow) {
  return {
    srcIp: flow.ipv4_src_addr,
    dstIp: flow.ipv4_dst_addr,
    firstMs: asEpoch(flow.first_switched),
    lastMs: asEpoch(flow.last_switched),
    srcPort: flow.ipv4_src_port,
    dstPort: flow.ipv4_dst_port,
    protocol: flow.protocol,
    bytes: flow.in_bytes,
    packets: flow.in_pkts,
    inIf: flow.input_snmp,
    outIf: flow.output_snmp,
    tcpFlags: flow.tcp_flags,
    tos: flow.src_tos,
    srcAs: flow.in_as,
    dstAs: flow.out_as,
  }
}

interface ComparedField {
  id: number
  lengths: readonly number[]
  /** Member of a Flow, and what an absent one is. */
  ours: keyof Flow
  absent: number | string
  peer: string
  peerValue?: (value: unknown) => unknown
}

const number = (id: number, lengths: readonly number[], ours: keyof Flow, peer: string, absent = 0): ComparedField => {
  return { id, lengths, ours, absent, peer }
}
const mac = (id: number, ours: keyof Flow, peer: string): ComparedField => {
  return {
    id,
    lengths: [6],
    ours,
    absent: '00:00:00:00:00:00',
    peer,
    peerValue: (hex) => formatMac(Buffer.from(String(hex), 'hex')),
  }
}
const address4 = (id: number, ours: keyof Flow, peer: string): ComparedField => {
  return { id, lengths: [4], ours, absent: '0.0.0.0', peer }
}

/** Reduced sizes that the peer reads too: not 7. */
const COUNTERS = [1, 2, 3, 4, 5, 6, 8]
const FIELDS: readonly ComparedField[] = [
  number(1, COUNTERS, 'bytes', 'in_bytes'),
  number(2, COUNTERS, 'packets', 'in_pkts'),
  number(4, [1], 'protocol', 'protocol'),
  number(5, [1], 'tos', 'src_tos'),
  number(6, [1], 'tcpFlags', 'tcp_flags'),
  number(7, [2], 'srcPort', 'l4_src_port'),
  number(11, [2], 'dstPort', 'l4_dst_port'),
  number(10, [1, 2, 3, 4], 'inIf', 'input_snmp'),
  number(14, [1, 2, 3, 4], 'outIf', 'output_snmp'),
  number(16, [2, 4], 'srcAs', 'src_as'),
  number(17, [2, 4], 'dstAs', 'dst_as'),
  number(58, [2], 'vlan', 'src_vlan'),
  number(61, [1], 'direction', 'direction', 255),
  { ...number(22, [4], 'firstMs', 'first_switched'), peerValue: asEpoch },
  { ...number(21, [4], 'lastMs', 'last_switched'), peerValue: asEpoch },
  address4(8, 'srcIp', 'ipv4_src_addr'),
  address4(12, 'dstIp', 'ipv4_dst_addr'),
  mac(56, 'srcMac', 'in_src_mac'),
  mac(80, 'dstMac', 'in_dst_mac'),
]
const SRC6: ComparedField = { id: 27, lengths: [16], ours: 'srcIp', absent: '', peer: 'ipv6_src_addr' }
const DST6: ComparedField = { id: 28, lengths: [16], ours: 'dstIp', absent: '', peer: 'ipv6_dst_addr' }
/** Elements that fill nothing of ours, in between. */
const SKIPPED: readonly FieldSpec[] = [
  [3, 4],
  [9, 1],
  [15, 4],
  [60, 1],
  [89, 4],
]

interface Generated {
  compared: readonly (ComparedField & { length: number })[]
  spec: { id: number; fields: FieldSpec[] }
  records: Uint8Array[][]
  padding: number
}

/** A template of some fields in any order, and records of it: the times ordered and near the header, the rest any bytes. */
const generated: fc.Arbitrary<Generated> = fc
  .tuple(
    fc.shuffledSubarray([...FIELDS, ...SKIPPED], { minLength: 1 }),
    fc.boolean(),
    fc.nat(1_000_000),
    fc.integer({ min: 256, max: 700 }),
  )
  .chain(([chosen, ipv6, lengthSeed, id]) => {
    const addresses = chosen.filter((field) => !('id' in field && ipv6 && (field.id === 8 || field.id === 12)))
    const all = ipv6 ? [...addresses, SRC6, DST6] : addresses
    const times = all.filter((field) => 'id' in field && (field.id === 21 || field.id === 22))
    const usable = times.length === 1 ? all.filter((field) => !times.includes(field)) : all
    const fields = usable.length > 0 ? usable : [FIELDS[0]!]
    const specs = fields.map((field, index): FieldSpec => {
      return 'id' in field ? [field.id, field.lengths[(lengthSeed + index) % field.lengths.length]!] : field
    })
    const record = fc.tuple(fc.uint8Array({ minLength: 200, maxLength: 200 }), uptime, uptime).map(([noise, a, b]) => {
      let at = 0
      return specs.map(([element, length]) => {
        const bytes = Buffer.from(noise.subarray(at, at + length))
        at += length
        if (element === 22) bytes.writeUInt32BE(Math.min(a, b))
        if (element === 21) bytes.writeUInt32BE(Math.max(a, b))
        if (length === 8) bytes.writeUInt16BE(0)
        return bytes
      })
    })
    const compared = fields.flatMap((field, index) => ('id' in field ? [{ ...field, length: specs[index]![1] }] : []))
    const recordBytes = specs.reduce((sum, [, length]) => sum + length, 0)
    return fc.tuple(fc.array(record, { minLength: 1, maxLength: 12 }), fc.nat(3)).map(([records, padding]) => {
      return { compared, spec: { id, fields: specs }, records, padding: Math.min(padding, recordBytes - 1) }
    })
  })

test('NetFlow 9: 1,000 generated templates with data decode to the same flows', () => {
  const peer = createNetflowV9Peer()
  const bench = decodingBench({ templateBurst: 1_000_000 })
  const property = fc.property(generated, ({ compared, spec, records, padding }) => {
    const sets = [encodeTemplates(9, [spec]), encodeData(spec, records, padding)]
    const datagram = encodeNetflow9(sets, { ...header, count: records.length + 1 })
    const ours = bench.decode(datagram)
    const theirs = peer.decode(datagram)
    assert.deepEqual(ours.problems, {})
    assert.equal(ours.flows.length, theirs.length)
    for (const [index, flow] of ours.flows.entries()) {
      for (const { ours: name, absent, peer: peerName, peerValue, id } of compared) {
        const value = id === 27 || id === 28 ? hexOf(flow[name]) : (flow[name] ?? absent)
        const theirValue = theirs[index]![peerName]
        assert.deepEqual(value, peerValue ? peerValue(theirValue) : theirValue, `${name} of record ${index}`)
      }
    }
  })
  fc.assert(property, { numRuns: 1_000, seed: 9 })
})

const hexOf = (address: unknown): string => Buffer.from(parseAddressBytes(String(address))!).toString('hex')
