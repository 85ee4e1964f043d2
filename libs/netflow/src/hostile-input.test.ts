// One test for each row of the design's table of hostile input, named by the row. Each makes a guard bite, sees it counted and
// sees that what is well-formed around it still comes through.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlowBatchBuilder } from '@netbehave/schema'
import { createDecoder } from './decoder.ts'
import { DEFAULT_LIMITS, type DecoderLimits } from './limits.ts'
import { decodingBench } from './testing/decoding.ts'
import {
  encodeData,
  encodeFixed,
  encodeIpfix,
  encodeNetflow9,
  encodeRecord,
  encodeSet,
  encodeTemplates,
  fieldSpecs,
  TEST_EXPORT_MS,
  type TemplateSpec,
  VARIABLE,
} from './testing/encode.ts'

/** Source, destination, bytes: 12 bytes a record. */
const FLOW: TemplateSpec = {
  id: 256,
  fields: fieldSpecs('8:4 12:4 1:4'),
}
const record = (bytes: number) => ['10.0.0.1', '192.0.2.1', bytes]
const flowData = (...bytes: number[]) => encodeData(FLOW, bytes.map(record))
const definition = (version: 9 | 10, id = FLOW.id) => encodeTemplates(version, [{ ...FLOW, id }])

/** A bench that knows FLOW from 192.0.2.1, NetFlow 9 and IPFIX. */
function knowing(limits: Partial<DecoderLimits> = {}) {
  const bench = decodingBench(limits)
  bench.decode(encodeNetflow9([definition(9)]))
  bench.decode(encodeIpfix([definition(10)]))
  return bench
}

test('flowset or set length 0–3', () => {
  for (const length of [0, 1, 2, 3]) {
    const bad = encodeSet(256, Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]), length)
    const bench = knowing()
    for (const datagram of [
      encodeNetflow9([flowData(7), bad, flowData(8)], { count: 9 }),
      encodeIpfix([flowData(7), bad, flowData(8)]),
    ]) {
      const { flows, problems, bytes } = bench.decode(datagram)
      assert.deepEqual(
        flows.map((flow) => flow.bytes),
        [7],
        'what came before is kept, the rest is not read',
      )
      assert.deepEqual(problems, { 'set-length': 1 })
      assert.equal(bytes.skipped, bad.length + flowData(8).length)
    }
  }
  const tail = knowing().decode(encodeNetflow9([flowData(7), Buffer.alloc(1_220)], { count: 1 }))
  assert.equal(tail.flows.length, 1)
  assert.deepEqual(tail.problems, {}, 'a zero-filled tail (Palo Alto, ACI) is padding')
  assert.equal(tail.bytes.padding, 1_220)
})

test('template of total length 0, or with no field', () => {
  const noField = encodeSet(0, Buffer.from([1, 44, 0, 0]))
  const zeroLength = encodeTemplates(9, [
    {
      id: 300,
      fields: fieldSpecs('1:0 2:0'),
    },
  ])
  const bench = knowing()
  for (const refused of [noField, zeroLength]) {
    const { problems, flows } = bench.decode(encodeNetflow9([refused, flowData(7)]))
    assert.deepEqual(problems, { 'template-empty': 1 })
    assert.equal(flows.length, 1)
  }
  const zeroIpfix = bench.decode(encodeIpfix([encodeTemplates(10, [{ id: 300, fields: fieldSpecs('1:0') }])]))
  assert.deepEqual(zeroIpfix.problems, { 'template-empty': 1 })
  const data = bench.decode(encodeNetflow9([encodeSet(300, Buffer.alloc(40))]))
  assert.deepEqual(data.problems, { 'template-missing': 1 }, 'nothing was kept of the refused templates')
  const ids = bench.decoder.reports().flatMap((report) => report.templates.map((template) => template.id))
  assert.deepEqual(ids, [256, 256])
})

