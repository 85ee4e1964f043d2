import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_ENTRIES } from '@netbehave/schema'
import { type JoinLimits, LineSplitter, LogReader, toRequests } from './index.ts'

process.env.TZ = 'UTC'
const HEAD = 'Nov 24 08:09:54 dnsmasq[1]: '

function reader(limits: Partial<JoinLimits> = {}) {
  return new LogReader({ source: 'auto', latestMs: () => Date.UTC(2026, 10, 25), limits })
}
function feed(to: LogReader, lines: readonly string[]): LogReader {
  for (const [i, line] of lines.entries()) to.read(/^\w{3} /.test(line) ? line : HEAD + line, i + 1, 0)
  return to
}
/** `client address name source chain` of everything told with an address; a client `*` is not known or everybody. */
const told = (of: LogReader) =>
  of
    .take()
    .told.filter(({ address }) => address !== null)
    .map(({ client, address, name, source, chain }) => [client ?? '*', address, name, source, ...chain].join(' '))

test('an answer goes to the client that asked, under the name that was asked for, with its chain', () => {
  const plain = [
    'query[A] C.Big.Example from 10.0.0.7',
    'forwarded C.Big.Example to 127.0.0.1',
    'reply C.Big.Example is <CNAME>',
  ]
  plain.push('reply mid.example is <CNAME>', 'reply cdn.example is 198.51.100.7', 'reply cdn.example is 198.51.100.8')
  const chain = 'mid.example cdn.example'
  const want = [7, 8].map((last) => `10.0.0.7 198.51.100.${last} c.big.example dns ${chain}`)
  assert.deepEqual(told(feed(reader(), plain)), want)
  assert.deepEqual(
    told(
      feed(
        reader(),
        plain.map((line) => `4 10.0.0.7/4711 ${line}`),
      ),
    ),
    want,
  )
})

test('all who wait for one name get its answer, with and without numbers; who asked for another type does not', () => {
  const plain = [
    'query[A] x.test from 10.0.0.1',
    'query[A] x.test from 10.0.0.2',
    'query[AAAA] x.test from 10.0.0.3',
    'reply x.test is 192.0.2.1',
  ]
  const want = ['10.0.0.1 192.0.2.1 x.test dns', '10.0.0.2 192.0.2.1 x.test dns']
  assert.deepEqual(told(feed(reader(), plain)), want)
  const numbered = ['1 10.0.0.1/1 query[A] x.test from 10.0.0.1', '2 10.0.0.2/2 query[A] x.test from 10.0.0.2']
  numbered.push('1 10.0.0.1/1 reply x.test is 192.0.2.1', '2 10.0.0.2/2 reply query is duplicate')
  assert.deepEqual(told(feed(reader(), numbered)), want)
  // The next answer for the name is not theirs any more.
  assert.deepEqual(
    told(feed(feed(reader(), plain), ['query[A] x.test from 10.0.0.4', 'cached x.test is 192.0.2.9'])).at(-1),
    '10.0.0.4 192.0.2.9 x.test dns',
  )
})

test('questions that cross are told apart', () => {
  const lines = [
    'query[A] a.test from 10.0.0.1',
    'query[A] b.test from 10.0.0.2',
    'reply b.test is 192.0.2.2',
    'reply a.test is 192.0.2.1',
  ]
  assert.deepEqual(told(feed(reader(), lines)), ['10.0.0.2 192.0.2.2 b.test dns', '10.0.0.1 192.0.2.1 a.test dns'])
})

test('a record that only reads like an address is none', () => {
  const plain = ['query[TXT] t.test from 10.0.0.1', 'reply t.test is 6.6.6.6']
  const numbered = plain.map((line) => `8 10.0.0.1/5 ${line}`)
  for (const lines of [plain, numbered]) {
    const read = feed(reader(), lines)
    assert.deepEqual(told(read), [])
    assert.equal(read.join.counters.otherType, 1)
  }
})

test('hosts files and DHCP tell everybody; without a question nobody is known', () => {
  const lines = [
    'query[A] printer.lan from 10.0.0.1',
    '/etc/hosts printer.lan is 10.0.0.9',
    'DHCP pc.lan is 10.0.0.8',
    'reply y.test is 192.0.2.5',
  ]
  const read = feed(reader(), [
    ...lines,
    'Nov 24 08:09:55 dnsmasq-dhcp[1]: DHCPACK(eth0) 10.0.0.5 02:11:22:33:44:55 tv',
  ])
  const { told: all, leased } = read.take()
  assert.deepEqual(
    all.map(({ client, name, address, source, result }) => [client, name, address, source, result]),
    [
      [null, 'printer.lan', '10.0.0.9', 'hosts', 'address'],
      ['10.0.0.1', 'printer.lan', null, 'hosts', 'address'],
      [null, 'pc.lan', '10.0.0.8', 'dhcp', 'address'],
      [null, 'y.test', '192.0.2.5', 'dns', 'address'],
      [null, 'tv', '10.0.0.5', 'dhcp', 'address'],
    ],
  )
  assert.deepEqual(
    leased.map(({ address, mac, hostname }) => [address, mac, hostname]),
    [['10.0.0.5', '02:11:22:33:44:55', 'tv']],
  )
  assert.equal(read.join.counters.unasked, 1)
})

