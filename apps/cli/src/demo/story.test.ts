import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { decodingBench } from '@netbehave/netflow/testing'
import { writeLease, writeLookups } from './dnsmasq-log.ts'
import { HOLDERS } from './holders.ts'
import { createHour, HOUR_MS, SCANNED_PORTS } from './hour.ts'
import { createIpfixWriter, FLOWS_IN_DATAGRAM } from './ipfix.ts'
import { CAMERA, DESTINATIONS, DEVICES, HABITS, ROUTER } from './network.ts'
import { appendPastLookups, askedFromMs, pastHours } from './past.ts'
import { createPresent } from './present.ts'
import { createRandom } from './random.ts'
import { keepStory, openStory } from './story.ts'

/** The begin of an hour of the day, local time, as the rhythm of the day is. */
const at = (hour: number): number => new Date(2026, 10, 23, hour).getTime()

test('what happens so often on average happens about so often', () => {
  const random = createRandom(1)
  for (const mean of [0, 0.5, 40, 3000]) {
    const sum = Array.from({ length: 200 }, () => random.times(mean)).reduce((a, b) => a + b, 0)
    assert.ok(Math.abs(sum / 200 - mean) <= 4 * Math.sqrt(mean / 200), `${mean}: ${sum / 200}`)
  }
})

test('an hour is the same for the same seed, and another for another', () => {
  const { flows, lookups } = createHour(1, at(20))
  assert.deepEqual(createHour(1, at(20)), { flows, lookups })
  assert.notDeepEqual(createHour(2, at(20)).flows, flows)
  assert.notDeepEqual(createHour(1, at(21)).flows, flows)
})

test('days have a rhythm within bounds: 2 to 20 flows a second, most by day', () => {
  const perSecond = Array.from({ length: 24 }, (_, hour) => createHour(1, at(hour)).flows.length / 3600)
  for (const [hour, rate] of perSecond.entries()) assert.ok(rate > 2 && rate < 20, `${hour}:00 ${rate}`)
  assert.ok(Math.min(...perSecond.slice(9, 18)) > 2 * Math.max(...perSecond.slice(1, 6)))
})

test('every address outside has one holder', () => {
  const number = (ip: string) => ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
  const outside = DESTINATIONS.flatMap(({ addresses }) => addresses).filter((ip) => !ip.startsWith('192.168.'))
  for (const ip of [...outside, ROUTER.outside]) {
    const holders = HOLDERS.filter(
      (block) => number(block.startAddress) <= number(ip) && number(ip) <= number(block.endAddress),
    )
    assert.equal(holders.length, 1, `${ip}: ${holders.map(({ org }) => org).join(', ')}`)
  }
})

test('every device has habits whose destinations are there, and every flow inside the house is between its devices', () => {
  const names = new Set(DESTINATIONS.map(({ name }) => name))
  for (const [ip, habits] of Object.entries(HABITS)) {
    assert.ok(
      DEVICES.some((device) => device.ip === ip),
      ip,
    )
    for (const { to, rhythm } of habits) {
      for (const name of to) assert.ok(names.has(name), name)
      assert.equal(rhythm.length, 24)
    }
  }
  const inside = new Set(DEVICES.map(({ ip }) => ip))
  for (const { srcIp, dstIp, startMs, endMs } of createHour(1, at(20)).flows) {
    assert.ok(endMs >= startMs)
    for (const ip of [srcIp, dstIp]) if (ip.startsWith('192.168.')) assert.ok(inside.has(ip), ip)
  }
})

test('of two names on one address a device asks for one only', () => {
  const nameOf = new Map<string, string>()
  for (const { client, name, addresses } of createHour(1, at(20)).lookups)
    for (const address of addresses) {
      const key = `${client} ${address}`
      assert.equal(nameOf.get(key) ?? name, name, key)
      nameOf.set(key, name)
    }
  const shared = [...nameOf].filter(([key]) => key.endsWith(' 203.0.113.10')).map(([, name]) => name)
  assert.deepEqual([...new Set(shared)].sort(), ['shop.example', 'weather.example'])
})

