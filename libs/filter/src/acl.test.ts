import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileRules, findNeverMatching, parse, parseAcl, parseAclRow, print } from './index.ts'
import { type PlainFlow, toBatch } from './testing/flows.ts'

/** Where the specification lies beside a checkout; not part of the repository. */
const ORIGINAL = join(import.meta.dirname, '../../../../shared/design/original-acl.csv')
const withOriginal = { skip: existsSync(ORIGINAL) ? false : 'the original’s acl.csv is not here' }

const T = 1_767_700_000_000

/** Name that the rules of a file give a flow; empty for none. */
function nameOf(csv: string, flow: PlainFlow): string {
  const { rules } = parseAcl(csv)
  const [first] = compileRules(rules.map(({ filter }) => filter)).bind(toBatch([{ first: T, last: T, ...flow }]))
  return first === 0 ? '' : rules[first! - 1]!.name
}

test('the original’s own file loads without a finding, and no row of it is in vain', withOriginal, () => {
  const csv = readFileSync(ORIGINAL, 'utf8')
  const { rules, findings } = parseAcl(csv)
  assert.deepEqual(findings, [])
  assert.equal(rules.length, csv.split('\n').filter((line) => line.trim() !== '').length)
  assert.deepEqual(findNeverMatching(rules.map(({ filter }) => filter)), [])
})

test('each row of the original’s own file names a flow that has just the values it asks for', withOriginal, () => {
  const csv = readFileSync(ORIGINAL, 'utf8')
  const columns: Record<string, keyof PlainFlow> = {
    'src/ip': 'srcIp',
    'dst/ip': 'dstIp',
    'src/port': 'srcPort',
    'dst/port': 'dstPort',
    'src/domain': 'srcName',
    'dst/domain': 'dstName',
    'src/arin/name': 'srcOrg',
    'dst/arin/name': 'dstOrg',
    protocol_name: 'protocol',
    bytes: 'bytes',
  }
  const protocols: Record<string, number> = { ICMP: 1, IGMP: 2, UDP: 17 }
  for (const line of csv.trim().split(/\r?\n/)) {
    const [name, ...cells] = line.split(',')
    const flow: PlainFlow = {}
    for (const cell of cells) {
      const [field = '', value = ''] = cell.split('=')
      flow[columns[field]!] = protocols[value] ?? (/^\d+$/.test(value) ? Number(value) : value.replace('*', 'www'))
    }
    assert.equal(nameOf(csv, flow), name, line)
  }
})

/** A file of our own with every kind of condition that the original's has: protocol, address, port, name, org, bytes, either side. */
const OWN = `# our own
ping,protocol_name=ICMP
time,protocol_name=UDP,dst/port=123
time,protocol_name=UDP,src/port=123
resolver,dst/ip=192.0.2.53,dst/port=53
cdn,src/domain=*.cdn.example
cdn,dst/domain=*.cdn.example
probe,protocol_name=UDP,dst/port=8888,bytes=29
holder,src/arin/name=EXAMPLE HOLDER LLC
holder,"dst/arin/name=Example, Inc."
guests,src/network=guest,dst/network!=internal
big,bytes>1000000
router,host=192.0.2.1,ip_version=4
`

test('rows with every kind of condition of the original name the flows that they describe', () => {
  const cases: [PlainFlow, string][] = [
    [{ protocol: 1, dstPort: 2048 }, 'ping'],
    [{ protocol: 17, dstPort: 123 }, 'time'],
    [{ protocol: 17, srcPort: 123, dstPort: 40_000 }, 'time'],
    [{ protocol: 6, dstPort: 123 }, ''],
    [{ dstIp: '192.0.2.53', dstPort: 53 }, 'resolver'],
    [{ srcIp: '192.0.2.53', dstPort: 53 }, ''],
    [{ srcName: 'a.b.cdn.example' }, 'cdn'],
    [{ dstName: 'A.CDN.example' }, 'cdn'],
    [{ dstName: 'cdn.example' }, ''],
    [{ dstName: 'a.cdn.example.org' }, ''],
    [{ protocol: 17, dstPort: 8888, bytes: 29 }, 'probe'],
    [{ protocol: 17, dstPort: 8888, bytes: 30 }, ''],
    [{ srcOrg: 'EXAMPLE HOLDER LLC' }, 'holder'],
    [{ srcOrg: 'EXAMPLE HOLDER' }, ''],
    [{ dstOrg: 'Example, Inc.' }, 'holder'],
    [{ srcNet: 'guest', dstNet: 'external' }, 'guests'],
    [{ srcNet: 'guest', dstNet: 'internal' }, ''],
    [{ srcNet: 'guest' }, ''],
    [{ bytes: 1_000_001 }, 'big'],
    [{ bytes: 999_999 }, ''],
    [{ exporter: '192.0.2.1' }, 'router'],
    [{ exporter: '192.0.2.1', srcIp: '2001:db8::1' }, ''],
    [{ protocol: 1, bytes: 2_000_000 }, 'ping'],
  ]
  for (const [flow, name] of cases) assert.equal(nameOf(OWN, flow), name, JSON.stringify(flow))
})

