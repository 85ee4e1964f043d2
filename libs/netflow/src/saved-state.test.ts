// After a restart the first data datagram decodes without a new template; a damaged or forged state is refused with a reason.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodingBench } from './testing/decoding.ts'
import {
  encodeData,
  encodeIpfix,
  encodeNetflow9,
  encodeTemplates,
  fieldSpecs,
  type TemplateSpec,
} from './testing/encode.ts'
import { seededRandom } from './testing/seeded-random.ts'

const FLOW_9: TemplateSpec = {
  id: 256,
  fields: fieldSpecs('8:4 48:1 1:4'),
}
const FLOW_10: TemplateSpec = {
  id: 300,
  fields: fieldSpecs('8:4 371:v 29305/1:8 1:4 22:4 21:4'),
}
const SAMPLERS: TemplateSpec = {
  id: 257,
  scopes: fieldSpecs('1:4'),
  fields: fieldSpecs('48:1 34:4'),
}
const BOOT: TemplateSpec = {
  id: 301,
  scopes: fieldSpecs('10:4'),
  fields: fieldSpecs('82:v 160:8'),
}

const data9 = encodeNetflow9([encodeData(FLOW_9, [['10.0.0.1', 3, 7]])], { sequence: 50 })
const data10 = encodeIpfix([encodeData(FLOW_10, [['10.0.0.2', 'user', 9, 8, 1_000, 3_000]])], { sequence: 70 })
const options9 = encodeNetflow9([encodeData(SAMPLERS, [[0, 4, 40]])], { sequence: 51 })

/** A decoder that has heard two exporters. */
function heard() {
  const bench = decodingBench()
  bench.decode(
    encodeNetflow9([encodeTemplates(9, [FLOW_9]), encodeTemplates(9, [SAMPLERS]), encodeData(SAMPLERS, [[0, 3, 30]])]),
  )
  const boot = [encodeTemplates(10, [FLOW_10]), encodeTemplates(10, [BOOT])]
  bench.decode(encodeIpfix([...boot, encodeData(BOOT, [[5, 'eth5', Date.UTC(2026, 0, 6, 11)]])]), { ip: '2001:db8::1' })
  return bench
}

test('restart: the first data datagram decodes without a new template', () => {
  const before = heard()
  const saved = JSON.parse(JSON.stringify(before.decoder.saveState()))
  const after = decodingBench()
  assert.deepEqual(after.decoder.restoreState(saved), { templates: 4 })
  const [flow9] = after.decode(data9, { port: 50_001 }).flows
  assert.deepEqual([flow9!.srcIp, flow9!.bytes, flow9!.sampling], ['10.0.0.1', 7, 30], 'with its sampler')
  const [flow10] = after.decode(data10, { ip: '2001:db8::1' }).flows
  assert.deepEqual([flow10!.srcIp, flow10!.bytes, flow10!.revBytes], ['10.0.0.2', 8, 9])
  assert.equal(flow10!.lastMs, Date.UTC(2026, 0, 6, 11) + 3_000, 'with the exporter’s start')
  assert.equal(after.decode(options9).optionsRecords, 1)
  assert.deepEqual(after.decoder.interfaces('2001:db8::1').get(5), { name: 'eth5', description: '' })
  assert.deepEqual(
    after.decoder.reports().map(({ lost, restarts }) => [lost, restarts]),
    [
      [0, 0],
      [0, 0],
    ],
    'what passed meanwhile is no loss',
  )
  const again = decodingBench()
  again.decoder.restoreState(saved)
  assert.deepEqual(again.decoder.saveState(), saved, 'what was restored is saved again')
})

test('a definition that changed while nobody listened replaces the saved one, from any port', () => {
  const after = decodingBench()
  after.decoder.restoreState(heard().decoder.saveState())
  const changed: TemplateSpec = {
    ...FLOW_9,
    fields: fieldSpecs('1:4 48:1 8:4'),
  }
  const { flows, problems } = after.decode(
    encodeNetflow9([encodeTemplates(9, [changed]), encodeData(changed, [[7, 3, '10.0.0.9']])]),
    { port: 9 },
  )
  assert.deepEqual(problems, {})
  assert.equal(flows[0]!.srcIp, '10.0.0.9')
})

test('a template that was split off by port is saved for its port', () => {
  const other: TemplateSpec = { ...FLOW_9, fields: fieldSpecs('1:4 48:1 8:4') }
  const bench = decodingBench()
  bench.decode(encodeNetflow9([encodeTemplates(9, [FLOW_9])]), { port: 1 })
  bench.decode(encodeNetflow9([encodeTemplates(9, [other])]), { port: 2 })
  const after = decodingBench()
  assert.deepEqual(after.decoder.restoreState(bench.decoder.saveState()), { templates: 2 })
  assert.equal(after.decode(data9, { port: 1 }).flows[0]!.srcIp, '10.0.0.1')
  const swapped = encodeNetflow9([encodeData(other, [[7, 3, '10.0.0.9']])])
  assert.equal(after.decode(swapped, { port: 2 }).flows[0]!.srcIp, '10.0.0.9')
})

