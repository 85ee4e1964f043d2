// Sampling rates: of the record itself, of the sampler or selector that it names, of its interface, of its domain, of the v5 header.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DecodingBench, decodingBench } from './testing/decoding.ts'
import {
  encodeData,
  encodeFixed,
  encodeIpfix,
  encodeNetflow9,
  encodeTemplates,
  type FieldValue,
  fieldSpecs,
  type TemplateSpec,
} from './testing/encode.ts'

const PLAIN: TemplateSpec = {
  id: 256,
  fields: fieldSpecs('10:2 1:4'),
}
const BY_SAMPLER: TemplateSpec = {
  id: 257,
  fields: fieldSpecs('48:1 1:4'),
}
const BY_SELECTOR: TemplateSpec = {
  id: 258,
  fields: fieldSpecs('302:8 1:4'),
}
const OWN_RATE: TemplateSpec = {
  id: 259,
  fields: fieldSpecs('34:4 1:4'),
}

type Version = 9 | 10
const message = (version: Version, ...sets: Buffer[]) => (version === 9 ? encodeNetflow9(sets) : encodeIpfix(sets))

function teach(bench: DecodingBench, version: Version, spec: TemplateSpec, ...records: FieldValue[][]): void {
  const { optionsRecords, flows } = bench.decode(
    message(version, encodeTemplates(version, [spec]), encodeData(spec, records)),
  )
  assert.deepEqual([optionsRecords, flows.length], [records.length, 0])
}

/** The sampling of one record, `first` being the value of its first field. */
function samplingOf(bench: DecodingBench, version: Version, spec: TemplateSpec, first: number): number {
  return bench.decode(message(version, encodeTemplates(version, [spec]), encodeData(spec, [[first, 7]]))).flows[0]!
    .sampling
}

test('by sampler: each record gets the rate of the sampler it names', () => {
  const samplers: TemplateSpec = {
    id: 300,
    scopes: fieldSpecs('1:4'),
    fields: fieldSpecs('48:1 49:1 50:4'),
  }
  const bench = decodingBench()
  teach(bench, 9, samplers, [0, 1, 2, 100], [0, 2, 2, 2_000])
  assert.equal(samplingOf(bench, 9, BY_SAMPLER, 1), 100)
  assert.equal(samplingOf(bench, 9, BY_SAMPLER, 2), 2_000)
  assert.equal(samplingOf(bench, 9, BY_SAMPLER, 0), 1, 'sampler 0: not sampled')
  assert.equal(samplingOf(bench, 9, BY_SAMPLER, 9), 1, 'a sampler that was not told, among several')
  assert.equal(samplingOf(bench, 9, PLAIN, 3), 1, 'no sampler named, several known')
})

test('by selector: packet interval and space of IPFIX', () => {
  const selectors: TemplateSpec = {
    id: 300,
    scopes: fieldSpecs('302:8'),
    fields: fieldSpecs('304:2 305:4 306:4'),
  }
  const bench = decodingBench()
  teach(bench, 10, selectors, [5, 1, 1, 999], [6, 1, 10, 90])
  assert.equal(samplingOf(bench, 10, BY_SELECTOR, 5), 1_000)
  assert.equal(samplingOf(bench, 10, BY_SELECTOR, 6), 10)
})

test('the only sampler of a domain is the rate of records that name none', () => {
  const samplers: TemplateSpec = {
    id: 300,
    scopes: fieldSpecs('1:4'),
    fields: fieldSpecs('48:2 34:4'),
  }
  const bench = decodingBench()
  teach(bench, 9, samplers, [0, 4, 512])
  assert.equal(samplingOf(bench, 9, PLAIN, 3), 512)
  assert.equal(samplingOf(bench, 9, BY_SAMPLER, 4), 512)
  assert.equal(samplingOf(bench, 9, BY_SAMPLER, 0), 1, 'sampler 0 is not sampled')
  const other = bench.decode(encodeNetflow9([encodeTemplates(9, [PLAIN]), encodeData(PLAIN, [[1, 7]])], { domain: 8 }))
  assert.equal(other.flows[0]!.sampling, 1, 'another domain is not its business')
  assert.equal(bench.decoder.reports()[0]!.sampling, 512)
})

test('a rate with a System scope, or none of the known ones, is the domain’s', () => {
  for (const version of [9, 10] as const) {
    const scope = version === 9 ? ([1, 0] as const) : ([144, 4] as const)
    const spec: TemplateSpec = {
      id: 300,
      scopes: [scope],
      fields: fieldSpecs('34:4 35:1'),
    }
    const bench = decodingBench()
    teach(bench, version, spec, [1, 100, 1])
    assert.equal(samplingOf(bench, version, PLAIN, 3), 100)
    teach(bench, version, spec, [1, 200, 1])
    assert.equal(samplingOf(bench, version, PLAIN, 3), 200, 'the newest')
    teach(bench, version, spec, [1, 0, 1])
    assert.equal(samplingOf(bench, version, PLAIN, 3), 200, '0 says nothing')
  }
})

