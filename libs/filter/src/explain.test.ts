import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { explain, FilterError, hintsOf, parse, tryParse } from './index.ts'
import { filterTexts } from './testing/filters.ts'

test('a filter is told in one English line', () => {
  for (const [filter, english] of [
    ['', 'every flow'],
    ['dst.port = https, proto = TCP', 'flows where the destination port is 443 and the protocol is TCP'],
    ['port != 80', 'flows where the port of neither side is 80'],
    [
      'src.ip = 10.0.0.0/8 or bytes > 1k',
      'flows where the source address is in 10.0.0.0/8 or the number of bytes is above 1000',
    ],
    [
      'not (name = *.x.com or vlan exists)',
      'flows where nothing of this holds: (the name of either side is like *.x.com or the VLAN id is known)',
    ],
    ['dst.name !~ x', 'flows where the DNS name of the destination is there and does not contain x'],
    ['src.net != @dst.net', 'flows where the network of the source is there and is not the network of the destination'],
    ['ping', 'flows where a name, holder, asset, service or rule contains "ping"'],
    ['10.0.0.1', 'flows where an address is 10.0.0.1 or a name, holder, asset, service or rule contains "10.0.0.1"'],
    ['not dst.net = external', 'flows where the network of the destination is not external (or not known)'],
    ['not proto in (tcp, udp)', 'flows where the protocol is none of TCP, UDP'],
    ['not port = 80', 'flows where the port of neither side is 80'],
    ['not rule exists', 'flows where the rule is not known'],
    ['not bytes > 1k', 'flows where the number of bytes is not above 1000'],
    ['not dst.name ~ x', 'flows where the DNS name of the destination does not contain x (or not known)'],
    ['not dst.name != x', 'flows where this does not hold: (the DNS name of the destination is there and is not x)'],
    [
      'not (port = 80 and proto = tcp)',
      'flows where not all of this holds: (the port of either side is 80 and the protocol is TCP)',
    ],
    ['not ping', 'flows where this does not hold: (a name, holder, asset, service or rule contains "ping")'],
    ['port in (1, 5..9)', 'flows where the port of either side is one of 1, 5..9'],
  ] as const) {
    assert.equal(explain(parse(filter)), english)
  }
})

test('every filter has one line', () => {
  fc.assert(
    fc.property(filterTexts, (text) => {
      const ast = tryParse(text)
      if (!(ast instanceof FilterError)) assert.match(explain(ast), /^(every flow|flows where [\s\S]+)$/)
    }),
    { numRuns: 500 },
  )
})

test('a negated comparison that passes over flows without a value is pointed out', () => {
  assert.deepEqual(hintsOf(parse('dst.name != x, not vlan not in (1, 2)')), [
    'dst.name != x passes over flows without dst.name; not dst.name = x has them too',
    'vlan not in (1, 2) passes over flows without vlan; not vlan in (1, 2) has them too',
  ])
  assert.deepEqual(hintsOf(parse('bytes != 5, src.ip != 10.0.0.1, not dst.name = x, port !=5')), [])
})
