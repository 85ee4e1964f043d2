// The five registries as they should be, and the line of steps over real HTTP. Hostile ones are in hostile.test.ts.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { afrinic, apnic, arin, lacnic, ripe, type TestNetwork } from './answers.ts'
import { type Answerer, json, redirect, startRdapServer } from './rdap-server.ts'
import { startSystem } from './system.ts'

const EXAMPLE = { name: 'EXAMPLE-NET', org: 'Example Networks' }
const net = (start: string, end: string): TestNetwork => ({ ...EXAMPLE, start, end })
const GOOGLE_LIKE = arin(net('8.8.8.0', '8.8.8.255'))

test('each registry is asked for its own addresses, and its answer is kept', async () => {
  const answers: Record<string, unknown> = {
    'arin/ip/8.8.8.8': GOOGLE_LIKE,
    'ripe/ip/193.0.6.139': ripe(net('193.0.0.0', '193.0.7.255')),
    'apnic/ip/1.1.1.1': apnic(net('1.1.1.0', '1.1.1.255')),
    'lacnic/ip/200.3.14.10': lacnic(net('200.3.12.0', '200.3.15.255')),
    'afrinic/ip/196.216.2.1': afrinic(net('196.216.2.0', '196.216.3.255')),
    'ripe/ip/2a00:1450::1': ripe(net('2a00:1450::', '2a00:1450:ffff:ffff:ffff:ffff:ffff:ffff')),
  }
  await using server = await startRdapServer((path, ...rest) => json(answers[path])(path, ...rest))
  const withoutSlash = { ...server.baseUrls, ripe: server.baseUrls.ripe.slice(0, -1) }
  await using system = await startSystem({ baseUrls: withoutSlash })
  for (const path of Object.keys(answers)) {
    const [registry, , address] = path.split('/')
    assert.equal(system.state(address!), 'queued')
    const { state, holder } = await system.answerTo(address!)
    assert.deepEqual(
      [state, holder?.registry, holder?.name, holder?.org],
      ['known', registry, ...Object.values(EXAMPLE)],
    )
  }
  assert.deepEqual(server.asked, Object.keys(answers))
  assert.deepEqual(system.whois.counters.work.answers, { network: 6, none: 0 })
  const holder = (await system.answerTo('8.8.8.1')).holder
  assert.deepEqual([holder?.startAddress, holder?.endAddress, holder?.country], ['8.8.8.0', '8.8.8.255', ''])
  assert.equal(server.asked.length, 6, 'a neighbour in the block is known without a question')
})

test('a redirect to another registry is followed, and the holder is told as of that one', async () => {
  await using server = await startRdapServer()
  server.answer = (path, ...rest) =>
    path.startsWith('arin/')
      ? redirect(`${server.origin}/ripe/ip/8.8.8.8`)(path, ...rest)
      : json(ripe(net('8.8.8.0', '8.8.8.255')))(path, ...rest)
  await using system = await startSystem({ baseUrls: server.baseUrls })
  const { holder } = await system.answerTo('8.8.8.8')
  assert.deepEqual([holder?.registry, holder?.country], ['ripe', 'NL'])
  assert.deepEqual(server.asked, ['arin/ip/8.8.8.8', 'ripe/ip/8.8.8.8'])
  assert.deepEqual(
    [...system.whois.counters.requests],
    [
      ['arin', 1],
      ['ripe', 1],
    ],
  )
})

test('"not found" is kept for a day for that address only, then asked for again', async () => {
  await using server = await startRdapServer()
  await using system = await startSystem({ baseUrls: server.baseUrls })
  assert.deepEqual(await system.answerTo('8.8.8.8'), { state: 'none', holder: null })
  assert.equal((await system.answerTo('8.8.8.9')).state, 'none')
  assert.equal(system.state('8.8.8.8'), 'none')
  assert.equal(server.asked.length, 2)
  system.clock.offsetMs = 86_400_000 + 1000
  server.answer = json(GOOGLE_LIKE)
  assert.equal(system.state('8.8.8.8'), 'queued')
  assert.equal((await system.answerTo('8.8.8.8')).state, 'known')
  assert.equal((await system.answerTo('8.8.8.9')).state, 'known', 'the block tells of its neighbour too')
  assert.equal(server.asked.length, 3)
})

test('a block that comes later tells at once of addresses that nobody held before', async () => {
  await using server = await startRdapServer()
  await using system = await startSystem({ baseUrls: server.baseUrls })
  await system.answerTo('8.8.8.9')
  assert.equal(system.state('8.8.8.9'), 'none', 'from memory now')
  server.answer = json(GOOGLE_LIKE)
  await system.answerTo('8.8.8.8')
  assert.equal(system.state('8.8.8.9'), 'known')
})

test('an answer holds for 30 days', async () => {
  await using server = await startRdapServer(json(GOOGLE_LIKE))
  await using system = await startSystem({ baseUrls: server.baseUrls })
  await system.answerTo('8.8.8.8')
  system.clock.offsetMs = 30 * 86_400_000 - 60_000
  assert.equal(system.state('8.8.8.8'), 'known')
  system.clock.offsetMs = 30 * 86_400_000 + 1000
  assert.equal(system.state('8.8.8.8'), 'queued')
})

