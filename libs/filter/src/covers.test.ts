import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileRules, covers, FilterError, findNeverMatching, parse, tryParse } from './index.ts'
import { filterTexts } from './testing/filters.ts'
import { flows, toBatch } from './testing/flows.ts'

const doesCover = (wide: string, narrow: string) => covers(parse(wide), parse(narrow))

test('an earlier rule covers a later one that asks for the same and more', () => {
  for (const [wide, narrow] of [
    ['dst.port = 853', 'dst.port = 853, dst.ip = 8.8.8.8'],
    ['dst.port = 800..900', 'dst.port = 853'],
    ['dst.port != 80', 'dst.port = 443'],
    ['bytes > 10', 'bytes >= 20'],
    ['src.ip = 10.0.0.0/8', 'src.ip in (10.1.0.0/16, 10.2.3.4)'],
    ['src.ip = 2001:db8::/32', 'src.ip = 2001:db8::1'],
    ['src.name = *.example.com', 'src.name = *.www.example.com'],
    ['src.name = *.example.com', 'src.name = A.EXAMPLE.com'],
    ['src.name ~ example', 'src.name = *.example.com'],
    ['src.name exists', 'src.name = x'],
    ['name = x', 'dst.name = x'],
    ['port in (1, 2)', 'src.port = 1 or dst.port = 2'],
    ['not src.name = x', 'src.name = y'],
    ['not src.name = x', 'not src.name = x*'],
    ['vlan exists', 'vlan = 5'],
    ['', 'src.name = x'],
    ['src.net = @dst.net', 'src.net = @dst.net and bytes = 1'],
  ] as const) {
    assert.ok(doesCover(wide, narrow), `${wide} covers ${narrow}`)
  }
})

test('what asks for something else, or for less, is not covered', () => {
  for (const [wide, narrow] of [
    ['dst.port = 853, dst.ip = 8.8.8.8', 'dst.port = 853'],
    ['dst.port = 853', 'src.port = 853'],
    ['src.name = x', 'name = x'],
    ['src.name = *.www.example.com', 'src.name = *.example.com'],
    ['src.name = *.example.com', 'src.name = example.com'],
    ['src.name = x', 'not src.name = y'],
    ['src.name = a*b', 'src.name = a*'],
    ['bytes > 10', 'bytes > 9'],
    ['src.ip = 10.0.0.0/8', 'src.ip in (10.1.0.0/16, 11.0.0.1)'],
  ] as const) {
    assert.ok(!doesCover(wide, narrow), `${wide} does not cover ${narrow}`)
  }
})

test('a rule that contradicts itself never matches', () => {
  const contradictions = [
    'dst.port = 1, dst.port = 2',
    'proto = TCP, proto != TCP',
    'src.ip = 10.0.0.1, src.ip = 10.0.0.2',
    'src.name = *.example.com, src.name = *.example.org',
    'src.name = x, not src.name exists',
    '(dst.port = 1 or dst.port = 2) and dst.port = 3',
  ]
  const filters = [...contradictions, 'dst.port = 1, src.port = 2'].map((text) => parse(text))
  assert.deepEqual(
    findNeverMatching(filters),
    contradictions.map((_, position) => ({ position, by: undefined })),
  )
})

test('the first earlier rule that covers is named', () => {
  const filters = ['bytes = 1', 'port = 53', 'dst.port = 53', 'src.port = 53, bytes = 1', 'src.port = 5'].map((text) =>
    parse(text),
  )
  assert.deepEqual(findNeverMatching(filters), [
    { position: 2, by: 1 },
    { position: 3, by: 0 },
  ])
})

test('no flow is ever named by a rule that was said to match never', () => {
  let found = 0
  fc.assert(
    fc.property(flows, fc.array(filterTexts, { minLength: 2, maxLength: 30 }), (all, texts) => {
      const filters = texts.flatMap((text) => {
        const ast = tryParse(text)
        return ast instanceof FilterError ? [] : [ast]
      })
      const first = compileRules(filters).bind(toBatch(all))
      for (const { position, by } of findNeverMatching(filters)) {
        found++
        assert.ok(
          !first.includes(position + 1),
          `${texts[position]} is covered by ${by === undefined ? 'itself' : texts[by]}`,
        )
      }
    }),
    { numRuns: 400 },
  )
  assert.ok(found > 100)
})