test('field length larger than the datagram, 65535 in NetFlow 9 (H3C sends it)', () => {
  const bench = knowing()
  const spec: TemplateSpec = {
    id: 257,
    fields: fieldSpecs('8:4 82:1000 1:4'),
  }
  const long = bench.decode(
    encodeNetflow9([encodeTemplates(9, [spec]), encodeSet(257, Buffer.alloc(60, 1)), flowData(7)]),
  )
  assert.deepEqual(long.problems, { 'trailing-bytes': 1 }, 'no record fits')
  assert.equal(long.bytes.skipped, 60)
  assert.deepEqual(
    long.flows.map((flow) => flow.bytes),
    [7],
  )
  const h3c: TemplateSpec = {
    id: 258,
    fields: fieldSpecs('8:4 1:4 236:v'),
  }
  const named = Buffer.concat([
    encodeRecord(h3c, ['10.0.0.1', 7]),
    Buffer.from([10, 0, 0, 2, 0, 0, 0, 8, 255, 0, 1, 0]),
  ])
  const variable = bench.decode(encodeNetflow9([encodeTemplates(9, [h3c]), encodeSet(258, named)]))
  assert.deepEqual(variable.problems, {})
  assert.deepEqual(
    variable.flows.map(({ srcIp, bytes }) => [srcIp, bytes]),
    [
      ['10.0.0.1', 7],
      ['10.0.0.2', 8],
    ],
    'H3C writes its length into the record, as IPFIX does',
  )
  const cut = bench.decode(encodeNetflow9([encodeSet(258, Buffer.alloc(60, 200)), flowData(7)]))
  assert.deepEqual(cut.problems, { 'variable-length': 1, 'trailing-bytes': 1 })
  assert.equal(cut.flows.length, 1)
})

test('variable-length field (IPFIX), long form, running past the set', () => {
  const spec: TemplateSpec = {
    id: 400,
    fields: fieldSpecs('8:4 82:v 1:4'),
  }
  const bench = decodingBench()
  const short = encodeRecord(spec, ['10.0.0.1', 'x'.repeat(3), 1])
  const long = encodeRecord(spec, ['10.0.0.2', 'x'.repeat(300), 2])
  const good = bench.decode(
    encodeIpfix([encodeTemplates(10, [spec]), encodeSet(400, Buffer.concat([short, long, short]))]),
  )
  assert.deepEqual(
    good.flows.map(({ srcIp, bytes }) => [srcIp, bytes]),
    [
      ['10.0.0.1', 1],
      ['10.0.0.2', 2],
      ['10.0.0.1', 1],
    ],
  )
  for (const lie of [[200], [255, 0, 200], [255, 255, 255], [255], [255, 1]]) {
    const cut = Buffer.concat([short, Buffer.from([10, 0, 0, 3, ...lie, 1, 2, 3, 4, 5, 6])])
    const { flows, problems, bytes } = bench.decode(encodeIpfix([encodeSet(400, cut), encodeSet(400, short)]))
    assert.equal(flows.length, 2, 'the record before, and the next set')
    assert.deepEqual(Object.keys(problems).sort(), ['trailing-bytes', 'variable-length'])
    assert.equal(bytes.skipped, cut.length - short.length)
  }
  const options: TemplateSpec = { id: 401, scopes: fieldSpecs('10:4'), fields: fieldSpecs('82:v 83:8') }
  const whole = encodeRecord(options, [1, 'eth1', 'one'])
  for (const lie of [[200], [255, 0, 200], [255, 255, 255]]) {
    const contents = Buffer.concat([whole, Buffer.from([0, 0, 0, 2, ...lie]), Buffer.alloc(9, 255)])
    const cut = decodingBench().decode(
      encodeIpfix([encodeTemplates(10, [options]), encodeSet(401, contents), encodeData(options, [[3, 'eth3', '']])]),
    )
    assert.equal(cut.optionsRecords, 2, 'options records likewise')
    assert.deepEqual(cut.problems, { 'variable-length': 1, 'trailing-bytes': 1 })
  }
})

test('1–3 padding bytes after a template or a set', () => {
  for (const padding of [1, 2, 3]) {
    for (const [version, encode] of [
      [9, encodeNetflow9],
      [10, encodeIpfix],
    ] as const) {
      const bench = decodingBench()
      const tail = Buffer.alloc(padding)
      const { flows, problems, bytes } = bench.decode(
        encode([
          encodeTemplates(version, [FLOW], padding),
          encodeData(FLOW, [record(7)], padding),
          encodeData(FLOW, [record(8)], padding),
          tail,
        ]),
      )
      assert.deepEqual(
        flows.map((flow) => flow.bytes),
        [7, 8],
      )
      assert.deepEqual(problems, {})
      assert.equal(bytes.padding, padding * 4)
    }
  }
  const scribble = Buffer.from([1, 2, 3])
  const set = encodeSet(256, Buffer.concat([encodeRecord(FLOW, record(7)), scribble]))
  const { flows, problems, bytes } = knowing().decode(encodeNetflow9([set]))
  assert.deepEqual([flows.length, problems, bytes.padding], [1, {}, 3], 'padding need not be zero')
})

