import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Encoder } from 'cbor-x'
import fc from 'fast-check'
import {
  BATCH_FLOWS_ACCEPTED,
  COLUMN_NAMES,
  COLUMNS,
  type ColumnName,
  columnSpec,
  decodeFlowBatch,
  encodeFlowBatch,
  Flow,
  FlowBatchBuilder,
  FlowBatchError,
  type FlowBatchFields,
  parseAddress,
  parseAddressBytes,
  ReusedMemory,
} from './index.ts'

const SEAL = { site: 'home', collector: 'home-1', seq: 7, received: 1_700_000_000_500 }
const EXPORTER = { ip: '192.0.2.1', domain: 3, version: 9 }
const START_MS = 1_700_000_000_000

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => typeof parseAddress(text) !== 'number'),
)
/** What a column of each kind can hold, as its Flow shows it. */
const VALUES: Record<string, fc.Arbitrary<unknown>> = {
  time: fc.integer({ min: START_MS - 1e10, max: START_MS + 1e9 }),
  u8: fc.integer({ min: 0, max: 255 }),
  u16: fc.integer({ min: 0, max: 65_535 }),
  u32: fc.integer({ min: 0, max: 0xffffffff }),
  count: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.maxSafeNat()),
  address,
  mac: fc.uint8Array({ minLength: 6, maxLength: 6 }),
  index: fc.constantFrom('', 'reddit.com', 'ä'.repeat(20), '<img onerror=1>'),
}

const arbitrary = (name: ColumnName) =>
  name.endsWith('NameHow') ? fc.integer({ min: 0, max: 3 }) : VALUES[COLUMNS[name].kind]!

type Row = Partial<Record<ColumnName, unknown>>
const row: fc.Arbitrary<Row> = fc.record(
  Object.fromEntries(COLUMN_NAMES.filter((name) => name !== 'exporter').map((name) => [name, arbitrary(name)])),
  { requiredKeys: [] },
)

function build(flows: Row[]): FlowBatchBuilder {
  const batch = new FlowBatchBuilder()
  flows.forEach((flow, i) => {
    for (const [name, value] of Object.entries(flow) as [ColumnName, unknown][]) put(batch, name, i, value)
    batch.rows.exporter[i] = batch.exporters.add(EXPORTER)
  })
  batch.touch('exporter')
  batch.commit(flows.length)
  return batch
}

function put(batch: FlowBatchBuilder, name: ColumnName, i: number, value: unknown): void {
  const spec = columnSpec(name)
  batch.touch(name)
  const rows = batch.rows as unknown as Record<
    string,
    { [i: number]: number; set(bytes: Uint8Array, at: number): void }
  >
  if (spec.kind === 'address') {
    const parsed = parseAddress(value as string)!
    const column = batch.rows[name as 'srcIp']
    if (typeof parsed === 'number') column.v4[i] = parsed
    else column.set6(i, parsed, 0)
  } else if (spec.kind === 'mac') rows[name]!.set(value as Uint8Array, i * 6)
  else if (spec.kind === 'index') rows[name]![i] = batch.dictionaries[spec.dictionary as 'name'].add(value as string)
  else rows[name]![i] = value as number
}

/** What Flow shows for a value that went in; undefined: left out. */
function shown(name: ColumnName, value: unknown): unknown {
  const spec = columnSpec(name)
  if (spec.kind === 'mac') {
    const hex = [...(value as Uint8Array)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
    return hex === '00:00:00:00:00:00' ? undefined : hex
  }
  if (spec.kind === 'index') return value === '' ? undefined : value
  return value
}

test('what goes into a batch comes out of the wire unchanged, for every column', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (flows) => {
      const batch = decodeFlowBatch(encodeFlowBatch(build(flows).seal(SEAL)))
      assert.equal(batch.length, flows.length)
      flows.forEach((flow, i) => {
        const out = Flow.parse(batch.row(i)) as Record<string, unknown>
        assert.equal(out.exporter, EXPORTER.ip)
        assert.equal(out.exporterVersion, 9)
        for (const [name, value] of Object.entries(flow) as [ColumnName, unknown][]) {
          const json = columnSpec(name).json ?? name
          if (columnSpec(name).kind === 'address') {
            assert.deepEqual(
              parseAddressBytes((out[json] as string | undefined) ?? '0.0.0.0'),
              parseAddressBytes(value as string),
              name,
            )
          } else {
            const expected = shown(name, value)
            const absent = columnSpec(name).absent ?? 0
            assert.deepEqual(out[json] ?? (expected === undefined ? undefined : absent), expected, name)
          }
        }
      })
    }),
    { seed: 2, numRuns: 300 },
  )
})

