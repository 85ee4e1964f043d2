// Lines as dnsmasq 2.90 and unbound 1.17 wrote them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDnsmasqParser } from './dnsmasq.ts'
import type { LineParser } from './line.ts'
import { createPiholeParser } from './pihole.ts'
import { StampReader } from './stamp.ts'
import { createUnboundParser } from './unbound.ts'

const latestMs = () => Date.UTC(2026, 10, 24, 12)

/** What a line says, in short. */
function said(parser: LineParser, line: string): string | undefined {
  const stamp = new StampReader({ latestMs })
  stamp.read(line)
  const found = parser.parse(line, stamp.end)
  if (typeof found !== 'object') return found
  if (found.kind === 'query') return `${found.client} asks ${found.name} ${found.type} (${found.key})`
  if (found.kind === 'lease') return `lease ${found.address} ${found.mac} ${found.hostname}`
  const { key, client, by, name, value, address, type } = found
  return `${by} ${name} ${value} ${address}${type && ` ${type}`} (${key} ${client})`
}

const dnsmasq = createDnsmasqParser()
const LINES: readonly [line: string, says: string | undefined][] = [
  ['query[A] www.test from 127.0.0.11', '127.0.0.11 asks www.test A ()'],
  ['1 127.0.0.11/38071 query[A] www.test from 127.0.0.11', '127.0.0.11 asks www.test A (1 127.0.0.11/38071)'],
  ['query[type=65] WWW.Test from fd00::7', 'fd00::7 asks www.test type=65 ()'],
  ['forwarded www.test to 127.0.0.1#15353', undefined],
  ['reply www.test is 203.0.113.5', 'reply www.test address 203.0.113.5 A ( )'],
  ['4 127.0.0.21/49795 reply C.Big.Example is <CNAME>', 'reply c.big.example cname  (4 127.0.0.21/49795 127.0.0.21)'],
  ['cached www.test is 2001:db8:5::1', 'cached www.test address 2001:db8:5::1 AAAA ( )'],
  ['cached-stale www.test is 203.0.113.5', 'cached www.test address 203.0.113.5 A ( )'],
  ['cached www.test is NODATA-IPv4', 'cached www.test nodata  A ( )'],
  ['reply www.test is NODATA', 'reply www.test nodata  ( )'],
  ['reply nope.test is NXDOMAIN', 'reply nope.test nxdomain  ( )'],
  ['reply error is SERVFAIL (EDE: network error)', 'reply error failed  ( )'],
  ['cached srv.test is <SRV>', 'cached srv.test answered  SRV ( )'],
  ['reply txt.test is hello', 'reply txt.test answered  ( )'],
  ['3 127.0.0.23/60862 reply query is duplicate', undefined],
  ['/tmp/some folder/hosts printer.lan is 192.168.7.9', 'hosts printer.lan address 192.168.7.9 A ( )'],
  ['/tmp/hosts 192.168.7.9 is printer', 'hosts 192.168.7.9 answered  ( )'],
  ['config alias.lan is <CNAME>', 'hosts alias.lan cname  ( )'],
  ['config blocked.example is 0.0.0.0', 'blocked blocked.example blocked  A ( )'],
  ['/tmp/block.hosts ads.example is ::', 'blocked ads.example blocked  AAAA ( )'],
  ['DHCP laptop.lan is 10.9.0.15', 'dhcp laptop.lan address 10.9.0.15 A ( )'],
  ['started, version 2.90 cachesize 150', undefined],
  ['using nameserver 127.0.0.1#15353', undefined],
  // Forged, or not for us.
  ['query[A] <script>alert(1)</script>.example from 127.0.0.21', 'name-character'],
  ['query[A] <name unprintable> from 127.0.0.21', 'name-character'],
  ['query[A] q from 10.0.0.9.example from 127.0.0.21', 'name-character'],
  ['reply r is 1.2.3.4 is 5.6.7.8', 'reply r answered  ( )'],
  ['reply 203.0.113.5 is 6.6.6.6', 'reply 203.0.113.5 answered  ( )'],
  [`query[A] ${'k'.repeat(260)} from 127.0.0.21`, 'name-length'],
  ['query[A] www.test from nobody', 'client-address'],
  ['query[A] . from 127.0.0.21', undefined],
  ['query[A] half', undefined],
  ['1 ', undefined],
]

