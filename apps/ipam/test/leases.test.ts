// The asset service beside a real dns-ingest that reads what dnsmasq logs of DHCP, on a broker with the roles' permissions: leases of before
// the start, and new ones.
import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startNode, until } from '@netbehave/bench'
import { ask } from '@netbehave/broker'
import { startTestBroker } from '@netbehave/broker/testing'
import { type AssetDetail, DNS_LEASES, IPAM_GET, IPAM_SIGHT } from '@netbehave/schema'
import { macOf, makeSighting } from '../src/testing.ts'
import { readEvents } from './system.ts'

const IPAM = join(import.meta.dirname, '../src/main.ts')
const DNS_INGEST = join(import.meta.dirname, '../../dns-ingest/src/main.ts')

/** As syslog writes it, in the zone that the reader runs in. */
const lines = (atMs: number, ...texts: string[]): string => {
  const stamp = `${new Date(atMs).toUTCString().slice(8, 11)} ${new Date(atMs).toUTCString().slice(5, 7)} ${new Date(atMs).toISOString().slice(11, 19)}`
  return texts.map((text) => `${stamp} router dnsmasq-dhcp[312]: ${text}\n`).join('')
}

test('host names and MACs of DHCP are taken from dns-ingest at the start and as they come', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-leases-'))
  await using cleanUp = new AsyncDisposableStack()
  cleanUp.defer(() => rm(dir, { recursive: true, force: true }))
  const log = join(dir, 'dnsmasq.log')
  const hourAgoMs = Date.now() - 3_600_000
  await writeFile(
    log,
    lines(
      hourAgoMs,
      `DHCPDISCOVER(br-lan) ${macOf(1)}`,
      `DHCPOFFER(br-lan) 10.0.0.1 ${macOf(1)}`,
      `DHCPREQUEST(br-lan) 10.0.0.1 ${macOf(1)}`,
      `DHCPACK(br-lan) 10.0.0.1 ${macOf(1)} laptop`,
      `DHCPACK(br-lan) 10.0.0.2 ${macOf(2)}`,
    ),
  )
  const broker = cleanUp.use(await startTestBroker({ roles: ['home'] }))
  const env = {
    ...process.env,
    ...{ TZ: 'UTC', NETBEHAVE_DATA_DIR: dir, NETBEHAVE_BROKER_URL: broker.url, NETBEHAVE_BROKER_KEYS: broker.keys },
  }
  const dnsIngest = { ...env, DNS_INGEST_LOGS: `dnsmasq:${log}` }
  cleanUp.use(startNode(DNS_INGEST, [], { cwd: dir, env: dnsIngest }))
  // Events have no MACs: these come from asking.
  const sighter = broker.connect('enricher-sightings')
  const asker = broker.connect('analyst')
  const ipam = cleanUp.use(
    startNode(IPAM, [], { cwd: dir, env: { ...env, IPAM_LEASES_INTERVAL_MS: '200', NETBEHAVE_LOG_LEVEL: 'info' } }),
  )
  await ipam.line((line) => line.includes('"ready"'), 'stderr')
  const sightings = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((ip) => makeSighting({ ip, lastMs: Date.now() }))
  await until('sightings are taken', () =>
    ask(sighter, IPAM_SIGHT, { sightings }).then(
      () => true,
      () => false,
    ),
  )
  let last: AssetDetail | undefined
  const untilAsset = (ip: string, fits: (asset: AssetDetail) => boolean) =>
    until(
      `${ip} has what its lease says`,
      async () => {
        last = await ask(asker, IPAM_GET, { ip, site: 'home' })
        return fits(last)
      },
      { lastSeen: () => [last, ipam.stderr.slice(-500)] },
    )
  await untilAsset('10.0.0.1', ({ hostname, mac }) => hostname === 'laptop' && mac === macOf(1))
  await untilAsset('10.0.0.2', ({ hostname, mac }) => hostname === '' && mac === macOf(2))
  await appendFile(log, lines(Date.now(), `DHCPACK(br-lan) 10.0.0.3 ${macOf(3)} phone`))
  await untilAsset('10.0.0.3', ({ hostname, mac }) => hostname === 'phone' && mac === macOf(3))
  assert.equal(last!.origins.find(({ field }) => field === 'hostname')?.source, 'dhcp')
  assert.doesNotMatch(ipam.stderr, /refused/)
})

test('the event of a new address names the host that has just got its lease, also one of the same second as the last that was known', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-leases-'))
  await using cleanUp = new AsyncDisposableStack()
  cleanUp.defer(() => rm(dir, { recursive: true, force: true }))
  const log = join(dir, 'dnsmasq.log')
  const atMs = Date.now() - 5_000
  await writeFile(log, lines(atMs - 60_000, `DHCPACK(br-lan) 10.0.0.9 ${macOf(9)} nas`))
  const broker = cleanUp.use(await startTestBroker({ roles: ['home'] }))
  const env = {
    ...process.env,
    ...{ TZ: 'UTC', NETBEHAVE_DATA_DIR: dir, NETBEHAVE_BROKER_URL: broker.url, NETBEHAVE_BROKER_KEYS: broker.keys },
  }
  cleanUp.use(startNode(DNS_INGEST, [], { cwd: dir, env: { ...env, DNS_INGEST_LOGS: `dnsmasq:${log}` } }))
  const sighter = broker.connect('enricher-sightings')
  const asker = broker.connect('analyst')
  const untilKnown = (address: string) =>
    until(`dns-ingest knows the lease of ${address}`, () =>
      ask(asker, DNS_LEASES, { sinceMs: 0 }).then(
        ({ leases }) => leases.some((lease) => lease.address === address),
        () => false,
      ),
    )
  const sightUntilTaken = (ip: string) =>
    until(`${ip} is an asset`, () =>
      ask(sighter, IPAM_SIGHT, { sightings: [makeSighting({ ip, lastMs: Date.now() })] }).then(
        () => true,
        () => false,
      ),
    )
  await untilKnown('10.0.0.9')
  // Asked at the start and then never again by itself.
  const ipam = cleanUp.use(startNode(IPAM, [], { cwd: dir, env: { ...env, IPAM_LEASES_INTERVAL_MS: '3600000' } }))
  await ipam.line((line) => line.includes('"ready"'), 'stderr')
  await sightUntilTaken('10.0.0.9')
  await until('the leases of the start are taken', async () => {
    const { hostname } = await ask(asker, IPAM_GET, { ip: '10.0.0.9', site: 'home' })
    return hostname === 'nas'
  })
  for (const [number, hostname] of [
    [4, 'phone'],
    [5, 'tablet'],
  ] as const) {
    const ip = `10.0.0.${number}`
    await appendFile(log, lines(atMs, `DHCPACK(br-lan) ${ip} ${macOf(number)} ${hostname}`))
    await untilKnown(ip)
    await sightUntilTaken(ip)
    await until(`${ip} is told of`, async () => (await readEvents(broker)).some(({ asset }) => asset.ip === ip))
    const { asset, change } = (await readEvents(broker)).find((event) => event.asset.ip === ip)!
    assert.deepEqual([change, asset.hostname, asset.mac], ['new', hostname, macOf(number)])
  }
})
