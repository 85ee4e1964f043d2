// Loss from sequence numbers: counted where it is one, never where an exporter began anew, wrapped or numbers other things.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DecodingBench, decodingBench } from './testing/decoding.ts'
import {
  encodeData,
  encodeFixed,
  encodeIpfix,
  encodeNetflow9,
  encodeSet,
  encodeTemplates,
  fieldSpecs,
  TEST_EXPORT_MS,
} from './testing/encode.ts'

const FLOW = { id: 256, fields: fieldSpecs('1:4') }
const records = (n: number) => Array.from({ length: n }, (_, i) => [i])

interface Sent {
  sequence: number
  n: number
  uptimeMs?: number
  exportMs?: number
}
type Send = (bench: DecodingBench, sent: Sent) => void

const v5: Send = (bench, { n, ...header }) => {
  bench.decode(
    encodeFixed(
      5,
      Array.from({ length: n }, () => ({ bytes: 1 })),
      header,
    ),
  )
}
const v9: Send = (bench, { n, ...header }) => {
  bench.decode(encodeNetflow9([encodeTemplates(9, [FLOW]), encodeData(FLOW, records(n))], header))
}
const ipfix: Send = (bench, { n, ...header }) => {
  bench.decode(encodeIpfix([encodeTemplates(10, [FLOW]), encodeData(FLOW, records(n))], header))
}

function lossOf(send: Send, sequence: readonly (Sent | undefined)[]) {
  const bench = decodingBench()
  for (const sent of sequence) if (sent) send(bench, sent)
  const { lost, lossUnit, restarts, reordered } = bench.decoder.reports()[0]!
  return { lost, lossUnit, restarts, reordered }
}

/** What the exporter sends: `n` records in each datagram, numbered by `step`. */
const stream = (count: number, n: number, step: number, from = 1_000): Sent[] =>
  Array.from({ length: count }, (_, i) => ({ sequence: (from + i * step) >>> 0, n }))
const without = <T>(all: T[], ...missing: number[]) => all.filter((_, index) => !missing.includes(index))

const UNITS = [
  ['NetFlow 5 counts flows', v5, 'flows', 7, 7],
  ['NetFlow 9 counts datagrams', v9, 'datagrams', 7, 1],
  ['IPFIX counts records', ipfix, 'records', 7, 7],
] as const

for (const [name, send, lossUnit, n, step] of UNITS) {
  const nothing = { lost: 0, lossUnit, restarts: 0, reordered: 0 }
  test(`${name}: nothing missing, nothing lost`, () => {
    assert.deepEqual(lossOf(send, stream(20, n, step)), nothing)
  })
  test(`${name}: gaps are lost`, () => {
    assert.deepEqual(lossOf(send, without(stream(20, n, step), 5, 9, 10)), { ...nothing, lost: 3 * step })
  })
  test(`${name}: across the wrap at 2^32`, () => {
    assert.deepEqual(lossOf(send, stream(20, n, step, 2 ** 32 - 5 * step)), nothing)
    assert.deepEqual(lossOf(send, without(stream(20, n, step, 2 ** 32 - 5 * step), 5)), { ...nothing, lost: step })
  })
  test(`${name}: a late datagram is not lost, a repeated one changes nothing`, () => {
    const sent = stream(20, n, step)
    const late = [...sent.slice(0, 5), ...sent.slice(6, 9), sent[5], ...sent.slice(9)]
    assert.deepEqual(lossOf(send, late), { ...nothing, reordered: 1 })
    assert.deepEqual(lossOf(send, [...sent.slice(0, 5), sent[4], ...sent.slice(5)]), { ...nothing, reordered: 1 })
    const twice = [...without(sent, 3).slice(0, 10), sent[6], sent[6], ...sent.slice(11)]
    assert.deepEqual(lossOf(send, twice), { ...nothing, lost: step, reordered: 2 })
  })
  test(`${name}: beginning anew is a restart, not a loss of millions`, () => {
    assert.deepEqual(lossOf(send, [...stream(5, n, step, 3_000_000_000), ...stream(5, n, step, 0)]), {
      ...nothing,
      restarts: 1,
    })
    assert.deepEqual(lossOf(send, [...stream(5, n, step, 0), ...stream(5, n, step, 900_000_000)]), {
      ...nothing,
      restarts: 1,
    })
  })
  test(`${name}: beginning anew a little further back shows after some datagrams`, () => {
    const { lost, restarts } = lossOf(send, [...stream(5, n, step, 100), ...stream(30, n, step, 0)])
    assert.deepEqual([lost, restarts], [0, 1])
  })
}

test('an uptime that went back is a restart even where the number looks like a small gap', () => {
  const at = (seconds: number) => ({ exportMs: TEST_EXPORT_MS + seconds * 1000 })
  for (const [send, step] of [
    [v5, 7],
    [v9, 1],
  ] as const) {
    const sent = [
      { sequence: 0, n: 7, uptimeMs: 500_000, ...at(0) },
      { sequence: step, n: 7, uptimeMs: 560_000, ...at(60) },
      { sequence: 5 * step, n: 7, uptimeMs: 5_000, ...at(120) },
      { sequence: 6 * step, n: 7, uptimeMs: 65_000, ...at(180) },
    ]
    const { lost, restarts } = lossOf(send, sent)
    assert.deepEqual([lost, restarts], [0, 1])
    const old = sent.map((one, i) => ({ ...one, uptimeMs: [3_000_000_000, 3_000_060_000, 5_000, 65_000][i]! }))
    assert.deepEqual([lossOf(send, old).lost, lossOf(send, old).restarts], [0, 1], 'after more than 2^31 ms too')
    const wrap = sent.map((one, i) => ({
      ...one,
      sequence: i * step,
      uptimeMs: (2 ** 32 - 90_000 + i * 60_000) % 2 ** 32,
    }))
    assert.deepEqual(lossOf(send, wrap).restarts, 0, 'the wrap of the uptime is none')
  }
})

