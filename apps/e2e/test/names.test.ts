// Names, end to end: devices ask a real dnsmasq in front of a real unbound, then connect; softflowd tells of the connections; history has
// each flow with the name that its own device asked for, though the names share an address.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { startNameServers } from '../src/name-servers.ts'
import type { Packet } from '../src/packets.ts'
import { missingProgram } from '../src/programs.ts'
import { type ExportVersion, runSoftflowd } from '../src/softflowd.ts'
import { startSystem } from '../src/system.ts'

const SHARED = '203.0.113.5'
const ZONE = { 'www.test': SHARED, 'shop.test': SHARED, 'mail.test': SHARED, 'other.test': '203.0.113.6' }
/** Who asks for what, in this order; the last asks for nothing. */
const DEVICES = [
  { ip: '127.0.0.11', name: 'www.test' },
  { ip: '127.0.0.12', name: 'shop.test' },
  { ip: '127.0.0.13', name: 'mail.test' },
  { ip: '127.0.0.14', name: 'other.test' },
] as const
const STRANGER = '127.0.0.15'
const [SYN, ACK] = [2, 16]

function connection(client: string, server: string, port: number, atMs: number): Packet[] {
  const out = { protocol: 'tcp', srcIp: client, srcPort: port, dstIp: server, dstPort: 443, payloadBytes: 100 } as const
  const back = {
    protocol: 'tcp',
    srcIp: server,
    srcPort: 443,
    dstIp: client,
    dstPort: port,
    payloadBytes: 900,
  } as const
  return [
    { ...out, atMs, tcpFlags: SYN },
    { ...back, atMs: atMs + 20, tcpFlags: SYN | ACK },
    { ...out, atMs: atMs + 25, tcpFlags: ACK },
  ]
}

// NetFlow 9 from softflowd begins up to a second early when it sends one datagram only (src/softflowd.ts); the others do not.
for (const version of [5, 10] as const satisfies ExportVersion[]) {
  test(`flows that softflowd tells of as version ${version} carry the names that their own devices asked for`, {
    skip: missingProgram('softflowd') || missingProgram('dnsmasq') || missingProgram('unbound'),
    timeout: 300_000,
  }, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'netbehave-names-'))
    try {
      await using servers = await startNameServers(dir, ZONE)
      await using system = await startSystem({
        env: {
          DNS_INGEST_LOGS: servers.log,
          COLLECTOR_NETWORKS: 'home=127.0.0.0/8',
          // On a busy machine an answer takes longer than the 50 ms that flows wait for it.
          ENRICHER_LOOK_UP_WAIT_MS: '1000',
          ARCHIVER_FLUSH_INTERVAL_MS: '300',
        },
      })
      const packets: Packet[] = []
      for (const [i, { ip, name }] of DEVICES.entries()) {
        const address = await servers.ask(ip, name)
        packets.push(...connection(ip, address, 50_000 + i, Date.now() + 5))
      }
      packets.push(...connection(STRANGER, SHARED, 50_100, Date.now() + 5))
      await until('the names are known', async () => {
        const { stdout } = await system.run('dns', 'ls', '-o', 'json')
        return DEVICES.every(({ name }) => stdout.includes(name))
      })
      await runSoftflowd(packets, version, system.collector)
      await system.untilFlows((DEVICES.length + 1) * 2)
      const flows = await system.search('--limit', '100')
      const sides = (client: string) =>
        flows
          .filter(({ srcIp, dstIp }) => srcIp === client || dstIp === client)
          .map((flow) => (flow.srcIp === client ? [flow.dstName, flow.dstNameHow] : [flow.srcName, flow.srcNameHow]))
      for (const { ip, name } of DEVICES) {
        assert.deepEqual(sides(ip), [
          [name, 1],
          [name, 1],
        ])
      }
      // It never asked: the newest that anybody was told, said to be another's.
      assert.deepEqual(sides(STRANGER), [
        ['mail.test', 2],
        ['mail.test', 2],
      ])
      const byName = await system.search('name = shop.test')
      assert.equal(byName.length, 2)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })
}