test('count in the header ≠ what is there (v5 count 55,582 in 1,464 bytes)', () => {
  const records = Array.from({ length: 30 }, (_, i) => ({ srcIp: '10.0.0.1', bytes: i }))
  for (const version of [1, 5, 7] as const) {
    const more = decodingBench().decode(encodeFixed(version, records, { count: 55_582 }))
    assert.equal(more.flows.length, 30)
    assert.deepEqual(more.problems, { 'count-mismatch': 1 })
    const fewer = decodingBench().decode(encodeFixed(version, records, { count: 2 }))
    assert.equal(fewer.flows.length, 2, 'what the header does not announce is not decoded')
    assert.deepEqual(fewer.problems, { 'count-mismatch': 1 })
    assert.equal(fewer.bytes.skipped, 28 * (version === 5 ? 48 : 52))
    const none = decodingBench().decode(encodeFixed(version, [], { count: 3 }))
    assert.deepEqual(none.problems, { 'count-mismatch': 1 })
  }
  const sets = [definition(9), flowData(1, 2), flowData(3, 4, 5)]
  for (const count of [3, 6, 5, 9, 0]) {
    const { flows, problems } = decodingBench().decode(encodeNetflow9(sets, { count }))
    assert.equal(flows.length, 5, `count ${count}: sets, records, data records, too many, none told`)
    assert.deepEqual(problems, {})
  }
  const oneSet = decodingBench().decode(encodeNetflow9([definition(9), flowData(1, 2, 3)], { count: 1 }))
  assert.equal(oneSet.flows.length, 3, 'count of data sets')
  const beyond = decodingBench().decode(
    encodeNetflow9([definition(9), definition(9, 257), flowData(1), flowData(2, 3), flowData(4)], { count: 2 }),
  )
  assert.equal(beyond.flows.length, 0, 'NetFlow 9: beyond every reading of the count')
  assert.deepEqual(beyond.problems, { 'count-mismatch': 1 })
})

test('datagram shorter than its header', () => {
  const bench = knowing()
  for (const whole of [
    encodeFixed(1, []),
    encodeFixed(5, []),
    encodeFixed(7, []),
    encodeNetflow9([]),
    encodeIpfix([]),
  ]) {
    for (let length = 0; length < whole.length; length++) {
      const { flows, problems, bytes } = bench.decode(whole.subarray(0, length), { receivedMs: TEST_EXPORT_MS })
      assert.equal(flows.length, 0)
      assert.deepEqual(problems, { 'short-datagram': 1 }, `${length} bytes of ${whole.length}`)
      assert.equal(bytes.skipped, length)
    }
  }
  assert.deepEqual(bench.decode(Buffer.from([0, 6, 1, 2, 3, 4])).problems, { 'unknown-version': 1 })
  assert.equal(bench.decode(encodeNetflow9([flowData(7)])).flows.length, 1, 'and it hears the next datagram')
})

test('spoofed exporters, domains, template ids by the million: exporters', () => {
  const bench = decodingBench({ maxExporters: 50 })
  let evicted = 0
  bench.decode(encodeNetflow9([definition(9)]), { ip: '192.0.2.9' })
  for (let i = 0; i < 1_000; i++) {
    const ip = `10.0.${i >>> 8}.${i & 255}`
    evicted += bench.decode(encodeNetflow9([definition(9), flowData(7)]), { ip }).problems['exporter-evicted'] ?? 0
    assert.equal(bench.decode(encodeNetflow9([flowData(7)]), { ip: '192.0.2.9' }).flows.length, 1)
  }
  const ips = bench.decoder.reports().map(({ ip }) => ip)
  assert.equal(ips.length, 50)
  assert.equal(evicted, 1_001 - 50)
  assert.ok(ips.includes('192.0.2.9'), 'the exporter that keeps sending is not the one to go')
  assert.ok(ips.includes('10.0.3.231') && !ips.includes('10.0.0.0'), 'the oldest-unused went')
})

test('spoofed exporters, domains, template ids by the million: domains', () => {
  const perExporter = decodingBench({ maxDomainsPerExporter: 10 })
  let evicted = 0
  for (let domain = 0; domain < 100; domain++) {
    evicted += perExporter.decode(encodeIpfix([definition(10)], { domain })).problems['exporter-evicted'] ?? 0
    perExporter.decode(encodeIpfix([flowData(7)], { domain: 0 }))
  }
  const domains = perExporter.decoder.reports().map(({ domain }) => domain)
  assert.equal(domains.length, 10)
  assert.equal(evicted, 90)
  assert.ok(domains.includes(0) && domains.includes(99) && !domains.includes(50))

  const inAll = decodingBench({ maxDomains: 10 })
  for (let i = 0; i < 100; i++) inAll.decode(encodeIpfix([definition(10)], { domain: i }), { ip: `10.0.0.${i % 7}` })
  assert.equal(inAll.decoder.reports().length, 10)
})

