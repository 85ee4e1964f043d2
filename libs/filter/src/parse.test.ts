import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FilterError, LIMITS, parse, print, showFilterError, tryParse } from './index.ts'
import { filterTexts } from './testing/filters.ts'

/** As written → canonical. */
const CANONICAL: readonly (readonly [string, string])[] = [
  ['', ''],
  ['  # nothing\n', ''],
  ['src/ip==10.0.0.1', 'src.ip = 10.0.0.1'],
  ['src/domain:*.example.com', 'src.name = *.example.com'],
  ['src_ip=10.0.0.1 srcPort=1 tcpFlags~SYN', 'src.ip = 10.0.0.1 and src.port = 1 and flags ~ SYN'],
  [
    'dst/arin/name=GOOGLE, serviceName=dns, match=ping, host=192.0.2.1',
    'dst.org = GOOGLE and service = dns and rule = ping and exporter = 192.0.2.1',
  ],
  ['protocol_name=tcp ip_version=4 protocol=17', 'protocol = TCP and ip.version = IPv4 and protocol = UDP'],
  ['a b or c, d', '(a and b or c) and d'],
  ['a and b && c || d or e', 'a and b and c or d or e'],
  ['((a or (b or c)))', 'a or b or c'],
  ['a and (b, c)', 'a and b and c'],
  ['not a b', 'not a and b'],
  ['NOT(a b) !c -d not not e', 'not (a and b) and not c and not d and not not e'],
  [
    'bytes>10M packets<=10Ki bytes=1.5k rev.bytes>0x10',
    'bytes > 10000000 and packets <= 10240 and bytes = 1500 and rev.bytes > 16',
  ],
  ['duration>90s duration<=2m duration!=1500', 'duration > 90s and duration <= 2m and duration != 1500ms'],
  ['port=https dst.port in (rdp, 8000..8999)', 'port = 443 and dst.port in (3389, 8000..8999)'],
  ['ip=192.168.* src.ip=10.0.0.7/8 dst.ip=10.*.1', 'ip = 192.168.0.0/16 and src.ip = 10.0.0.0/8 and dst.ip = 10.*.1'],
  ['ip=2001:DB8::/32 ip=::ffff:1.2.3.4 ip=2001:db8:*', 'ip = 2001:db8::/32 and ip = 1.2.3.4 and ip = 2001:db8::/32'],
  ['ip=10.0.0.1..10.0.0.9', 'ip = 10.0.0.1..10.0.0.9'],
  ['mac=00-1B-21-0a-0b-0c src.mac=00:1b:*', 'mac = 00:1b:21:0a:0b:0c and src.mac = 00:1b:*'],
  ['flags=ACK|SYN flags~2', 'flags = SYN+ACK and flags ~ SYN'],
  ['name not in (a, "b c") vlan exists', 'name not in (a, "b c") and vlan exists'],
  ['src.net!=@dst.net bytes>=@rev/bytes', 'src.net != @dst.net and bytes >= @rev.bytes'],
  ['org="a \\"b\\" \\* * \\\\"', 'org = "a \\"b\\" \\* * \\\\"'],
  ["name=o'neil org='a b'", 'name = "o\'neil" and org = "a b"'],
  [
    'fe80::1 00:1b:21:0a:0b:0c 10.0 *.example.com "and" "port"',
    '"fe80::1" and "00:1b:21:0a:0b:0c" and 10.0 and *.example.com and "and" and "port"',
  ],
  ['name = and', 'name = and'],
  ['a # the rest\nb', 'a and b'],
  ['direction=in nat=guess end.reason=idle', 'direction = ingress and nat = guess and end.reason = idle'],
]

test('a filter may be written in many ways and is printed in one', () => {
  for (const [written, canonical] of CANONICAL) {
    assert.equal(print(parse(written)), canonical, written)
    assert.deepEqual(parse(canonical), parse(written), written)
  }
})