test('stateVersion changes when there is something new to save, and only then', () => {
  const bench = decodingBench()
  const changes = (datagram: Buffer) => {
    const before = bench.decoder.stateVersion
    bench.decode(datagram)
    return bench.decoder.stateVersion !== before
  }
  const definition = encodeNetflow9([encodeTemplates(9, [FLOW_9]), encodeTemplates(9, [SAMPLERS])])
  assert.equal(changes(definition), true)
  assert.equal(changes(definition), false)
  assert.equal(changes(data9), false)
  assert.equal(changes(options9), true)
  assert.equal(changes(options9), false)
})

test('a state of another kind is refused with the reason', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a forged state has any shape
  type Change = (state: any) => void
  const refused = (change: Change): string => {
    const state = JSON.parse(JSON.stringify(heard().decoder.saveState()))
    change(state)
    const bench = decodingBench()
    const result = bench.decoder.restoreState(state)
    assert.ok('refused' in result, JSON.stringify(result))
    assert.deepEqual(bench.decoder.reports(), [], 'nothing was taken over')
    return result.refused
  }
  const cases: readonly [why: string, change: Change][] = [
    ['version 2 where 1 is known', (state) => (state.v = 2)],
    ['domains: not a list', (state) => (state.domains = {})],
    ['domains[1].ip: not an address', (state) => (state.domains[1].ip = '2001:db8::1%eth0; rm')],
    ['domains[0].version: neither 9 nor 10', (state) => (state.domains[0].version = 5)],
    ['domains[0].domain: not a 32-bit number', (state) => (state.domains[0].domain = 2 ** 32)],
    ['domains[0].lastSeenMs: not a time', (state) => (state.domains[0].lastSeenMs = -1)],
    ['domains[0].toldRate: not a rate', (state) => (state.domains[0].toldRate = '100')],
    ['domains[0].systemInitMs: not a time', (state) => (state.domains[0].systemInitMs = null)],
    ['domains[0].samplers: not [id, rate]', (state) => (state.domains[0].samplers = [[1, 0]])],
    ['domains[0].ratesByInterface: not a list within the limit', (state) => delete state.domains[0].ratesByInterface],
    [
      'domains[1].interfaces: not [index, name, description]',
      (state) => (state.domains[1].interfaces = [[1, 'x'.repeat(999), '']]),
    ],
    [
      'domains[0].templates: not a list within the limit',
      (state) => (state.domains[0].templates = Array(513).fill(null)),
    ],
    ['domains[0].templates[0]: not an object', (state) => (state.domains[0].templates[0] = null)],
    ['domains[0].templates[0].id: not a template id', (state) => (state.domains[0].templates[0].id = 70_000)],
    ['domains[0].templates[0].view: not a port', (state) => (state.domains[0].templates[0].view = -1)],
    [
      'domains[0].templates[0].kind: neither data nor options',
      (state) => (state.domains[0].templates[0].kind = 'other'),
    ],
    ['domains[0].templates[0].definition: not base64', (state) => (state.domains[0].templates[0].definition = '<>')],
    [
      'domains[0].templates[0].definition: no template that would be accepted',
      (state) => (state.domains[0].templates[0].definition = 'AAEAAA=='),
    ],
    [
      'domains[0].templates[0].definition: no template that would be accepted',
      (state) => (state.domains[0].templates[0].id = 12),
    ],
  ]
  for (const [why, change] of cases) assert.equal(refused(change), why)
  for (const nothing of [undefined, null, 7, 'x', []]) {
    assert.deepEqual(decodingBench().decoder.restoreState(nothing), { refused: 'not an object' })
  }
  const used = heard()
  assert.deepEqual(used.decoder.restoreState(used.decoder.saveState()), { refused: 'datagrams were decoded before' })
})

test('a state with more than the limits is refused', () => {
  const state = heard().decoder.saveState()
  assert.deepEqual(decodingBench({ maxDomains: 1 }).decoder.restoreState(state), {
    refused: 'domains: more than the limit',
  })
  assert.deepEqual(decodingBench({ maxTemplates: 3 }).decoder.restoreState(state), {
    refused: 'templates: more than the limit',
  })
  assert.deepEqual(decodingBench({ maxLearned: 1 }).decoder.restoreState(state), {
    refused: 'samplers and interfaces: more than the limit',
  })
})

test('a damaged file never throws: 5,000 states with bytes changed', () => {
  const text = JSON.stringify(heard().decoder.saveState())
  const random = seededRandom(5)
  for (let i = 0; i < 5_000; i++) {
    const bytes = Buffer.from(text)
    for (let left = 1 + random.below(4); left > 0; left--) bytes[random.below(bytes.length)] = 32 + random.below(95)
    let json: unknown
    try {
      json = JSON.parse(bytes.toString())
    } catch {
      continue
    }
    const bench = decodingBench()
    bench.decoder.restoreState(json)
    bench.decode(data9)
    bench.decode(data10, { ip: '2001:db8::1' })
  }
})