test('private, reserved and unallocated addresses are nobody, and no registry hears of them', async () => {
  await using server = await startRdapServer()
  await using system = await startSystem({ baseUrls: server.baseUrls })
  const addresses =
    '10.1.2.3 192.168.1.1 127.0.0.1 169.254.1.1 100.64.0.1 224.0.0.1 255.255.255.255 192.0.2.1 ::1 fe80::1 fd00::1 2001:db8::1 ff02::1 2002:808:808::1 ::ffff:10.0.0.1 3ffe::1'
  for (const address of addresses.split(' ')) assert.equal(system.state(address), 'none', address)
  assert.deepEqual([system.whois.queue.size, system.whois.queue.counters.added], [0, 0])
  await system.answerTo('8.8.8.8')
  assert.deepEqual(server.asked, ['arin/ip/8.8.8.8'])
})

test('a special-purpose block has the holder that was put for it, not that of a block that only reaches into it', async () => {
  await using server = await startRdapServer()
  await using system = await startSystem({ baseUrls: server.baseUrls })
  const own = { ...EXAMPLE, registry: 'ripe', country: '' } as const
  system.whois.put([
    { ...own, startAddress: '10.20.0.0', endAddress: '10.20.255.255' },
    { ...own, startAddress: '192.0.0.0', endAddress: '192.255.255.255' },
  ])
  const states = ['10.20.3.4', '10.21.0.1', '192.168.1.1', '192.5.5.5'].map(system.state)
  assert.deepEqual(states, ['known', 'none', 'none', 'known'])
  assert.deepEqual(server.asked, [])
})

test('switched off, nothing is queued or asked, and what is kept is still told', async () => {
  await using server = await startRdapServer()
  await using system = await startSystem({ baseUrls: server.baseUrls, enabled: false })
  system.whois.put([
    { ...EXAMPLE, registry: 'arin', country: 'US', startAddress: '8.8.8.0', endAddress: '8.8.8.255' },
    { ...EXAMPLE, registry: 'arin', country: 'US', startAddress: '8.8.8.0', endAddress: '8.8.7.0' },
    { ...EXAMPLE, registry: 'arin', country: 'US', startAddress: '0.0.0.0', endAddress: '255.255.255.255' },
  ])
  assert.deepEqual([system.whois.counters.puts, system.whois.counters.putsRefused], [1, 2])
  assert.deepEqual(['8.8.8.8', '9.9.9.9', '10.0.0.1'].map(system.state), ['known', 'off', 'none'])
  assert.deepEqual([system.whois.queue.size, server.asked], [0, []])
})

/** Holds every answer back until it is released. */
function held(answer: Answerer): { answer: Answerer; release: () => void } {
  const gate = Promise.withResolvers<void>()
  return { answer: (...all) => void gate.promise.then(() => answer(...all)), release: gate.resolve }
}

test('an address that is looked up many times is asked for once, and a block answers all that wait in it', async () => {
  const { answer, release } = held(json(GOOGLE_LIKE))
  await using server = await startRdapServer(answer)
  await using system = await startSystem({ baseUrls: server.baseUrls })
  for (let i = 0; i < 500; i++) system.state(`8.8.8.${i % 50}`)
  assert.deepEqual([system.whois.queue.size, system.whois.counters.lookups.queued], [50, 500])
  release()
  for (let i = 0; i < 50; i++) assert.equal((await system.answerTo(`8.8.8.${i}`)).state, 'known')
  await until('the queue is empty', () => system.whois.queue.size === 0)
  assert.equal(server.asked.length, 1)
  assert.equal(system.whois.counters.work.answeredMeanwhile, 49)
})

test('a full queue leaves addresses out, counted, and takes them when they turn up again', async () => {
  const { answer, release } = held(json({ errorCode: 404 }, 404))
  await using server = await startRdapServer(answer)
  await using system = await startSystem({ baseUrls: server.baseUrls, maxQueued: 3 })
  for (let i = 0; i < 10; i++) assert.equal(system.state(`8.8.8.${i}`), 'queued')
  assert.deepEqual([system.whois.queue.size, system.whois.queue.counters.leftOut], [3, 7])
  release()
  await until('the queue is empty', () => system.whois.queue.size === 0)
  assert.equal((await system.answerTo('8.8.8.9')).state, 'none')
})

test('a registry is not asked faster than its rate, and does not hold up another', async () => {
  await using server = await startRdapServer()
  await using system = await startSystem({ baseUrls: server.baseUrls, requestsPerSecond: 5 })
  for (let i = 0; i < 4; i++) system.state(`8.8.8.${i}`)
  system.state('193.0.6.139')
  await until('the queue is empty', () => system.whois.queue.size === 0)
  const times = server.askedAtMs.filter((_, i) => server.asked[i]!.startsWith('arin/'))
  assert.equal(times.length, 4)
  // A question that was sent in time may arrive late, and so seem nearer to the next one.
  assert.ok(times[3]! - times[0]! >= 2 * 200, `${times}`)
  assert.ok(server.asked.indexOf('ripe/ip/193.0.6.139') <= 1)
})

test('after a restart what was kept is told without a question', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'netbehave-whois-'))
  await using server = await startRdapServer(json(GOOGLE_LIKE))
  {
    await using before = await startSystem({ baseUrls: server.baseUrls, directory })
    await before.answerTo('8.8.8.8')
  }
  {
    await using after = await startSystem({ baseUrls: server.baseUrls, directory })
    assert.equal(after.state('8.8.8.77'), 'known')
  }
  assert.equal(server.asked.length, 1)
  await rm(directory, { recursive: true })
})
