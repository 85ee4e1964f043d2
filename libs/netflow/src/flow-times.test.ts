// Every way in which a record can tell its times becomes epoch ms.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportTimeMs } from './decoder.ts'
import { decodingBench } from './testing/decoding.ts'
import {
  encodeData,
  encodeFixed,
  encodeIpfix,
  encodeNetflow9,
  encodeTemplates,
  type FieldSpec,
  type FieldValue,
  fieldSpecs,
  TEST_EXPORT_MS,
} from './testing/encode.ts'

type Timed = readonly [id: number, length: number, FieldValue]

function timesOf(version: 9 | 10, fields: readonly Timed[], uptimeMs = 3_600_000, receivedMs = TEST_EXPORT_MS) {
  const spec = {
    id: 256,
    fields: [...fields.map((field): FieldSpec => [field[0], field[1]]), ...fieldSpecs('4:1')],
  }
  const sets = [
    encodeTemplates(version, [spec]),
    encodeData(spec, [[...fields.map((field) => field.at(-1) as FieldValue), 6]]),
  ]
  const datagram = version === 9 ? encodeNetflow9(sets, { uptimeMs }) : encodeIpfix(sets)
  const { flows, problems } = decodingBench().decode(datagram, { receivedMs })
  return { first: flows[0]!.firstMs - TEST_EXPORT_MS, last: flows[0]!.lastMs - TEST_EXPORT_MS, problems }
}

/** Epoch ms → NTP timestamp. */
const ntp = (ms: number) => {
  const seconds = BigInt(Math.floor(ms / 1000)) + 2_208_988_800n
  return (seconds << 32n) | ((BigInt(Math.floor(ms % 1000)) << 32n) / 1000n + 5_000n)
}
const ago = (ms: number) => TEST_EXPORT_MS - ms

// biome-ignore format: one case a line
const CASES: readonly [name: string, version: 9 | 10, fields: readonly Timed[], first: number, last: number][] = [
  ['switched against sysUptime', 9, [[22, 4, 3_590_000], [21, 4, 3_599_000]], -10_000, -1_000],
  ['seconds', 10, [[150, 4, ago(9_000) / 1000], [151, 4, ago(1_000) / 1000]], -9_000, -1_000],
  ['milliseconds', 10, [[152, 8, ago(9_001)], [153, 8, ago(1_002)]], -9_001, -1_002],
  ['microseconds', 10, [[154, 8, ntp(ago(9_001))], [155, 8, ntp(ago(1_002))]], -9_001, -1_002],
  ['nanoseconds', 10, [[156, 8, ntp(ago(9_001))], [157, 8, ntp(ago(1_002))]], -9_001, -1_002],
  ['microseconds since 1970, as some send', 10, [[154, 8, BigInt(ago(9_001)) * 1000n], [155, 8, BigInt(ago(1_002)) * 1000n]], -9_001, -1_002],
  ['nanoseconds since 1970, as some send', 10, [[156, 8, BigInt(ago(9_001)) * 1_000_000n], [157, 8, BigInt(ago(1_002)) * 1_000_000n]], -9_001, -1_002],
  ['delta microseconds', 10, [[158, 4, 9_000_000], [159, 4, 1_000_000]], -9_000, -1_000],
  ['the exporter’s start in the record', 10, [[160, 8, ago(3_600_000)], [22, 4, 3_590_000], [21, 4, 3_599_000]], -10_000, -1_000],
  ['the exporter’s start 60 days ago: uptimes wrapped', 10, [[160, 8, ago(5_184_000_000)], [22, 4, 5_183_990_000 % 2 ** 32], [21, 4, 5_183_999_000 % 2 ** 32]], -10_000, -1_000],
  ['uptimes without a clock: ended at the export', 10, [[22, 4, 5_000], [21, 4, 7_500]], -2_500, 0],
  ['end and length', 10, [[161, 4, 4_000], [153, 8, ago(1_000)]], -5_000, -1_000],
  ['end and length in microseconds', 10, [[162, 4, 4_000_000], [153, 8, ago(1_000)]], -5_000, -1_000],
  ['start and length', 10, [[152, 8, ago(9_000)], [161, 4, 4_000]], -9_000, -5_000],
  ['length alone: ended at the export', 10, [[161, 4, 4_000]], -4_000, 0],
  ['a length beside both ends is not needed', 10, [[152, 8, ago(9_000)], [153, 8, ago(8_000)], [161, 4, 60_000]], -9_000, -8_000],
  ['observation time alone', 10, [[323, 8, ago(700)]], -700, -700],
  ['observation seconds', 10, [[322, 4, ago(3_000) / 1000]], -3_000, -3_000],
  ['observation microseconds', 10, [[324, 8, ntp(ago(700))]], -700, -700],
  ['observation nanoseconds', 10, [[325, 8, ntp(ago(700))]], -700, -700],
  ['collection time alone', 10, [[258, 8, ago(700)]], -700, -700],
  ['a start and an event time (ASA)', 9, [[152, 8, ago(60_000)], [323, 8, ago(700)]], -60_000, -700],
  ['an end before an observation', 10, [[323, 8, ago(1)], [152, 8, ago(9_000)], [153, 8, ago(8_000)]], -9_000, -8_000],
  ['a start alone', 10, [[152, 8, ago(9_000)]], -9_000, -9_000],
  ['an end alone', 10, [[153, 8, ago(9_000)]], -9_000, -9_000],
  ['milliseconds of zero are not told', 10, [[152, 8, 0], [153, 8, 0], [150, 4, ago(9_000) / 1000], [151, 4, ago(1_000) / 1000]], -9_000, -1_000],
  ['no time at all: the export time', 10, [], 0, 0],
  ['no time at all in NetFlow 9', 9, [], 0, 0],
]