test('an exporter that numbers the other thing is understood within a few datagrams', () => {
  assert.deepEqual(lossOf(v9, stream(20, 7, 7)), { lost: 0, lossUnit: 'flows', restarts: 0, reordered: 0 })
  assert.deepEqual(lossOf(v9, without(stream(20, 7, 7), 12)), { lost: 7, lossUnit: 'flows', restarts: 0, reordered: 0 })
  assert.deepEqual(lossOf(ipfix, stream(20, 7, 1)), { lost: 0, lossUnit: 'datagrams', restarts: 0, reordered: 0 })
  assert.deepEqual(lossOf(v5, stream(20, 30, 1)), { lost: 0, lossUnit: 'datagrams', restarts: 0, reordered: 0 })
})

test('an exporter whose numbers count the records of their own datagram (softflowd) is understood, and its losses are', () => {
  // Sizes as a softflowd 1.0.0 sent them over loopback.
  const sizes = [24, 4, 10, 20, 1, 31, 10, 28, 5, 17, 2, 30]
  let sequence = 0
  const sent = sizes.map((n) => {
    sequence += n
    return { sequence, n }
  })
  assert.deepEqual(lossOf(ipfix, sent), { lost: 0, lossUnit: 'records', restarts: 0, reordered: 0 })
  assert.equal(lossOf(ipfix, without(sent, 9)).lost, 17)
  // Exchanged for one that counts as RFC 7011 says.
  const after = [7, 3, 9, 2, 8, 4].map((n) => {
    const own = { sequence, n }
    sequence += n
    return own
  })
  assert.equal(lossOf(ipfix, [...sent, ...after]).lost, 0)
})

test('IPFIX records that cannot be counted (template missing) make no loss', () => {
  const bench = decodingBench()
  for (let i = 0; i < 5; i++) bench.decode(encodeIpfix([encodeData(FLOW, records(7))], { sequence: i * 7 }))
  bench.decode(encodeIpfix([encodeTemplates(10, [FLOW])], { sequence: 35 }))
  bench.decode(encodeIpfix([encodeData(FLOW, records(7))], { sequence: 35 }))
  bench.decode(encodeIpfix([encodeData(FLOW, records(7))], { sequence: 42 }))
  const { lost, restarts } = bench.decoder.reports()[0]!
  assert.deepEqual([lost, restarts], [0, 0])
})

test('IPFIX records that cannot be read (bytes left over in a set) make no loss', () => {
  const bench = decodingBench()
  bench.decode(encodeIpfix([encodeTemplates(10, [FLOW]), encodeData(FLOW, records(2))], { sequence: 0 }))
  const wide = { id: 257, fields: fieldSpecs('1:4 8:4') }
  const odd = encodeSet(257, Buffer.alloc(7, 1))
  const { problems } = bench.decode(encodeIpfix([encodeTemplates(10, [wide]), odd], { sequence: 2 }))
  assert.deepEqual(problems, { 'trailing-bytes': 1 })
  bench.decode(encodeIpfix([encodeData(FLOW, records(2))], { sequence: 9 }))
  assert.equal(bench.decoder.reports()[0]!.lost, 0)
})

test('options records count in IPFIX; domains count for themselves', () => {
  const options = { id: 300, scopes: fieldSpecs('149:4'), fields: fieldSpecs('34:4') }
  const bench = decodingBench()
  const sets = [encodeTemplates(10, [FLOW]), encodeTemplates(10, [options])]
  bench.decode(encodeIpfix([...sets, encodeData(options, [[1, 9]]), encodeData(FLOW, records(2))], { sequence: 0 }))
  bench.decode(encodeIpfix([encodeTemplates(10, [FLOW]), encodeData(FLOW, records(4))], { sequence: 777, domain: 1 }))
  bench.decode(encodeIpfix([encodeData(FLOW, records(2))], { sequence: 3 }))
  assert.deepEqual(
    bench.decoder.reports().map(({ lost, domain }) => [domain, lost]),
    [
      [0, 0],
      [1, 0],
    ],
  )
})

test('two live ports of one domain, once split, have sequences of their own', () => {
  const other = { id: 256, fields: fieldSpecs('2:4') }
  const bench = decodingBench()
  for (let i = 0; i < 30; i++) {
    bench.decode(encodeNetflow9([encodeTemplates(9, [FLOW])], { sequence: 1_000 + i }), { port: 1 })
    bench.decode(encodeNetflow9([encodeTemplates(9, [other])], { sequence: 500_000 + i }), { port: 2 })
  }
  const { lost, restarts } = bench.decoder.reports()[0]!
  assert.deepEqual([lost, restarts], [0, 0])
})

test('NetFlow 1 has no sequence', () => {
  const bench = decodingBench()
  bench.decode(encodeFixed(1, [{ bytes: 1 }]))
  assert.equal(bench.decoder.reports()[0]!.lossUnit, 'none')
})
