// The shipped rules.yaml on sample flows: each rule, by its position, has flows that it names, and near ones that it does not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { checkRules, parseRules } from '@netbehave/filter/rules'
import type { Flow } from '@netbehave/schema'
import { AlertTable } from './alert-table.ts'
import { createMatch } from './match.ts'
import { createNameServices } from './name-services.ts'
import { SHIPPED_RULES } from './rule-files.ts'
import { readServiceTable } from './service-table.ts'
import { batchOf, flowOf } from './testing.ts'

const TEXT = readFileSync(SHIPPED_RULES, 'utf8')
const { rules, findings } = parseRules(TEXT, 'rules.yaml')
const enrich = createNameServices(readServiceTable(''))

/** Position of the rule that names a flow; -1: none. Each flow in a batch of its own. */
function positionOf(flow: Flow): number {
  const match = createMatch(new AlertTable(10))
  match.setRules(rules)
  match.match(enrich(batchOf([flow])), false, Date.now())
  return match.report().findIndex(({ hits }) => hits > 0)
}

const nameOf = (flow: Flow): string => rules[positionOf(flow)]?.name ?? ''

const [ICMP, IGMP, UDP, GRE, ESP, ICMPV6] = [1, 2, 17, 47, 50, 58]
const out = (dstPort: number, more: Partial<Flow> = {}) => flowOf({ dstPort, ...more })
/** From the Internet to a machine of ours. */
const inward = (dstPort: number, more: Partial<Flow> = {}) =>
  flowOf({ srcIp: '203.0.113.5', dstIp: '192.168.1.10', srcNet: 'external', dstNet: 'home', dstPort, ...more })
/** What our machine sends to the Internet from this port. */
const answer = (srcPort: number, more: Partial<Flow> = {}) => flowOf({ srcPort, dstPort: 50_000, ...more })
const inside = (dstPort: number, more: Partial<Flow> = {}) =>
  flowOf({ dstIp: '192.168.1.20', dstNet: 'home', dstPort, ...more })
const icmp = (protocol: number, type: number) => flowOf({ protocol, srcPort: 0, dstPort: type * 256 })

