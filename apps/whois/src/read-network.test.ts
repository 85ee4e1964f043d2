import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afrinic, apnic, arin, lacnic, ripe, type TestNetwork } from '../test/answers.ts'
import { parseValue, toText } from './address-range.ts'
import { cleanText, MAX_TEXT, readNetwork } from './read-network.ts'

const V4: TestNetwork = { start: '192.0.2.0', end: '192.0.2.127', name: 'EXAMPLE-NET', org: 'Example Networks' }
const V6: TestNetwork = { ...V4, start: '2001:db8::', end: '2001:db8:0:ffff:ffff:ffff:ffff:ffff' }
const at = (text: string) => parseValue(text)!
const read = (json: unknown, asked = '192.0.2.7') => readNetwork(JSON.stringify(json), at(asked))
const problemOf = (json: unknown, asked?: string) => {
  const answer = read(json, asked)
  return answer.kind === 'problem' ? answer.problem : answer.kind
}

for (const [registry, shape, country] of [
  ['ARIN', arin, ''],
  ['RIPE', ripe, 'NL'],
  ['APNIC', apnic, 'JP'],
  ['LACNIC', lacnic, ''],
  ['AFRINIC', afrinic, 'MU'],
] as const) {
  test(`an answer in the shape of ${registry} gives block, name, organisation and country`, () => {
    for (const [network, asked] of [
      [V4, '192.0.2.7'],
      [V6, '2001:db8::7'],
    ] as const) {
      const answer = read(shape(network), asked)
      assert.ok(answer.kind === 'network')
      const { start, end, ...texts } = answer.network
      assert.deepEqual([toText(start), toText(end)], [network.start, network.end])
      assert.deepEqual(texts, { name: 'EXAMPLE-NET', org: 'Example Networks', country })
    }
  })
}

test('without registrant and description the name of the block stands for the organisation; a person does not', () => {
  const people = { ...apnic(V4), remarks: [] }
  assert.deepEqual(
    read(people).kind === 'network' && (read(people) as { network: { org: string } }).network.org,
    'EXAMPLE-NET',
  )
})

test('a block that does not hold the address, ends before it begins, or mixes families is refused', () => {
  assert.equal(problemOf(arin(V4), '192.0.2.128'), 'range')
  assert.equal(problemOf(arin({ ...V4, start: '192.0.2.127', end: '192.0.2.0' })), 'range')
  assert.equal(problemOf(arin({ ...V4, start: '192.0.2.0', end: '2001:db8::' })), 'range')
  assert.equal(problemOf(arin({ ...V4, start: '::', end: '192.0.2.127' })), 'range')
  assert.equal(problemOf(arin({ ...V4, start: 'everything' })), 'range')
  assert.equal(problemOf({ ...arin(V4), endAddress: 7 }), 'range')
})

test('no block is wider than a /8 of IPv4 or a /12 of IPv6', () => {
  assert.equal(problemOf(arin({ ...V4, start: '192.0.0.0', end: '192.255.255.255' })), 'network')
  assert.equal(problemOf(arin({ ...V4, start: '192.0.0.0', end: '193.255.255.255' })), 'range')
  assert.equal(problemOf(arin({ ...V4, start: '191.255.255.255', end: '192.255.255.255' })), 'range')
  assert.equal(problemOf(arin({ ...V4, start: '0.0.0.0', end: '255.255.255.255' })), 'range')
  const widest = { ...V6, start: '2a00::', end: '2a0f:ffff:ffff:ffff:ffff:ffff:ffff:ffff' }
  assert.equal(problemOf(ripe(widest), '2a00::1'), 'network')
  assert.equal(problemOf(ripe({ ...widest, end: '2a1f:ffff:ffff:ffff:ffff:ffff:ffff:ffff' }), '2a00::1'), 'range')
  assert.equal(problemOf(ripe({ ...widest, start: '::' }), '2a00::1'), 'range')
})

test('a block that stands for "not ours" says that nobody is known', () => {
  assert.equal(problemOf(ripe({ ...V4, name: 'NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK' })), 'none')
  assert.equal(problemOf(apnic({ ...V4, name: 'IANA-BLK', start: '0.0.0.0', end: '255.255.255.255' })), 'none')
})

test('what is no JSON, no object or no network is told apart', () => {
  assert.equal(problemOf([]), 'not-json')
  assert.equal((readNetwork('<html>', at('192.0.2.7')) as { problem: string }).problem, 'not-json')
  assert.equal(problemOf({ errorCode: 404, title: 'Not Found' }), 'not-network')
  assert.equal(problemOf({ ...arin(V4), objectClassName: 'domain' }), 'not-network')
  assert.equal(problemOf({ ...arin(V4), name: '\u0000', handle: '' }), 'not-network')
})

test('members of the wrong type are passed over, never thrown on', () => {
  const odd = [
    null,
    7,
    'x',
    [],
    {},
    [null],
    [{ roles: 'registrant' }],
    [{ roles: ['registrant'], vcardArray: 'vcard' }],
  ]
  for (const entities of [
    ...odd,
    [{ roles: ['registrant'], vcardArray: ['vcard', [null, ['fn'], ['fn', {}, 'text', {}]]] }],
  ]) {
    for (const remarks of odd) {
      assert.equal(problemOf({ ...arin(V4), entities, remarks, country: 7 }), 'network')
    }
  }
  assert.equal(problemOf({ ...arin(V4), remarks: [{ title: {}, description: [{}] }, { description: 'x' }] }), 'network')
})

test('names are cut to what is kept, without controls, half characters, or signs that turn the writing', () => {
  assert.equal(cleanText('  a\u0000\u001b[31m\r\n b\u202e\u2066c '), 'a [31m b c')
  assert.equal(cleanText('<script>alert(1)</script>'), '<script>alert(1)</script>')
  const long = cleanText('x'.repeat(MAX_TEXT - 1) + '\u{1f600}'.repeat(1_000_000))
  assert.equal(long, 'x'.repeat(MAX_TEXT - 1))
  assert.equal(cleanText('\ud800x'), '\ufffdx')
  const answer = read(arin({ ...V4, name: `EX${'y'.repeat(10_000)}`, org: 'a\u0007b' }))
  assert.ok(answer.kind === 'network')
  assert.equal(answer.network.name.length, MAX_TEXT)
  assert.equal(answer.network.org, 'a b')
})