test('every form of a dnsmasq line says what it says', () => {
  for (const [line, says] of LINES) {
    for (const head of ['Nov 24 08:09:54 dnsmasq[11110]: ', 'Nov  4 08:09:54 box dnsmasq[1]: ', 'dnsmasq: '])
      assert.equal(said(dnsmasq, head + line), says, head + line)
    const framed = `<30>1 2026-11-24T08:09:53+00:00 box dnsmasq 4711 - [meta sequenceId="7"] ${line}`
    assert.equal(said(dnsmasq, framed), says, framed)
    assert.equal(said(dnsmasq, `Nov 24 08:09:54 box postfix[1]: ${line}`), undefined)
  }
})

test('DHCP lines give address, MAC and host name', () => {
  const dhcp = (line: string) => said(dnsmasq, `Nov 24 08:11:13 dnsmasq-dhcp[12418]: ${line}`)
  assert.equal(dhcp('DHCPACK(lo) 10.9.0.15 02:11:22:33:44:55 Laptop'), 'lease 10.9.0.15 02:11:22:33:44:55 laptop')
  assert.equal(dhcp('1234567 DHCPACK(lo) 10.9.0.15 02:11:22:33:44:55 '), 'lease 10.9.0.15 02:11:22:33:44:55 ')
  assert.equal(dhcp('DHCPREPLY(eth0) fd00::15 00:01:00:01:2a:bc laptop'), 'lease fd00::15  laptop')
  assert.equal(dhcp('DHCPREQUEST(lo) 10.9.0.15 02:11:22:33:44:55 '), undefined)
  assert.equal(dhcp('DHCPACK(lo) 10.9.0.15 02:11:22:33:44:55 <b>'), 'name-character')
})

test("Pi-hole's own words mean that it was blocked", () => {
  const pihole = createPiholeParser()
  const line = (text: string) => said(pihole, `Nov 24 08:09:54 dnsmasq[11110]: ${text}`)
  assert.equal(line('gravity blocked ads.example is 0.0.0.0'), 'blocked ads.example blocked  A ( )')
  assert.equal(line('regex denied ads.example is NXDOMAIN'), 'blocked ads.example blocked  ( )')
  assert.equal(line('exactly blacklisted ads.example is NODATA-IPv6'), 'blocked ads.example blocked  AAAA ( )')
  assert.equal(line('query[A] www.test from 127.0.0.11'), '127.0.0.11 asks www.test A ()')
})

test("unbound's lines, tagged and not, in its own file and in syslog", () => {
  const unbound = createUnboundParser()
  const heads = ['[1795507794] unbound[11108:0] query: ', 'Nov 24 08:09:54 unbound[11108:0] query: ']
  heads.push(
    'Nov 24 08:09:54 box unbound[11108]: [11108:0] info: ',
    '<30>1 2026-11-24T08:09:53+00:00 b unbound 1 - [m x="1"] [1:0] info: ',
  )
  for (const head of heads) {
    assert.equal(said(unbound, `${head}127.0.0.1 www.test. A IN`), '127.0.0.1 asks www.test A ()')
    const reply = said(unbound, `${head.replace('query', 'reply')}fd00::1 WWW.test. AAAA IN NXDOMAIN 0.000000 1 42`)
    assert.equal(reply, 'reply www.test nxdomain  AAAA ( fd00::1)')
    assert.equal(said(unbound, `${head}127.0.0.1 a\\032b<. A IN`), 'name-character')
  }
  const others = [
    'start of service (unbound 1.17.1).',
    'test. static 127.0.0.1@34411 www.test. A IN',
    '127.0.0.1 x',
    '1.2.3.4',
  ]
  for (const other of others) assert.equal(said(unbound, `[1795507794] unbound[11108:0] info: ${other}`), undefined)
})

test('no line that can be made of these pieces throws', () => {
  const pieces = [
    'Nov 24 08:09:54 ',
    'dnsmasq[1]: ',
    ' is ',
    ' from ',
    'query[',
    '] ',
    '1 1.2.3.4/5 ',
    'reply ',
    '/',
    '<',
    '\u0000',
    ' IN',
    'info: ',
  ]
  let seed = 7
  for (let n = 0; n < 20_000; n++) {
    let line = ''
    for (let i = 0; i < 7; i++) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      line += pieces[seed % pieces.length]
    }
    for (const parser of [dnsmasq, createUnboundParser()]) said(parser, line)
  }
})