test('a cell takes all that follows the operator as its value, unless it is written as a filter', () => {
  const filterOf = (cell: string) => print(parseAclRow(['x', cell]).filter!)
  assert.equal(filterOf('src/arin/name=GOOGLE LLC'), 'src.org = "GOOGLE LLC"')
  assert.equal(filterOf('src/arin/name = Barnes & Noble, OR *'), 'src.org = "Barnes & Noble, OR *"')
  assert.equal(filterOf("src/arin/name=McDonald's Corp"), 'src.org = "McDonald\'s Corp"')
  assert.equal(filterOf('src/arin/name="GOOGLE" or bytes>1'), 'src.org = GOOGLE or bytes > 1')
  assert.equal(filterOf('src/ip=10.0.0.1 or dst/ip=10.0.0.1'), 'src.ip = 10.0.0.1 or dst.ip = 10.0.0.1')
  assert.equal(filterOf('port in (1, 2)'), 'port in (1, 2)')
  assert.equal(parseAclRow(['x', 'dst/port=80 443']).filter, undefined, 'a number is no "80 443"')
})

test('rows that say something else than in the original are found, with the reason', () => {
  const differs = (cell: string) =>
    parseAclRow(['x', cell])
      .findings.map(({ kind, message }) => `${kind}: ${message}`)
      .join()
  assert.match(differs('bytes>100'), /^differs: the original compared > as <$/)
  assert.match(differs('src/domain!=*.example.com'), /^differs: .*!= with a \*/)
  assert.match(differs('dst/ip!=10.0.0.0/8'), /^differs: .*!= with a block/)
  assert.match(differs('dst/domain=a*b'), /^differs: .*in the middle/)
  assert.match(differs('src/network=external'), /^differs: .*IPv6/)
  assert.match(differs('port=443'), /^differs: .*did not know the field port/)
  assert.match(differs('bytes>=100'), /^differs: .*did not know >=/)
  assert.match(differs('dst/port=1..5'), /^differs: .*ranges/)
  assert.match(differs('src/arin/name=A and B'), /^differs: .*read as a filter/)
  assert.match(differs('src/arin/name=A # b'), /^differs: .*belong to the value/)
  assert.match(differs('src/nonsense=1'), /^error: there is no field/)
  assert.match(differs('dst/port=99999'), /^error: dst\.port cannot be/)
  for (const same of [
    'dst/ip=10.0.0.0/8',
    'src/domain=*.x.com',
    'bytes<100',
    'src/domain!=x.com',
    'src/ip=192.168.*',
    'src/network=home',
  ]) {
    assert.equal(differs(same), '', same)
  }
})

test('rows without name, without condition, and with an error are told by their line, and the others still load', () => {
  const { rules, findings } = parseAcl('a,bytes=1\n,bytes=2\nb\nc,nonsense=1,bytes=3\nd,bytes=4,,\n')
  assert.deepEqual(
    rules.map(({ name, line }) => `${name}${line}`),
    ['a1', 'b3', 'd5'],
  )
  assert.deepEqual(
    findings.map(({ line, kind }) => `${line} ${kind}`),
    ['2 error', '3 differs', '4 error'],
  )
})

test('any text is a file of rules and findings, and each rule’s filter can be written down', () => {
  const pieces = fc.constantFrom(
    'a',
    ',',
    '\n',
    '"',
    '#',
    'bytes',
    '=',
    '>',
    '1',
    'src/domain',
    '*',
    ' or ',
    '(',
    ')',
    ' ',
    "'",
    '@',
    '!=',
    '\0',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (all) => {
      for (const { filter } of parseAcl(all.join('')).rules) assert.deepEqual(parse(print(filter)), filter)
    }),
    { numRuns: 5000 },
  )
})