test('spoofed exporters, domains, template ids by the million: templates', () => {
  const perDomain = decodingBench({ maxTemplatesPerDomain: 20 })
  let evicted = 0
  for (let id = 256; id < 400; id++) {
    evicted += perDomain.decode(encodeNetflow9([definition(9, id)])).problems['template-evicted'] ?? 0
    if (id > 256) assert.equal(perDomain.decode(encodeNetflow9([flowData(7)])).flows.length, 1, 'a used one stays')
  }
  assert.equal(evicted, 144 - 20)
  assert.equal(perDomain.decoder.reports()[0]!.templates.length, 20)

  const inAll = decodingBench({ maxTemplates: 20 })
  for (let i = 0; i < 100; i++) inAll.decode(encodeNetflow9([definition(9, 256 + i)]), { ip: `10.0.0.${i % 9}` })
  const kept = inAll.decoder.reports().flatMap(({ templates }) => templates.map(({ id }) => id))
  assert.deepEqual(
    kept.sort(),
    Array.from({ length: 20 }, (_, i) => 336 + i),
  )
})

test('spoofed exporters, domains, template ids by the million: fields per template', () => {
  const bench = decodingBench({ maxFieldsPerTemplate: 30 })
  const fields = (n: number) => Array.from({ length: n }, () => [1, 4] as const)
  const { problems } = bench.decode(
    encodeNetflow9([
      encodeTemplates(9, [
        { id: 256, fields: fields(31) },
        { id: 257, fields: fields(30) },
      ]),
    ]),
  )
  assert.deepEqual(problems, { 'template-fields': 1 })
  assert.deepEqual(
    bench.decoder.reports()[0]!.templates.map(({ id }) => id),
    [257],
  )
})

test('spoofed exporters, domains, template ids by the million: bytes held for data awaiting a template', () => {
  const bench = decodingBench({ maxHeldBytesPerExporter: 10_000, maxHeldBytes: 15_000 })
  const waiting = (ip: string) => bench.decode(encodeNetflow9([flowData(1, 2, 3)]), { ip })
  assert.deepEqual(waiting('10.0.0.1').problems, { 'template-missing': 1 })
  let dropped = 0
  for (let i = 1; i < 100; i++) dropped += waiting('10.0.0.1').problems['held-dropped'] ?? 0
  const kept = Math.floor(10_000 / (36 + 256))
  assert.equal(dropped, 100 - kept)
  const [report] = bench.decoder.reports()
  assert.deepEqual(report!.awaiting, [
    { id: 256, sinceMs: TEST_EXPORT_MS, heldSets: kept, heldBytes: kept * 36, droppedSets: 100 - kept },
  ])
  for (let i = 0; i < 100; i++) waiting('10.0.0.2')
  const heldBytes = bench.decoder.reports().map(({ awaiting }) => awaiting[0]!.heldSets * (36 + 256))
  assert.ok(heldBytes[0]! + heldBytes[1]! <= 15_000, 'in all')
  const { flows } = bench.decode(encodeNetflow9([definition(9)]), { ip: '10.0.0.2' })
  assert.equal(flows.length, kept * 3, 'the newest are decoded when the template comes')
})

test('data that waits too long, for too many templates, or in too many sets of one datagram is given up', () => {
  const old = decodingBench({ heldMaxMs: 60_000 })
  const at = (ms: number) => ({ exportMs: TEST_EXPORT_MS + ms })
  old.decode(encodeNetflow9([flowData(1)], at(0)))
  const { problems } = old.decode(encodeNetflow9([flowData(2)], at(61_000)))
  assert.deepEqual(problems, { 'template-missing': 1, 'held-dropped': 1 })
  assert.deepEqual(
    old.decode(encodeNetflow9([definition(9)], at(62_000))).flows.map(({ bytes }) => bytes),
    [2],
  )
  const many = decodingBench({ maxAwaitedPerDomain: 3 })
  for (let id = 300; id < 303; id++) many.decode(encodeNetflow9([encodeSet(id, Buffer.alloc(12, 1))]))
  const fourth = many.decode(encodeNetflow9([encodeSet(303, Buffer.alloc(12, 1))]))
  assert.deepEqual(fourth.problems, { 'template-missing': 1, 'held-dropped': 1 })
  assert.equal(fourth.bytes.skipped, 16)
  const sets = decodingBench({ maxHeldSetsPerDatagram: 2 })
  const three = sets.decode(encodeNetflow9([flowData(1), flowData(2), flowData(3)]))
  assert.deepEqual(three.problems, { 'template-missing': 3, 'held-dropped': 1 })
})