test('columns take the narrowest form: absent, one value, or the smallest array', () => {
  const batch = build([
    { first: START_MS, last: START_MS + 70_000, bytes: 10, packets: 1, protocol: 6, srcIp: '10.0.0.1', vlan: 0 },
    {
      first: START_MS + 300,
      last: START_MS + 60_000,
      bytes: 70_000,
      packets: 2,
      protocol: 6,
      srcIp: '10.0.0.2',
      vlan: 0,
    },
  ]).seal(SEAL)
  const { cols, base } = batch.fields
  assert.equal(base, START_MS)
  assert.ok(cols.first instanceof Uint16Array)
  assert.ok(cols.last instanceof Uint32Array)
  assert.ok(cols.bytes instanceof Uint32Array)
  assert.ok(cols.packets instanceof Uint8Array)
  assert.equal(cols.protocol, 6)
  assert.ok(cols.srcIp instanceof Uint32Array)
  assert.ok(!('vlan' in cols) && !('dstIp' in cols))
  assert.deepEqual([...batch.times('last')], [START_MS + 70_000, START_MS + 60_000])
  assert.deepEqual([...batch.numbers('sampling')], [1, 1])
})

test('a builder starts afresh after seal: nothing of the batch before shows', () => {
  const batch = build([
    {
      bytes: 5,
      srcIp: '2001:db8::1',
      srcName: 'reddit.com',
      sampling: 100,
      srcMac: new Uint8Array(6).fill(1),
      first: 1,
      last: 2,
    },
  ])
  batch.seal(SEAL)
  assert.equal(batch.length, 0)
  batch.rows.protocol[0] = 17
  batch.touch('protocol')
  for (const name of COLUMN_NAMES) batch.touch(name)
  batch.commit(1)
  assert.deepEqual(batch.seal(SEAL).row(0), {
    site: 'home',
    firstMs: 0,
    lastMs: 0,
    srcIp: '0.0.0.0',
    dstIp: '0.0.0.0',
    srcPort: 0,
    dstPort: 0,
    protocol: 17,
    bytes: 0,
    packets: 0,
    sampling: 1,
  })
})

test('memory that is used again holds one batch after the other, of any size', () => {
  const memory = new ReusedMemory()
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 4096 }), (flows, repeat) => {
      const many = Array.from({ length: Math.min(4096, flows.length * repeat) }, (_, i) => flows[i % flows.length]!)
      memory.reset()
      const reused = encodeFlowBatch(build(many).seal(SEAL, memory))
      assert.deepEqual(reused, encodeFlowBatch(build(many).seal(SEAL)))
    }),
    { seed: 5, numRuns: 40 },
  )
})

test('columns that are put in place are read anew, the others are not filled out twice', () => {
  const batch = build([
    { first: START_MS, bytes: 5 },
    { first: START_MS, bytes: 5 },
  ]).seal(SEAL)
  const [times, bytes] = [batch.times('first'), batch.numbers('bytes')]
  const { base } = batch.fields
  const other = batch.with({ first: Uint8Array.of(1, 2) }, {})
  assert.deepEqual([...other.times('first')], [base + 1, base + 2])
  assert.equal(other.numbers('bytes'), bytes)
  assert.equal(batch.times('first'), times)
})

test('select keeps the chosen flows, of every kind of column', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 4, maxLength: 8 }), (flows) => {
      const batch = build(flows).seal(SEAL)
      const chosen = batch.select([3, 1])
      assert.deepEqual([chosen.row(0), chosen.row(1)], [batch.row(3), batch.row(1)])
    }),
    { seed: 3, numRuns: 100 },
  )
})

const encoder = new Encoder({ useRecords: false, tagUint8Array: true })
const valid = (): FlowBatchFields =>
  build([
    { bytes: 1, srcName: 'a', srcIp: '10.0.0.1', srcMac: new Uint8Array(6).fill(2) },
    { bytes: 2, srcName: 'b' },
  ]).seal(SEAL).fields
/** A batch's map with its types forgotten, to write nonsense into it. */
interface Loose {
  [key: string]: unknown
  cols: Record<string, unknown>
  dict: Record<string, unknown>
}
const NO_EXPORTER = { ip: '', domain: 0, version: 0 }
const refused = (change: (fields: Loose) => void): string => {
  const fields = structuredClone(valid()) as unknown as Loose
  change(fields)
  try {
    decodeFlowBatch(encoder.encode(fields))
  } catch (error) {
    assert.ok(error instanceof FlowBatchError)
    return error.message
  }
  return assert.fail('the batch was accepted')
}