/** For each rule in the order of the file: flows that it names, and near ones with the name that they get. */
const SAMPLES: { rule: string; yes: Flow[]; no: [Flow, string][] }[] = [
  {
    rule: 'SMB leaves the network',
    yes: [out(445), out(139, { srcNet: 'internal' })],
    no: [
      [inside(445), 'file sharing'],
      [out(445, { protocol: UDP }), ''],
      [inward(445), 'file sharing'],
      [out(445, { srcNet: 'external' }), 'file sharing'],
    ],
  },
  {
    rule: 'RDP leaves the network',
    yes: [out(3389), out(3389, { protocol: UDP })],
    no: [
      [inside(3389), 'remote access'],
      [inward(3389), 'remote access from outside'],
    ],
  },
  {
    rule: 'telnet leaves the network',
    yes: [out(23), out(2323)],
    no: [
      [inside(23), 'telnet'],
      [out(2324), ''],
    ],
  },
  {
    rule: 'remote access from outside, answered',
    yes: [answer(22, { packets: 40 }), answer(3389, { packets: 6 }), answer(5901), answer(23)],
    no: [
      [answer(22, { packets: 2 }), 'remote access from outside'],
      [answer(22, { dstIp: '192.168.1.20', dstNet: 'home', packets: 40 }), 'remote access'],
      [answer(443, { packets: 40 }), 'web'],
    ],
  },
  {
    rule: 'remote access from outside',
    yes: [inward(22), inward(3389), inward(5986), answer(22, { packets: 1 })],
    no: [
      [inside(22), 'remote access'],
      [out(22), 'remote access'],
      [inward(443), 'web'],
    ],
  },
  {
    rule: 'ping',
    yes: [icmp(ICMP, 8), icmp(ICMP, 0), icmp(ICMPV6, 128), icmp(ICMPV6, 129)],
    no: [
      [icmp(ICMP, 3), 'ICMP'],
      [icmp(ICMPV6, 1), 'ICMP'],
      [out(2048), ''],
    ],
  },
  {
    rule: 'IPv6 neighbours',
    yes: [icmp(ICMPV6, 133), icmp(ICMPV6, 135), flowOf({ protocol: ICMPV6, dstPort: 137 * 256 + 255 })],
    no: [
      [icmp(ICMPV6, 132), 'ICMP'],
      [icmp(ICMPV6, 138), 'ICMP'],
    ],
  },
  { rule: 'ICMP', yes: [icmp(ICMP, 11), icmp(ICMPV6, 3), icmp(ICMPV6, 0)], no: [[icmp(IGMP, 0), 'IGMP']] },
  { rule: 'IGMP', yes: [icmp(IGMP, 0)], no: [[icmp(GRE, 0), 'VPN']] },
  {
    rule: 'DHCP',
    yes: [inside(67, { protocol: UDP, srcPort: 68 }), inside(546, { protocol: UDP, srcPort: 547 })],
    no: [[inside(67), '']],
  },
  {
    rule: 'device discovery',
    yes: [inside(5353, { protocol: UDP, dstIp: '224.0.0.251', dstNet: 'multicast' }), inside(1900, { protocol: UDP })],
    no: [[inside(5354, { protocol: UDP, dstNet: 'multicast' }), 'multicast and broadcast']],
  },
  {
    rule: 'NTP',
    yes: [out(123, { protocol: UDP }), flowOf({ protocol: UDP, srcPort: 123, dstPort: 50_000 })],
    no: [[out(123), '']],
  },
  { rule: 'secure DNS', yes: [out(853), out(853, { protocol: UDP }), answer(853)], no: [[out(854), '']] },
  {
    rule: 'secure DNS',
    yes: [
      out(443, { dstIp: '1.1.1.1' }),
      out(443, { dstIp: '2001:4860:4860::8844', protocol: UDP }),
      flowOf({ srcIp: '9.9.9.9', srcNet: 'external', srcPort: 443, dstPort: 50_000, dstNet: 'home' }),
    ],
    no: [
      [out(443, { dstIp: '1.1.1.2' }), 'web'],
      [out(80, { dstIp: '1.1.1.1' }), 'web'],
    ],
  },
  {
    rule: 'secure DNS',
    yes: [out(443, { dstName: 'dns.google' }), out(443, { dstName: 'mozilla.cloudflare-dns.com' })],
    no: [
      [out(443, { dstName: 'www.dns.google' }), 'web'],
      [out(80, { dstName: 'dns.google' }), 'web'],
    ],
  },
  {
    rule: 'DNS to outside',
    yes: [out(53, { protocol: UDP }), out(53), inward(50_000, { protocol: UDP, srcPort: 53 })],
    no: [[inside(53, { protocol: UDP }), 'DNS']],
  },
  { rule: 'DNS', yes: [inside(53, { protocol: UDP }), inside(50_000, { srcPort: 53 })], no: [[inside(54), '']] },
  {
    rule: 'software updates',
    yes: [out(443, { dstName: 'fe3.delivery.mp.microsoft.com' }), out(80, { dstName: 'archive.ubuntu.com' })],
    no: [[out(443, { dstName: 'www.microsoft.com' }), 'web']],
  },
  {
    rule: 'streaming',
    yes: [out(443, { dstName: 'r3---sn.googlevideo.com', protocol: UDP }), out(443, { dstName: 'x.NFLXVIDEO.net' })],
    no: [[out(443, { dstName: 'googlevideo.com.example' }), 'web']],
  },
  {
    rule: 'messaging',
    yes: [out(443, { dstName: 'mmg.whatsapp.net' }), answer(443, { srcName: 'chat.signal.org' })],
    no: [[out(443, { dstName: 'whatsapp.example' }), 'web']],
  },
  {
    rule: 'CDN',
    yes: [out(443, { dstName: 'd1.cloudfront.net' }), answer(443, { srcName: 'e1.a.akamaiedge.net' })],
    no: [[out(443, { dstName: 'cloudfront.net.example' }), 'web']],
  },
  { rule: 'messaging', yes: [out(5222), out(8448), answer(5269)], no: [[out(5221), '']] },
  { rule: 'mail', yes: [out(25), out(587), out(993), answer(143)], no: [[out(993, { protocol: UDP }), '']] },
  {
    rule: 'telephony',
    yes: [out(5060, { protocol: UDP }), out(3478, { protocol: UDP }), out(5061)],
    no: [[out(5062), '']],
  },
  {
    rule: 'VPN',
    yes: [icmp(ESP, 0), icmp(GRE, 0), out(4500, { protocol: UDP }), out(1194, { protocol: UDP }), out(1723)],
    no: [[out(500), '']],
  },
  {
    rule: 'VPN',
    yes: [out(51_820, { protocol: UDP, srcPort: 40_000 }), out(41_641, { protocol: UDP, srcPort: 60_000 })],
    no: [
      [out(443, { protocol: UDP, srcPort: 51_820 }), 'web'],
      [out(51_820), ''],
    ],
  },
  { rule: 'telnet', yes: [inside(23)], no: [[inside(24), '']] },
  { rule: 'remote access', yes: [inside(22), out(22), inside(5900), out(5938)], no: [[inside(5904), '']] },
  { rule: 'file sharing', yes: [inside(445), inside(2049), inside(21)], no: [[inside(2049, { protocol: UDP }), '']] },
  { rule: 'printing', yes: [inside(631), inside(9100)], no: [[inside(9101), '']] },
  {
    rule: 'directory',
    yes: [inside(389), inside(88, { protocol: UDP }), inside(1812, { protocol: UDP })],
    no: [[inside(390), '']],
  },
  { rule: 'databases', yes: [inside(5432), inside(3306)], no: [[inside(5432, { protocol: UDP }), '']] },
  {
    rule: 'home automation',
    yes: [inside(1883), out(8883), inside(5683, { protocol: UDP })],
    no: [[inside(1884), '']],
  },
  {
    rule: 'network management',
    yes: [inside(161, { protocol: UDP }), inside(2055, { protocol: UDP }), inside(514, { protocol: UDP })],
    no: [[inside(163, { protocol: UDP }), '']],
  },
  { rule: 'BitTorrent', yes: [out(6881), out(6889, { protocol: UDP })], no: [[out(6890), '']] },
  {
    rule: 'web',
    yes: [out(443), out(80), out(443, { protocol: UDP }), inside(8080), answer(443)],
    no: [[out(444), '']],
  },
  {
    rule: 'multicast and broadcast',
    yes: [
      inside(9999, { protocol: UDP, dstIp: '239.1.2.3', dstNet: 'multicast' }),
      inside(9, { protocol: UDP, dstIp: '192.168.1.255', dstNet: 'broadcast' }),
    ],
    no: [[inside(9999, { protocol: UDP }), '']],
  },
]

test('the shipped rules have no mistake, and none is in vain', () => {
  assert.deepEqual(findings, [])
  assert.deepEqual(checkRules(rules), [])
})

test('there are samples for each of the shipped rules', () => {
  assert.deepEqual(
    SAMPLES.map(({ rule }) => rule),
    rules.map(({ name }) => name),
  )
})

SAMPLES.forEach(({ rule, yes, no }, position) => {
  test(`shipped rule ${position + 1}, ${rule}, names what it should, and nothing near it`, () => {
    for (const flow of yes) assert.equal(positionOf(flow), position, `${nameOf(flow)}: ${JSON.stringify(flow)}`)
    for (const [flow, name] of no) {
      assert.notEqual(positionOf(flow), position, JSON.stringify(flow))
      assert.equal(nameOf(flow), name, JSON.stringify(flow))
    }
  })
})

test('every shipped rule has a comment above it', () => {
  const lines = TEXT.split('\n')
  lines.forEach((line, i) => {
    if (line.startsWith('- name:')) assert.match(lines[i - 1]!, /^# /, line)
  })
})