test('what waits is put back after a restart, between any two lines', () => {
  const lines = [
    'query[A] c.test from 10.0.0.7',
    'query[A] z.test from 10.0.0.8',
    'reply c.test is <CNAME>',
    'reply cdn.test is 192.0.2.7',
    'reply cdn.test is 192.0.2.8',
    'reply z.test is 192.0.2.9',
  ]
  for (const form of [
    lines,
    lines.map((line, i) => `${i < 2 ? i : i === 5 ? 1 : 0} 10.0.0.${[7, 8, 7, 7, 7, 8][i]}/5 ${line}`),
  ]) {
    const want = told(feed(reader(), form))
    assert.equal(want.length, 3)
    for (let cut = 0; cut <= form.length; cut++) {
      const before = feed(reader(), form.slice(0, cut))
      const after = reader()
      after.join.restore(before.join.save() ?? '')
      assert.equal(after.join.save(), undefined, 'nothing changed since')
      assert.deepEqual([...told(before), ...told(feed(after, form.slice(cut)))], want, `cut before line ${cut}`)
    }
  }
  const broken = reader()
  for (const text of ['', '{', '{"pending":[7]}']) broken.join.restore(text)
  assert.equal(broken.join.pending, 0)
})

test('questions without an answer are given up: too many, or too old', () => {
  const many = feed(
    reader({ pending: 10 }),
    Array.from({ length: 25 }, (_, i) => `query[A] n${i}.test from 10.0.0.1`),
  )
  assert.deepEqual([many.join.pending, many.join.counters.evicted], [10, 15])
  const old = feed(reader(), [
    'Nov 24 08:09:00 dnsmasq[1]: query[A] a.test from 10.0.0.1',
    'Nov 24 08:09:21 dnsmasq[1]: query[A] b.test from 10.0.0.1',
  ])
  assert.deepEqual([old.join.pending, old.join.counters.expired], [1, 1])
})

test('an answer is given to so many clients at most, and keeps so many CNAMEs', () => {
  const lines = Array.from({ length: 6 }, (_, i) => `query[A] x.test from 10.0.0.${i}`)
  const chain = Array.from({ length: 6 }, (_, i) => `reply ${i ? `c${i}` : 'x'}.test is <CNAME>`)
  const entries = told(feed(reader({ waiters: 4, chain: 3 }), [...lines, ...chain, 'reply end.test is 192.0.2.1']))
  assert.equal(entries.length, 4)
  assert.equal(entries[0], '10.0.0.0 192.0.2.1 x.test dns c1.test c2.test c3.test')
})

test("unbound's replies tell what came of a question, and are the question where only they are logged", () => {
  const read = feed(reader(), [
    'Nov 24 08:09:54 unbound[1:0] query: 10.0.0.1 a.test. A IN',
    'Nov 24 08:09:54 unbound[1:0] reply: 10.0.0.1 a.test. A IN NOERROR 0.1 0 42',
  ])
  feed(read, ['Nov 24 08:09:54 unbound[1:0] reply: 10.0.0.1 b.test. A IN NXDOMAIN 0.1 0 42'])
  const { asked, told: all } = read.take()
  assert.deepEqual(
    asked.map(({ name }) => name),
    ['a.test', 'b.test'],
  )
  assert.deepEqual(
    all.map(({ name, result, address }) => [name, result, address]),
    [
      ['a.test', 'answered', null],
      ['b.test', 'nxdomain', null],
    ],
  )
})

test('lines without a time are dropped and counted, or of the moment of the read', () => {
  const dropped = reader()
  dropped.read('dnsmasq: query[A] a.test from 10.0.0.1', 1, 0)
  assert.deepEqual([dropped.problems.get('no-time'), dropped.join.size], [1, 0])
  const live = new LogReader({ source: 'dnsmasq', latestMs: () => 99, withoutTime: 'now' })
  live.read('dnsmasq: query[A] a.test from 10.0.0.1', 1, 42)
  assert.equal(live.take().asked[0]!.atMs, 42)
})

test('lines are found in pieces of any size; long ones are passed over without being held', () => {
  const text = `one\r\n${'x'.repeat(300)}\ntwo\n\n${'y'.repeat(100)}\nhalf`
  for (const size of [1, 7, 64, 1000]) {
    const splitter = new LineSplitter({ maxBytes: 100 })
    const lines: [string, number][] = []
    for (let from = 0; from < text.length; from += size) {
      splitter.push(Buffer.from(text.slice(from, from + size)), (line, position) => lines.push([line, position]))
      assert.ok(splitter.restBytes <= 101 + size)
    }
    assert.deepEqual(
      lines.map(([line]) => line.slice(0, 3)),
      ['one', 'two', '', 'yyy'],
    )
    for (const [line, position] of lines) assert.equal(text.slice(position - 1, position), '\n', line)
    assert.deepEqual(
      [splitter.tooLong, splitter.position, splitter.dropRest(), splitter.position],
      [1, text.length - 4, true, text.length],
    )
  }
})

test('requests hold so many entries at most, and never part the entries of one line', () => {
  const entry = (position: number) => ({
    position,
    atMs: 1,
    client: null,
    name: 'x',
    type: 'A',
    source: 'dns' as const,
    result: 'address' as const,
    address: '192.0.2.1',
    ttlS: null,
    chain: [],
  })
  const answers = Array.from({ length: MAX_ENTRIES + 300 }, (_, i) => ({
    ...entry(i < MAX_ENTRIES - 2 ? i : MAX_ENTRIES),
    isReply: i % 2 < 2,
  }))
  const { replies, queries, cached } = toRequests({ asked: [], told: answers, leased: [] })
  assert.deepEqual([replies.map(({ length }) => length), queries, cached], [[MAX_ENTRIES - 2, 302], [], []])
  const lease = { position: 5, atMs: 1, address: '10.0.0.1', mac: '', hostname: 'x' }
  const withLease = toRequests({ asked: [], told: [{ ...entry(5), isReply: false }], leased: [lease] })
  assert.deepEqual(withLease.cached, [{ answers: [entry(5)], leases: [lease] }])
})