test('a batch that a reader could not rely on is refused with the reason', () => {
  assert.match(
    refused((f) => (f.v = 2)),
    /version 2/,
  )
  assert.match(
    refused((f) => (f.n = BATCH_FLOWS_ACCEPTED + 1)),
    /n 65536/,
  )
  assert.match(
    refused((f) => (f.n = 3)),
    /column bytes: 2 elements for 3 flows|column \w+: \d+ elements for 3 flows/,
  )
  assert.match(
    refused((f) => (f.n = -1)),
    /n -1/,
  )
  assert.match(
    refused((f) => (f.base = Number.NaN)),
    /base/,
  )
  assert.match(
    refused((f) => (f.received = 'now')),
    /received/,
  )
  assert.match(
    refused((f) => (f.cols.srcName = new Uint8Array([1, 9]))),
    /index 9 in a dictionary of 3/,
  )
  assert.match(
    refused((f) => (f.cols.srcName = new Float64Array([1, 0.5]))),
    /index 0\.5/,
  )
  assert.match(
    refused((f) => (f.cols.srcName = 7)),
    /index 7/,
  )
  assert.match(
    refused((f) => (f.cols.srcMac = new Uint8Array(2))),
    /srcMac: 2 elements/,
  )
  assert.match(
    refused((f) => (f.cols.srcMac = 1)),
    /srcMac: the one value/,
  )
  assert.match(
    refused((f) => (f.cols.srcIp = new Uint16Array(2))),
    /not an array of addresses/,
  )
  assert.match(
    refused((f) => (f.cols.bytes = 'many')),
    /neither a typed array nor a number/,
  )
  assert.match(
    refused((f) => (f.dict.name = ['', 'x'.repeat(256), ''])),
    /no text of at most 255/,
  )
  assert.match(
    refused((f) => (f.dict.name = ['', null, 'b'])),
    /no text/,
  )
  assert.match(
    refused((f) => (f.dict.exporter = [])),
    /exporters/,
  )
  for (const domain of [-1, 0.5, 2 ** 32, Number.NaN, '7', undefined, 7n]) {
    assert.match(
      refused((f) => (f.dict.exporter = [NO_EXPORTER, { ip: '192.0.2.1', domain, version: 9 }])),
      /exporter domain .* is not 0 to 4294967295/,
    )
  }
  for (const version of [-1, 9.5, 256, 'IPFIX', undefined]) {
    assert.match(
      refused((f) => (f.dict.exporter = [NO_EXPORTER, { ip: '192.0.2.1', domain: 7, version }])),
      /exporter version .* is not 0 to 255/,
    )
  }
  for (const name of ['site', 'collector'] as const) {
    assert.match(
      refused((f) => (f[name] = 'x'.repeat(256))),
      /site or collector is no text of at most 255/,
    )
  }
  assert.match(
    refused((f) => Reflect.deleteProperty(f, 'dict')),
    /no dict/,
  )
  assert.match(
    refused((f) => Reflect.deleteProperty(f, 'cols')),
    /no cols/,
  )
})

test('bytes that are no batch are refused, whatever they claim', () => {
  for (const bytes of [
    [],
    [0xff],
    [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0xbb, 0, 0, 0, 0xff, 0, 0, 0, 0],
    [0xf6],
    new Array(5000).fill(0x81),
  ]) {
    assert.throws(() => decodeFlowBatch(Uint8Array.from(bytes)), FlowBatchError)
  }
  const good = encoder.encode(valid())
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(good.length), (at, value, cut) => {
      const bytes = Uint8Array.from(good)
      bytes[at] = value
      try {
        const batch = decodeFlowBatch(bytes.subarray(0, cut === 0 ? good.length : cut))
        for (let i = 0; i < Math.min(batch.length, 3); i++) batch.row(i)
      } catch (error) {
        assert.ok(error instanceof FlowBatchError, String(error))
      }
    }),
    { seed: 4, numRuns: 5000 },
  )
})

const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import cbor2']).status === 0,
)
test('the Python reader in docs/flow-batch.md reads a batch', {
  skip: python ? false : 'python3 with cbor2 is not installed',
}, () => {
  const page = readFileSync(new URL('../../../docs/flow-batch.md', import.meta.url), 'utf8')
  const reader = /```python\n([\s\S]*?)```/.exec(page)?.[1]
  assert.ok(reader, 'docs/flow-batch.md holds no Python reader')
  const bytes = encodeFlowBatch(
    build([
      { bytes: 70_000, first: START_MS, last: START_MS },
      { bytes: 2, first: START_MS, last: START_MS },
    ]).seal(SEAL),
  )
  const run = spawnSync(
    python!,
    ['-c', `${reader}\nprint([int(b) for b in read(__import__('sys').stdin.buffer.read())['cols']['bytes']])`],
    { input: bytes },
  )
  assert.equal(run.stdout.toString().trim(), '[70000, 2]', run.stderr.toString())
})