test('whoever connects outside asked for the name before, in the hour or shortly before it', () => {
  const { flows, lookups } = createHour(1, at(20))
  const outgoing = flows.filter(({ natSrcIp }) => natSrcIp !== '')
  assert.ok(outgoing.length > 1000)
  for (const { srcIp, dstIp, startMs } of outgoing)
    assert.ok(
      lookups.some(({ client, addresses, atMs }) => client === srcIp && addresses.includes(dstIp) && atMs < startMs),
    )
})

test('the camera scans at night, and within half a minute of the start', () => {
  const isKnock = ({ srcIp, tcpFlags }: { srcIp: string; tcpFlags: number }) => srcIp === CAMERA.ip && tcpFlags === 2
  const knocks = (DEVICES.length - 1) * SCANNED_PORTS.length
  assert.equal(createHour(1, at(3)).flows.filter(isKnock).length, knocks)
  const present = createPresent(1, at(20), 0)
  const flows = [present.due(at(20) + 60_000), present.due(at(20) + 120_000)].flatMap((due) => due.flows)
  assert.equal(flows.filter(isKnock).length, knocks)
})

test('guests come every few minutes, each with an address, a lease and names of its own', () => {
  const present = createPresent(1, at(20), 3)
  const { leases, lookups } = present.due(at(20) + 20 * 60_000)
  assert.ok(leases.length >= 5 && leases.length <= 9, String(leases.length))
  assert.equal(present.guests, 3 + leases.length)
  assert.equal(leases[0]!.ip, '192.168.78.103')
  assert.equal(new Set(leases.map(({ ip }) => ip)).size, leases.length)
  for (const { ip } of leases) assert.ok(lookups.some(({ client }) => client === ip))
})

test('what is due is told once, when its time has come', () => {
  const present = createPresent(1, at(20), 0)
  const all = Array.from({ length: 8 }, (_, i) => ({ nowMs: at(20) + i * 1000, due: present.due(at(20) + i * 1000) }))
  for (const { nowMs, due } of all)
    for (const { endMs } of due.flows) assert.ok(endMs <= nowMs && endMs >= at(20), `${endMs - nowMs}`)
  const isDue = ({ endMs }: { endMs: number }) => endMs >= at(20) && endMs <= at(20) + 7000
  const once = [19, 20].flatMap((hour) => createHour(1, at(hour)).flows).filter(isDue)
  assert.ok(once.length > 10)
  assert.equal(all.flatMap(({ due }) => due.flows).length, once.length)
})

test('the past is told in whole, the newest hour first', () => {
  const span = { fromMs: at(18) + 600_000, toMs: at(20) + 600_000 }
  const hours = [...pastHours(1, span)]
  assert.deepEqual(
    hours.map(({ fromMs }) => fromMs),
    [at(20), at(19), span.fromMs, span.fromMs],
  )
  const wanted = [17, 18, 19, 20]
    .flatMap((hour) => createHour(1, at(hour)).flows)
    .filter(({ endMs }) => endMs >= span.fromMs && endMs < span.toMs)
  assert.equal(
    hours.reduce((sum, { flows }) => sum + flows.length, 0),
    wanted.length,
  )
  assert.equal(at(20) - at(19), HOUR_MS)
})