test('template redefined on every datagram', () => {
  const bench = decodingBench({ templateBurst: 10, templatesPerSecond: 2 })
  const other: TemplateSpec = {
    id: 256,
    fields: fieldSpecs('8:4 12:4 2:4'),
  }
  const define = (spec: TemplateSpec, ms: number) =>
    bench.decode(encodeNetflow9([encodeTemplates(9, [spec]), flowData(7)], { exportMs: TEST_EXPORT_MS + ms }))
  for (let i = 0; i < 1_000; i++) assert.deepEqual(define(FLOW, 0).problems, {}, 'the same again costs nothing')
  for (let i = 0; i < 9; i++) assert.deepEqual(define(i % 2 ? FLOW : other, 0).problems, {})
  const refused = define(FLOW, 0)
  assert.deepEqual(refused.problems, { 'template-rate': 1, 'template-missing': 1 }, 'not decoded by a wrong template')
  assert.equal(refused.flows.length, 0)
  const later = define(FLOW, 1_000)
  assert.deepEqual(later.problems, {})
  assert.equal(later.flows.length, 2, 'and the data waited')
})

test('templates of two exporters, or two domains, with one id', () => {
  const bytesOnly: TemplateSpec = {
    id: 256,
    fields: fieldSpecs('1:4 2:4 8:4'),
  }
  const bench = decodingBench()
  bench.decode(encodeNetflow9([definition(9)]), { ip: '10.0.0.1' })
  bench.decode(encodeNetflow9([encodeTemplates(9, [bytesOnly])]), { ip: '10.0.0.2' })
  bench.decode(encodeNetflow9([encodeTemplates(9, [bytesOnly])], { domain: 5 }), { ip: '10.0.0.1' })
  bench.decode(encodeIpfix([encodeTemplates(10, [bytesOnly])]), { ip: '10.0.0.1' })
  const srcIp = (datagram: Buffer, ip: string) => bench.decode(datagram, { ip }).flows.map((flow) => flow.srcIp)
  assert.deepEqual(srcIp(encodeNetflow9([flowData(0xc0000207)]), '10.0.0.1'), ['10.0.0.1'])
  assert.deepEqual(srcIp(encodeNetflow9([flowData(0xc0000207)]), '10.0.0.2'), ['192.0.2.7'])
  assert.deepEqual(srcIp(encodeNetflow9([flowData(0xc0000207)], { domain: 5 }), '10.0.0.1'), ['192.0.2.7'])
  assert.deepEqual(srcIp(encodeIpfix([flowData(0xc0000207)]), '10.0.0.1'), ['192.0.2.7'], 'the version is in the key')
})

test('a changed port keeps its templates, two live ports that disagree are split', () => {
  const bytesOnly: TemplateSpec = {
    id: 256,
    fields: fieldSpecs('1:4 2:4 8:4'),
  }
  const bench = decodingBench()
  const srcIp = (port: number) => bench.decode(encodeNetflow9([flowData(0xc0000207)]), { port }).flows[0]!.srcIp
  bench.decode(encodeNetflow9([definition(9)]), { port: 1000 })
  assert.equal(srcIp(1000), '10.0.0.1')
  assert.equal(srcIp(1001), '10.0.0.1', 'restarted on another port: the templates hold')
  const split = bench.decode(encodeNetflow9([encodeTemplates(9, [bytesOnly])]), { port: 1001 })
  assert.deepEqual(split.problems, { 'template-split': 1 })
  for (let i = 0; i < 3; i++)
    assert.deepEqual([srcIp(1000), srcIp(1001), srcIp(1002)], ['10.0.0.1', '192.0.2.7', '10.0.0.1'])
  assert.deepEqual(bench.decode(encodeNetflow9([definition(9)]), { port: 1000 }).problems, {}, 'each refreshes its own')
  assert.deepEqual(bench.decode(encodeNetflow9([encodeTemplates(9, [bytesOnly])]), { port: 1001 }).problems, {})

  const silent = (port: number) => ({ port, receivedMs: TEST_EXPORT_MS + 121_000 })
  bench.decode(encodeNetflow9([encodeTemplates(9, [bytesOnly])]), silent(1001))
  const third = bench.decode(encodeNetflow9([flowData(0xc0000207)]), silent(1003))
  assert.equal(third.flows[0]!.srcIp, '192.0.2.7', 'the other port fell silent: a restart after all, and for all ports')
  assert.equal(bench.decoder.reports()[0]!.templates.length, 1)

  const restarted = decodingBench({ portLiveMs: 60_000 })
  restarted.decode(encodeNetflow9([definition(9)]), { port: 1000 })
  const later = { port: 1001, receivedMs: TEST_EXPORT_MS + 61_000 }
  assert.deepEqual(restarted.decode(encodeNetflow9([encodeTemplates(9, [bytesOnly])]), later).problems, {})
  assert.equal(restarted.decoder.reports()[0]!.templates.length, 1, 'the other port is silent: replaced')

  const ports = decodingBench({ maxPortsPerDomain: 3 })
  ports.decode(encodeNetflow9([definition(9)]), { port: 1 })
  let evicted = 0
  for (let port = 2; port < 12; port++) {
    ports.decode(encodeNetflow9([definition(9)]), { port: 1 })
    evicted +=
      ports.decode(encodeNetflow9([encodeTemplates(9, [bytesOnly])]), { port }).problems['template-evicted'] ?? 0
  }
  assert.equal(evicted, 7, 'views by port are capped')
})