/** Text, place, and a part of the message. */
const ERRORS: readonly (readonly [string, string, RegExp])[] = [
  ['dst.nmae=x', 'dst.nmae', /did you mean dst\.name\?/],
  ['bytse > 1', 'bytse', /did you mean bytes\?/],
  ['a or nonsense.field exists', 'nonsense.field', /no field "nonsense\.field"/],
  ['sampler.rate=5', 'sampler.rate', /no field "sampler\.rate"; there is sampling$/],
  ['exporter.interface=5', 'exporter.interface', /; there are exporter, exporter\.domain, exporter\.version$/],
  ['zzz=5', 'zzz', /no field "zzz"; `netbehave filter fields` lists them$/],
  ['exporter.version=300', '300', /exporter\.version cannot be "300"; write IPFIX, or a number from 0 to 255/],
  ['proto=TPC', 'TPC', /did you mean TCP\?/],
  ['port=htps', 'htps', /did you mean http/],
  ['port=65536', '65536', /port cannot be "65536"; write a port from 0 to 65535/],
  ['port=9..1', '9..1', /port cannot be/],
  ['port > 65535', '65535', /no port is > 65535/],
  ['port < 0', '0', /no port is < 0/],
  ['nat < 1', '1', /no nat is < 1/],
  ['port < 1..2', '1..2', /range/],
  ['src.ip=10.0.0.256', '10.0.0.256', /an address/],
  ['src.ip=10.0.0.0/33', '10.0.0.0/33', /a block/],
  ['src.ip=10.0.0.9..10.0.0.1', '10.0.0.9..10.0.0.1', /range/],
  ['src.ip=300.*', '300.*', /glob/],
  ['src.ip<10.0.0.1', '<', /src\.ip does not go with <, but with =/],
  ['src.ip~10', '~', /does not go with ~/],
  ['name>a', '>', /does not go with >/],
  ['bytes~1', '~', /does not go with ~/],
  ['mac=00:1b', '00:1b', /a MAC/],
  ['mac=00:00:00:00:00:00', '00:00:00:00:00:00', /not mac exists/],
  ['vlan=0', '0', /write `not vlan exists`/],
  ['vlan!=0', '0', /write `vlan exists`/],
  ['name=""', '""', /write `not name exists`/],
  ['bytes=1.5', '1.5', /whole number/],
  ['bytes=-1', '-1', /whole number/],
  ['bytes=10X', '10X', /whole number/],
  ['ip.version=5', '5', /4, or 6/],
  ['exporter=10.0.0.0/8', '10.0.0.0/8', /exporter cannot be/],
  ['flags=SYN+FOO', 'SYN+FOO', /flags like SYN/],
  ['src.ip = @dst.port', '@dst.port', /cannot be compared/],
  ['port = @port', '@port', /@src\.port and @dst\.port/],
  ['name = @nope', 'nope', /no field/],
  ['name ~ @src.name', '@src.name', /not with ~/],
  ['port', 'port', /an operator must follow/],
  ['port 80', 'port', /an operator must follow/],
  ['port =', '', /a value of port is missing/],
  ['port in 80', '8', /list stands in parentheses/],
  ['port in ()', ')', /a value of port is missing/],
  ['port in (1 2)', '2', /parted by commas/],
  ['(a', '', /a parenthesis is not closed/],
  ['a)', ')', /no \( for this \)/],
  ['()', ')', /cannot stand here/],
  ['a or', '', /ends too early/],
  ['a,', '', /ends too early/],
  ['or a', 'or', /"or" cannot stand here/],
  ['exists', 'exists', /"exists" cannot stand here/],
  ['= 5', '=', /"=" cannot stand here/],
  ['name="abc', '"abc', /must end with "/],
  ['""', '""', /found everywhere/],
]

test('what is no filter is an error with a place, what was expected there, and a remedy', () => {
  for (const [text, place, message] of ERRORS) {
    const error = tryParse(text)
    assert.ok(error instanceof FilterError, `${text} is an error`)
    assert.match(error.message, message, text)
    assert.equal(text.slice(error.from, error.to), place, `place in ${text}`)
    assert.ok(error.expected.length > 0, `${text}: says what was expected`)
    assert.throws(() => parse(text), { name: 'FilterError' })
  }
})

test('an error is shown with carets under its place, in its line', () => {
  const text = 'a and\n  dst.nmae = x'
  const error = tryParse(text) as FilterError
  assert.equal(
    showFilterError(text, error),
    '  dst.nmae = x\n  ^^^^^^^^\nthere is no field "dst.nmae"; did you mean dst.name?',
  )
})

test('a caller’s names of ports are known besides the usual ones', () => {
  assert.equal(print(parse('port in (backup, https)', { ports: { backup: 10_050 } })), 'port in (10050, 443)')
  assert.match((tryParse('port = backup') as FilterError).message, /cannot be "backup"/)
})

test('a filter of more than 4 KiB is refused, also when it only becomes so in canonical form', () => {
  const words = (bytes: number) => `"${'ä'.repeat((bytes - 2) / 2)}"`
  assert.equal(parse(words(LIMITS.textBytes)).kind, 'word')
  assert.match((tryParse(words(LIMITS.textBytes + 2)) as FilterError).message, /at most 4096 bytes/)
  const grows = Array.from({ length: 199 }, () => 'dst_name_how=own').join(' ')
  assert.ok(grows.length < LIMITS.textBytes)
  assert.match((tryParse(grows) as FilterError).message, /when written out/)
})

test('a filter of more than 200 conditions, words and values of lists is refused', () => {
  const words = (n: number) => Array.from({ length: n }, () => 'a').join(' ')
  assert.equal(parse(words(LIMITS.terms)).kind, 'and')
  assert.match((tryParse(words(LIMITS.terms + 1)) as FilterError).message, /at most 200/)
  const list = (n: number) => `port in (${Array.from({ length: n }, (_, i) => i).join(',')})`
  assert.equal(parse(list(LIMITS.terms)).kind, 'in')
  assert.match((tryParse(list(LIMITS.terms + 1)) as FilterError).message, /at most 200/)
})

test('a filter that is nested more than 32 deep is refused, whatever nests', () => {
  const nest = (open: string, close: string, n: number) => `${open.repeat(n)}a${close.repeat(n)}`
  assert.equal(parse(nest('(', ')', LIMITS.depth)).kind, 'word')
  assert.equal(parse(nest('not ', '', LIMITS.depth)).kind, 'not')
  for (const text of [
    nest('(', ')', 33),
    nest('not ', '', 33),
    nest('!', '', 4000),
    nest('(', '', 4000),
    nest('a or b,(', ')', 33),
  ]) {
    assert.match((tryParse(text) as FilterError).message, /at most 32 deep/, text.slice(0, 40))
  }
})

test('the canonical text of a filter reads back as the same filter', () => {
  let parsed = 0
  fc.assert(
    fc.property(filterTexts, (text) => {
      const ast = tryParse(text)
      if (ast instanceof FilterError) return
      parsed++
      const canonical = print(ast)
      assert.deepEqual(parse(canonical), ast)
      assert.equal(print(parse(canonical)), canonical)
    }),
    { numRuns: 3000 },
  )
  assert.ok(parsed > 1500, `${parsed} of 3000 were filters`)
})

/** Pieces that have a meaning somewhere, so that random texts come near to being filters. */
const PIECES = [
  ...[
    '(',
    ')',
    ',',
    ' ',
    ' and ',
    ' or ',
    ' not ',
    '!',
    '-',
    '&&',
    '||',
    ' in (',
    ' not in (',
    ' exists',
    '#',
    '\n',
    '\t',
  ],
  ...[
    '=',
    '==',
    ':',
    '!=',
    '<',
    '<=',
    '>',
    '>=',
    '~',
    '!~',
    '@',
    '"',
    "'",
    '\\',
    '*',
    '..',
    '/',
    '.',
    '+',
    '|',
    '\0',
    'é',
    '\ud83d',
    '\ufeff',
  ],
  ...[
    'ip',
    'src.ip',
    'port',
    'mac',
    'name',
    'dst/domain',
    'flags',
    'bytes',
    'duration',
    'vlan',
    'nat',
    'exporter',
    'site',
    'ip_version',
  ],
  ...[
    '10.0.0.1',
    '10.0.0.0/8',
    '::1',
    'fe80::/10',
    '00:1b:21:*',
    'TCP',
    'SYN',
    '443',
    'https',
    '10M',
    '5s',
    '0',
    '99999999999999999999',
    'x',
  ],
]

test('of 100,000 random texts each is a filter that reads back, or a FilterError within the text', () => {
  const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((all) => all.join(''))
  const texts = fc.oneof(
    { arbitrary: pieces, weight: 9 },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 1 },
  )
  let filters = 0
  fc.assert(
    fc.property(texts, (text) => {
      const result = tryParse(text) // throws whatever is no FilterError
      if (result instanceof FilterError) {
        assert.ok(result.from >= 0 && result.from <= result.to && result.to <= text.length, text)
        showFilterError(text, result)
      } else {
        filters++
        assert.deepEqual(parse(print(result)), result, text)
      }
    }),
    { numRuns: 100_000 },
  )
  assert.ok(filters > 2000, `${filters} were filters`)
})