for (const [name, version, fields, first, last] of CASES) {
  test(`${name}`, () => {
    assert.deepEqual(timesOf(version, fields), { first, last, problems: {} })
  })
}

test('the exporter’s start told by an options record is the clock of later uptimes', () => {
  const init = { id: 257, scopes: fieldSpecs('144:4'), fields: fieldSpecs('160:8') }
  const flow = {
    id: 256,
    fields: fieldSpecs('22:4 21:4'),
  }
  const bench = decodingBench()
  bench.decode(encodeIpfix([encodeTemplates(10, [init]), encodeData(init, [[1, ago(3_600_000)]])]))
  const { flows } = bench.decode(encodeIpfix([encodeTemplates(10, [flow]), encodeData(flow, [[3_590_000, 3_599_000]])]))
  assert.deepEqual([flows[0]!.firstMs, flows[0]!.lastMs], [ago(10_000), ago(1_000)])
})

test('an exporter that sends in the second in which it started is a clock too, though its header may name the second before', () => {
  const init = { id: 257, scopes: fieldSpecs('144:4'), fields: fieldSpecs('160:8') }
  const flow = { id: 256, fields: fieldSpecs('22:4 21:4') }
  // What softflowd reads from a capture was before its start.
  const records = [[2 ** 32 - 5_000, 2 ** 32 - 4_000]]
  for (const afterMs of [0, 999, 1_000, 1_004, 2_500]) {
    const sets = [
      encodeTemplates(10, [init]),
      encodeTemplates(10, [flow]),
      encodeData(init, [[1, TEST_EXPORT_MS + afterMs]]),
    ]
    const { flows } = decodingBench().decode(encodeIpfix([...sets, encodeData(flow, records)]))
    assert.deepEqual([flows[0]!.firstMs, flows[0]!.lastMs], [ago(5_000 - afterMs), ago(4_000 - afterMs)])
  }
})

test('a flow longer than its clock is believed only for a day before its receipt', () => {
  const dayMs = 86_400_000
  assert.deepEqual(
    timesOf(10, [
      [152, 8, ago(dayMs - 1)],
      [153, 8, ago(0)],
    ]).problems,
    {},
  )
  assert.deepEqual(
    timesOf(10, [
      [152, 8, ago(dayMs + 1)],
      [153, 8, ago(5)],
    ]),
    { first: -5, last: -5, problems: { 'time-skew': 1 } },
  )
})

test('an absolute time beyond a day becomes the receive time, and keeps the flow’s length', () => {
  const years = Date.UTC(2006, 0, 1)
  const times = timesOf(10, [
    [152, 8, years],
    [153, 8, years + 1_500],
  ])
  assert.deepEqual(times, { first: -1_500, last: 0, problems: { 'time-skew': 1 } })
  const future = timesOf(10, [
    [150, 4, 4_294_967_295],
    [151, 4, 4_294_967_295],
  ])
  assert.deepEqual(future, { first: 0, last: 0, problems: { 'time-skew': 1 } })
})

test('sets that waited for their template keep the clock of their own datagram', () => {
  const spec = {
    id: 256,
    fields: fieldSpecs('22:4 21:4'),
  }
  const bench = decodingBench()
  const data = encodeNetflow9([encodeData(spec, [[5_000, 6_000]])], { exportMs: ago(120_000), uptimeMs: 10_000 })
  assert.deepEqual(bench.decode(data).problems, { 'template-missing': 1 })
  const { flows } = bench.decode(encodeNetflow9([encodeTemplates(9, [spec])], { uptimeMs: 130_000 }))
  assert.deepEqual([flows[0]!.firstMs, flows[0]!.lastMs], [ago(125_000), ago(124_000)])
})

test('a time that is not believed becomes the receive time of its own datagram, waiting or not', () => {
  const spec = { id: 256, fields: fieldSpecs('152:8 153:8') }
  const bench = decodingBench()
  const data = encodeNetflow9([encodeData(spec, [[1_000, 3_000]])])
  bench.decode(data, { receivedMs: ago(120_000) })
  const { flows, problems } = bench.decode(encodeNetflow9([encodeTemplates(9, [spec])]))
  assert.deepEqual([flows[0]!.firstMs, flows[0]!.lastMs, problems], [ago(122_000), ago(120_000), { 'time-skew': 1 }])
})

test('an exporter’s start and its export time are by the same clock, right or wrong', () => {
  const years = Date.UTC(2006, 0, 1)
  const spec = { id: 256, fields: fieldSpecs('160:8 22:4 21:4') }
  const sets = [encodeTemplates(10, [spec]), encodeData(spec, [[years - 3_600_000, 3_590_000, 3_599_000]])]
  const { flows } = decodingBench().decode(encodeIpfix(sets, { exportMs: years }), { receivedMs: TEST_EXPORT_MS })
  assert.deepEqual([flows[0]!.firstMs, flows[0]!.lastMs], [ago(10_000), ago(1_000)])
})

test('exportTimeMs reads the header of every version, and of nothing else', () => {
  const exportMs = TEST_EXPORT_MS + 250
  for (const version of [1, 5, 7] as const) assert.equal(exportTimeMs(encodeFixed(version, [], { exportMs })), exportMs)
  assert.equal(exportTimeMs(encodeNetflow9([], { exportMs })), TEST_EXPORT_MS)
  assert.equal(exportTimeMs(encodeIpfix([], { exportMs })), TEST_EXPORT_MS)
  for (const short of [[], [0], [0, 9, 1, 2], [0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 10, 0]]) {
    assert.equal(exportTimeMs(Uint8Array.from(short)), undefined)
  }
  assert.equal(exportTimeMs(Buffer.alloc(40)), undefined)
})