test('IPFIX template withdrawal over UDP', () => {
  const bench = knowing()
  for (const id of [256, 2]) {
    const withdrawal = encodeSet(2, Buffer.from([id >>> 8, id & 255, 0, 0]))
    const { flows, problems } = bench.decode(encodeIpfix([withdrawal, flowData(7)]))
    assert.deepEqual(problems, { 'template-withdrawal': 1 })
    assert.equal(flows.length, 1, 'the template is still there')
  }
})

test('unknown information elements, enterprise numbers', () => {
  const spec: TemplateSpec = {
    id: 300,
    fields: [...fieldSpecs('8:4 32000:5 9999/1:8 12:4 1:4'), [4_321, VARIABLE, 41_916], ...fieldSpecs('2:4')],
  }
  const values = ['10.0.0.1', 'xxxxx', 99, '192.0.2.1', 7, 'anything', 3]
  const ipfix = decodingBench().decode(encodeIpfix([encodeTemplates(10, [spec]), encodeData(spec, [values, values])]))
  assert.deepEqual(ipfix.problems, {})
  assert.deepEqual(
    ipfix.flows.map(({ srcIp, dstIp, bytes, packets }) => [srcIp, dstIp, bytes, packets]),
    [
      ['10.0.0.1', '192.0.2.1', 7, 3],
      ['10.0.0.1', '192.0.2.1', 7, 3],
    ],
  )
  const v9: TemplateSpec = {
    id: 300,
    fields: fieldSpecs('8:4 57590:3 0:1 1:4'),
  }
  const netflow9 = decodingBench().decode(
    encodeNetflow9([encodeTemplates(9, [v9]), encodeData(v9, [['10.0.0.1', 'abc', 0, 7]])]),
  )
  assert.deepEqual(netflow9.problems, {}, 'a type above 32768 has no enterprise number in NetFlow 9')
  assert.equal(netflow9.flows[0]!.bytes, 7)
})

test('duplicate, zero-length, reduced-size fields', () => {
  const spec: TemplateSpec = {
    id: 300,
    fields: fieldSpecs('12:0 8:4 8:4 1:3 2:7 7:1 11:4 10:1 14:8 61:0 16:2 4:2 12:4'),
  }
  const values = ['', '10.0.0.1', '10.0.0.2', 0x123456, 77, 99, 443, 3, 4, '', 65_001, 6, '192.0.2.1']
  for (const datagram of [
    encodeNetflow9([encodeTemplates(9, [spec]), encodeData(spec, [values])]),
    encodeIpfix([encodeTemplates(10, [spec]), encodeData(spec, [values])]),
  ]) {
    const [flow] = decodingBench().decode(datagram).flows
    assert.equal(flow!.srcIp, '10.0.0.1', 'the first occurrence')
    assert.equal(flow!.dstIp, '192.0.2.1', 'a field of length 0 is absent')
    assert.equal(flow!.bytes, 0x123456)
    assert.equal(flow!.packets, 77)
    assert.deepEqual([flow!.srcPort, flow!.dstPort, flow!.inIf, flow!.outIf], [99, 443, 3, 4])
    assert.deepEqual([flow!.srcAs, flow!.protocol], [65_001, 6])
    assert.equal(flow!.direction, undefined)
  }
  const impossible: TemplateSpec = {
    id: 301,
    fields: fieldSpecs('8:3 12:16 1:12 27:4 56:8 2:4'),
  }
  const row = ['abc', 'd'.repeat(16), 'e'.repeat(12), 'ffff', 'g'.repeat(8), 5]
  const [odd] = decodingBench().decode(
    encodeNetflow9([encodeTemplates(9, [impossible]), encodeData(impossible, [row])]),
  ).flows
  assert.deepEqual(
    [odd!.srcIp, odd!.dstIp, odd!.bytes, odd!.packets],
    ['0.0.0.0', '0.0.0.0', 0, 5],
    'skipped by their length',
  )
})