test('whoever connects outside in the past had asked for it by then, from its first flow on', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-demo-past-'))
  try {
    for (const minute of [0, 3, 30, 59]) {
      const span = { fromMs: at(19) + minute * 60_000, toMs: at(20) }
      const log = join(dir, `${minute}.log`)
      appendPastLookups(log, 1, { ...span, fromMs: askedFromMs(span.fromMs) }, 1)
      const toldMs = new Map<string, number>()
      for (const line of (await readFile(log, 'utf8')).split('\n')) {
        const [, time, client, address] = /^(\S+) .* (\S+)\/\d+ reply \S+ is (\S+)$/.exec(line) ?? []
        const key = `${client} ${address}`
        if (time !== undefined && !toldMs.has(key)) toldMs.set(key, Date.parse(time))
      }
      const outgoing = [...pastHours(1, span)].flatMap(({ flows }) => flows).filter(({ natSrcIp }) => natSrcIp !== '')
      assert.ok(outgoing.length > 10, `${minute}`)
      for (const { srcIp, dstIp, startMs } of outgoing) {
        const atMs = toldMs.get(`${srcIp} ${dstIp}`)
        assert.ok(atMs !== undefined && atMs < startMs, `${srcIp} to ${dstIp} at ${new Date(startMs).toISOString()}`)
      }
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})

test('the collector reads its datagrams: every flow with its times, MACs and address after NAT', () => {
  const flows = createHour(1, at(20)).flows.slice(0, 200)
  const writer = createIpfixWriter()
  const { decode, decoder } = decodingBench()
  const nowMs = at(21)
  const decoded = []
  for (let i = 0; i < flows.length; i += FLOWS_IN_DATAGRAM) {
    const datagram = writer.write(flows.slice(i, i + FLOWS_IN_DATAGRAM), nowMs)
    assert.ok(datagram.length <= 1400, String(datagram.length))
    const result = decode(datagram, { receivedMs: nowMs })
    assert.deepEqual(result.problems, {})
    decoded.push(...result.flows)
  }
  assert.equal(decoded.length, flows.length)
  const key = (flow: { srcIp: string; dstIp: string; srcPort: number; dstPort: number; bytes: unknown }) =>
    [flow.srcIp, flow.dstIp, flow.srcPort, flow.dstPort, Number(flow.bytes)].join(' ')
  const wanted = new Map(flows.map((flow) => [key(flow), flow]))
  for (const flow of decoded) {
    const { startMs, endMs, natSrcIp } = wanted.get(key(flow))!
    assert.deepEqual([flow.firstMs, flow.lastMs, flow.natSrcIp ?? ''], [startMs, endMs, natSrcIp])
  }
  assert.equal(decoder.reports()[0]!.lost, 0)
})

test('a second start goes on with the story of the folder, and refuses another seed', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-story-'))
  const { story, isNew } = openStory(dir, 1, HOUR_MS, at(20))
  assert.deepEqual([isNew, story.fromMs, story.toldFromMs], [true, at(19), at(20)])
  keepStory(dir, { ...story, guests: 4 })
  assert.deepEqual(openStory(dir, 1, HOUR_MS, at(22)), { story: { ...story, guests: 4 }, isNew: false })
  assert.throws(() => openStory(dir, 2, HOUR_MS, at(22)), /was begun with --seed 1/)
  await rm(dir, { recursive: true, force: true })
})

test('the lines of its log are those of dnsmasq', () => {
  const lookup = { atMs: at(20), client: '192.168.77.21', clientPort: 40_000, isLocal: false }
  const text =
    writeLookups(
      [
        { ...lookup, name: 'shop.example', addresses: ['203.0.113.10'] },
        { ...lookup, name: 'ads.tv.example', addresses: [] },
      ],
      7,
    ) + writeLease(at(20), '192.168.78.100', 'd8bb2c010203', 'tablet')
  const iso = new Date(at(20)).toISOString()
  assert.equal(
    text,
    [
      `${iso} router dnsmasq[77]: 7 192.168.77.21/40000 query[A] shop.example from 192.168.77.21`,
      `${iso} router dnsmasq[77]: 7 192.168.77.21/40000 reply shop.example is 203.0.113.10`,
      `${iso} router dnsmasq[77]: 8 192.168.77.21/40000 query[A] ads.tv.example from 192.168.77.21`,
      `${iso} router dnsmasq[77]: 8 192.168.77.21/40000 config ads.tv.example is 0.0.0.0`,
      `${iso} router dnsmasq-dhcp[77]: DHCPACK(br-lan) 192.168.78.100 d8:bb:2c:01:02:03 tablet`,
      '',
    ].join('\n'),
  )
})