test('sampled population (IEs 309, 310) is a rate too', () => {
  const spec: TemplateSpec = {
    id: 300,
    scopes: fieldSpecs('149:4'),
    fields: fieldSpecs('309:4 310:4'),
  }
  const bench = decodingBench()
  teach(bench, 10, spec, [1, 2, 128])
  assert.equal(samplingOf(bench, 10, PLAIN, 3), 64)
})

test('a rate with an Interface scope is that interface’s', () => {
  const v9: TemplateSpec = { id: 300, scopes: fieldSpecs('2:4'), fields: fieldSpecs('34:4') }
  const ipfix: TemplateSpec = { id: 300, scopes: fieldSpecs('10:4'), fields: fieldSpecs('34:4') }
  for (const [version, spec] of [
    [9, v9],
    [10, ipfix],
  ] as const) {
    const bench = decodingBench()
    teach(bench, version, spec, [3, 50], [4, 60])
    assert.deepEqual(
      [3, 4, 5].map((inIf) => samplingOf(bench, version, PLAIN, inIf)),
      [50, 60, 1],
    )
  }
})

test('the record’s own rate comes first', () => {
  const samplers: TemplateSpec = {
    id: 300,
    scopes: fieldSpecs('1:4'),
    fields: fieldSpecs('48:1 34:4'),
  }
  const bench = decodingBench()
  teach(bench, 9, samplers, [0, 1, 100])
  assert.equal(samplingOf(bench, 9, OWN_RATE, 30), 30)
  assert.equal(samplingOf(bench, 9, OWN_RATE, 0), 100, 'where it says nothing, the domain’s')
  const both: TemplateSpec = {
    id: 260,
    fields: fieldSpecs('48:1 50:4 1:4'),
  }
  const { flows } = bench.decode(
    encodeNetflow9([
      encodeTemplates(9, [both]),
      encodeData(both, [
        [1, 25, 7],
        [1, 0, 7],
      ]),
    ]),
  )
  assert.deepEqual(
    flows.map(({ sampling }) => sampling),
    [25, 100],
  )
  const pair: TemplateSpec = {
    id: 261,
    fields: fieldSpecs('306:4 305:4 1:4'),
  }
  const own = bench.decode(
    encodeIpfix([
      encodeTemplates(10, [pair]),
      encodeData(pair, [
        [9, 1, 7],
        [0, 0, 7],
      ]),
    ]),
  )
  assert.deepEqual(
    own.flows.map(({ sampling }) => sampling),
    [10, 1],
  )
})

test('NetFlow 5: the header’s 14-bit interval, without the mode bits', () => {
  const rate = (sampling: number) =>
    decodingBench().decode(encodeFixed(5, [{ bytes: 7 }], { sampling })).flows[0]!.sampling
  assert.deepEqual([rate(0), rate(0x4001), rate(0x4064), rate(0x7fff)], [1, 1, 100, 16_383])
})

test('rates learned after a record stay with the records after it', () => {
  const bench = decodingBench()
  assert.equal(samplingOf(bench, 9, PLAIN, 3), 1)
  teach(bench, 9, { id: 300, scopes: fieldSpecs('1:4'), fields: fieldSpecs('34:4') }, [0, 8])
  assert.equal(samplingOf(bench, 9, PLAIN, 3), 8)
})

test('interface names of either scope, and what the exporter says of itself, are kept', () => {
  const bench = decodingBench()
  const v9: TemplateSpec = {
    id: 300,
    scopes: fieldSpecs('2:4'),
    fields: fieldSpecs('82:16 83:32'),
  }
  teach(bench, 9, v9, [1, 'eth0', 'to the\u0007 provider'], [2, 'eth1', ''])
  const ipfix: TemplateSpec = { id: 301, scopes: fieldSpecs('10:4'), fields: fieldSpecs('82:v') }
  teach(bench, 10, ipfix, [7, 'ge-0/0/7'])
  const cisco: TemplateSpec = {
    id: 302,
    scopes: fieldSpecs('1:4'),
    fields: fieldSpecs('10:4 82:8 83:8'),
  }
  teach(bench, 9, cisco, [0, 3, 'Gi0/3', 'LAN'])
  assert.deepEqual(
    [...bench.decoder.interfaces('192.0.2.1')],
    [
      [1, { name: 'eth0', description: 'to the provider' }],
      [2, { name: 'eth1', description: '' }],
      [3, { name: 'Gi0/3', description: 'LAN' }],
      [7, { name: 'ge-0/0/7', description: '' }],
    ],
  )
  const statistics: TemplateSpec = {
    id: 303,
    scopes: fieldSpecs('1:4'),
    fields: fieldSpecs('41:8 42:8 40:8'),
  }
  teach(bench, 9, statistics, [0, 11, 22, 33])
  const { statistics: told } = bench.decoder.reports().find(({ version }) => version === 9)!
  assert.deepEqual(told, {
    exportedOctets: 33,
    exportedMessages: 11,
    exportedFlows: 22,
    ignoredPackets: 0,
    notSentFlows: 0,
    notSentPackets: 0,
    notSentOctets: 0,
  })
})