test('sysUptime wrap (49.7 days), first > last, clock off by years', () => {
  const times = (firstMs: number, lastMs: number, header: object = {}, receivedMs = TEST_EXPORT_MS) => {
    const decoded = decodingBench().decode(encodeFixed(5, [{ firstMs, lastMs }], header), { receivedMs })
    const { firstMs: first, lastMs: last } = decoded.flows[0]!
    return { first: first - receivedMs, last: last - receivedMs, problems: decoded.problems }
  }
  assert.deepEqual(
    times(0xffff_fff0, 984, { uptimeMs: 2_000 }),
    { first: -2_016, last: -1_016, problems: {} },
    'wrapped',
  )
  const half = 2 ** 31
  const acrossHalf = times(half - 1_000, half + 500, { uptimeMs: half + 1_000 })
  assert.deepEqual(acrossHalf, { first: -2_000, last: -500, problems: {} }, 'across 2^31')
  assert.deepEqual(times(3_599_000, 3_600_010), { first: -1_000, last: 10, problems: {} }, 'a little after the header')
  assert.deepEqual(times(3_599_000, 3_598_000), { first: -2_000, last: -2_000, problems: { 'time-order': 1 } })
  const off = { exportMs: Date.UTC(1999, 0, 1) }
  assert.deepEqual(times(3_590_000, 3_599_000, off), { first: -10_000, last: -1_000, problems: { 'time-skew': 1 } })
  assert.deepEqual(
    times(621_761_700, 621_770_700, { uptimeMs: 20_412_178 }),
    { first: -9_000, last: 0, problems: { 'time-skew': 1 } },
    'FortiGate 5.2: a week ahead of its own uptime; the length is kept',
  )
  assert.deepEqual(times(3_600_000 - 90_000_000, 3_600_000), { first: 0, last: 0, problems: { 'time-skew': 1 } })
})

test('64-bit counters above 2^53', () => {
  const spec: TemplateSpec = {
    id: 300,
    fields: fieldSpecs('1:8 2:8 232:7'),
  }
  const values = [0xffff_ffff_ffff_ffffn, 0x1f_ffff_ffff_ffffn, 0xff_ffff_ffff_ffffn]
  const { flows, problems } = decodingBench().decode(
    encodeIpfix([encodeTemplates(10, [spec]), encodeData(spec, [values])]),
  )
  assert.equal(flows[0]!.bytes, Number.MAX_SAFE_INTEGER)
  assert.equal(flows[0]!.packets, 2 ** 53 - 1, 'exact as far as it goes')
  assert.equal(flows[0]!.revBytes, Number.MAX_SAFE_INTEGER)
  assert.deepEqual(problems, { 'counter-saturated': 2 })
})

test('options data as flows', () => {
  const sampler: TemplateSpec = {
    id: 260,
    scopes: fieldSpecs('1:4'),
    fields: fieldSpecs('48:1 34:4 8:4 1:4'),
  }
  for (const datagram of [
    encodeNetflow9([encodeTemplates(9, [sampler]), encodeData(sampler, [[0, 1, 100, '10.0.0.1', 7]])]),
    encodeIpfix([encodeTemplates(10, [sampler]), encodeData(sampler, [[0, 1, 100, '10.0.0.1', 7]])]),
  ]) {
    const { flows, optionsRecords, problems } = decodingBench().decode(datagram)
    assert.equal(flows.length, 0)
    assert.equal(optionsRecords, 1)
    assert.deepEqual(problems, {})
  }
})

