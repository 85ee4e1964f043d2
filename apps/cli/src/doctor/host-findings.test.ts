import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firewallFindings, hostFindings, openPortFindings, takenPortFindings } from './host-findings.ts'
import { portsOf } from './read-host.ts'

const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 1514: 0100007F:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 695969 2
`
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000000000000:1F77 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 0000000000000000FFFF00000100007F:D2A2 0000000000000000FFFF00000100007F:1F77 01 00000000:00000000
`
const ids = (findings: readonly { id: string }[]) => findings.map(({ id }) => id)

test('ports are read from the tables of Linux, of TCP only those that listen', () => {
  assert.deepEqual(portsOf(UDP), [2055])
  assert.deepEqual(portsOf(TCP6, '0A'), [8055])
})

test('a machine with a large buffer, a kept clock and room has no finding; what cannot be read is none', () => {
  assert.deepEqual(hostFindings({ rmemMaxBytes: 16 << 20, isClockKept: true, freeBytes: 1e12 }), [])
  assert.deepEqual(hostFindings({}), [])
})

test('a small receive buffer comes with the line to type', () => {
  const [finding] = hostFindings({ rmemMaxBytes: 212_992 })
  assert.match(finding!.sentence, /net\.core\.rmem_max is 212,992/)
  assert.match(finding!.remedy, /^sudo sysctl -w net\.core\.rmem_max=8388608/)
  assert.equal(finding!.level, 'note')
})

test('a clock that nobody keeps and a full disk are warnings', () => {
  assert.deepEqual(ids(hostFindings({ isClockKept: false, freeBytes: 5e8 })), ['clock-not-kept', 'disk-low'])
})

test('a collector whose port is not open, or open to this machine only, is told', () => {
  const open = { udpPorts: new Set([2055]) }
  assert.deepEqual(openPortFindings(open, ['0.0.0.0:2055']), [])
  assert.deepEqual(ids(openPortFindings({ udpPorts: new Set() }, ['0.0.0.0:2055'])), ['port-closed'])
  assert.deepEqual(ids(openPortFindings(open, ['127.0.0.1:2055', '[::1]:2055'])), ['loopback-only'])
  assert.deepEqual(openPortFindings({}, ['0.0.0.0:2055']), [], 'where ports cannot be read nothing is claimed')
})

test('ports that another program has are told before a start, any free port is not', () => {
  const facts = { udpPorts: new Set([2055]), tcpPorts: new Set([4222]) }
  const findings = takenPortFindings(facts, {
    udp: ['0.0.0.0:2055', '0.0.0.0:0'],
    tcp: ['127.0.0.1:4222', '127.0.0.1:8055'],
  })
  assert.deepEqual(
    findings.map(({ sentence }) => sentence),
    [
      'another program has UDP port 2055, which NetBehave would take',
      'another program has TCP port 4222, which NetBehave would take',
    ],
  )
  assert.match(findings[0]!.remedy, /ss -ulnp 'sport = :2055'/)
})

test('a firewall comes with the line that opens the port', () => {
  assert.match(firewallFindings({ firewall: 'ufw' }, ['0.0.0.0:9995'])[0]!.remedy, /^sudo ufw allow 9995\/udp$/)
  assert.deepEqual(firewallFindings({}, ['0.0.0.0:2055']), [])
})