test('what else is refused, skipped or cut is counted: set ids, template ids, malformed definitions, lengths', () => {
  const bench = knowing()
  const problems = (datagram: Buffer) => bench.decode(datagram).problems
  assert.deepEqual(problems(encodeNetflow9([encodeSet(17, Buffer.alloc(8, 1)), flowData(7)])), { 'set-id': 1 })
  assert.deepEqual(problems(encodeIpfix([encodeSet(0, Buffer.alloc(8, 1))])), { 'set-id': 1 })
  assert.deepEqual(problems(encodeNetflow9([encodeTemplates(9, [{ id: 255, fields: fieldSpecs('1:4') }])])), {
    'template-id': 1,
  })
  assert.deepEqual(problems(encodeNetflow9([encodeSet(0, Buffer.from([1, 50, 0, 9, 0, 1, 0, 4]))])), {
    'template-malformed': 1,
  })
  assert.deepEqual(problems(encodeNetflow9([encodeSet(1, Buffer.from([1, 50, 0, 3, 0, 4, 0, 1, 0, 4]))])), {
    'template-malformed': 1,
  })
  assert.deepEqual(problems(encodeIpfix([encodeSet(3, Buffer.from([1, 50, 0, 1, 0, 2, 0, 1, 0, 4]))])), {
    'template-malformed': 1,
  })
  const cutEnterprise = Buffer.from([1, 50, 0, 1, 0x80, 4, 0, 1])
  assert.deepEqual(problems(encodeIpfix([encodeSet(2, cutEnterprise), flowData(7)])), { 'template-malformed': 1 })
  const cut = encodeSet(256, Buffer.concat([encodeRecord(FLOW, record(7)), Buffer.alloc(5, 1)]), 400)
  const truncated = bench.decode(encodeNetflow9([cut]))
  assert.deepEqual(truncated.problems, { 'set-truncated': 1 })
  assert.equal(truncated.flows.length, 1, 'whole records of a cut set are decoded')
  assert.equal(truncated.bytes.skipped, 5)
  assert.deepEqual(problems(encodeIpfix([flowData(7)], { length: 900 })), { 'message-length': 1 })
  assert.deepEqual(problems(encodeIpfix([], { length: 3 })), { 'message-length': 1 })
  assert.deepEqual(problems(Buffer.concat([encodeIpfix([flowData(7)]), Buffer.alloc(40, 9)])), { 'trailing-bytes': 1 })
})

test('one datagram causes only so many records, and options teach only so much', () => {
  const byte: TemplateSpec = { id: 300, fields: fieldSpecs('4:1') }
  const flood = encodeNetflow9([encodeTemplates(9, [byte]), encodeSet(300, Buffer.alloc(60_000, 6))])
  const { flows, problems, bytes } = decodingBench().decode(flood)
  assert.equal(flows.length, DEFAULT_LIMITS.maxRecordsPerDatagram)
  assert.equal(problems['datagram-limit'], 1)
  assert.equal(bytes.skipped, 60_000 - flows.length)

  const sets = knowing({ maxSetsPerDatagram: 3 }).decode(
    encodeNetflow9([flowData(1), flowData(2), flowData(3), flowData(4)]),
  )
  assert.deepEqual([sets.flows.length, sets.problems, sets.bytes.skipped], [3, { 'datagram-limit': 1 }, 16])
  const message = encodeIpfix([flowData(1)])
  const messages = knowing({ maxMessagesPerDatagram: 2 }).decode(Buffer.concat([message, message, message]))
  assert.deepEqual([messages.flows.length, messages.problems, messages.bytes.skipped], [2, { 'datagram-limit': 1 }, 32])
  const rates: TemplateSpec = { id: 302, scopes: fieldSpecs('1:4'), fields: fieldSpecs('34:4') }
  const options = decodingBench({ maxOptionsPerDatagram: 2 }).decode(
    encodeNetflow9([
      encodeTemplates(9, [rates]),
      encodeData(rates, [
        [0, 1],
        [0, 2],
        [0, 3],
      ]),
    ]),
  )
  assert.deepEqual([options.optionsRecords, options.problems['datagram-limit'], options.bytes.skipped], [2, 1, 8])

  const names: TemplateSpec = { id: 301, scopes: fieldSpecs('2:4'), fields: fieldSpecs('82:8') }
  const bench = decodingBench({ maxLearnedPerDomain: 5 })
  const rows = Array.from({ length: 9 }, (_, i) => [i, `eth${i}`])
  const learned = bench.decode(encodeNetflow9([encodeTemplates(9, [names]), encodeData(names, rows)]))
  assert.equal(learned.problems['learned-limit'], 4)
  assert.equal(bench.decoder.interfaces('192.0.2.1').size, 5)
})

test('a batch is emptied in mid-set; a caller that makes no room loses the records, counted', () => {
  const sets = [definition(9), flowData(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)]
  const { flows } = decodingBench({}, 4).decode(encodeNetflow9(sets))
  assert.deepEqual(
    flows.map(({ bytes, exporter }) => [bytes, exporter]),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((bytes) => [bytes, '192.0.2.1']),
    'each batch has its own dictionary of exporters',
  )
  const builder = new FlowBatchBuilder(4)
  const from = { ip: '192.0.2.1', port: 2055 }
  const { appended, problems, skippedBytes } = createDecoder().decode(
    encodeNetflow9(sets),
    from,
    TEST_EXPORT_MS,
    builder,
    () => {},
  )
  assert.deepEqual([appended, problems['no-room'], skippedBytes], [4, 1, 6 * 12])
})

test('limits are checked by name and value', () => {
  assert.throws(() => decodingBench({ maxExporter: 5 } as never), /no limit is called maxExporter/)
  assert.throws(() => decodingBench({ maxExporters: 0 }), /maxExporters must be a positive integer/)
})
