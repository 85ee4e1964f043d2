import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEndpoints } from './service.ts'
import { addressOf, makeSighting, NOON_MS, openTestIpam } from './testing.ts'

const KEY = { site: 'home', ip: '10.0.0.1' }

test('events of one asset are never taken together, so that they arrive in their order', async () => {
  using ipam = openTestIpam()
  await ipam.sight([makeSighting({ ip: KEY.ip }), makeSighting({ ip: '10.0.0.2' })], NOON_MS)
  ipam.edit.edit({ ...KEY, set: { name: 'a' }, unlock: [] }, NOON_MS)
  ipam.edit.edit({ ...KEY, set: { name: 'b' }, unlock: [] }, NOON_MS)
  const { outbox } = ipam.store
  const batches: string[][] = []
  for (let batch = outbox.take(10); batch.length > 0; batch = outbox.take(10)) {
    batches.push(batch.map(({ json }) => JSON.parse(json).asset).map(({ ip, name }) => `${ip} ${name}`))
    outbox.remove(batch.map(({ sequence }) => sequence))
  }
  assert.deepEqual(batches, [['10.0.0.1 ', '10.0.0.2 '], ['10.0.0.1 a'], ['10.0.0.1 b']])
})

test('what waits is the same event with the same id each time it is taken', async () => {
  using ipam = openTestIpam()
  await ipam.sight([makeSighting({ ip: KEY.ip })], NOON_MS)
  assert.deepEqual(ipam.store.outbox.take(10), ipam.store.outbox.take(10))
  assert.deepEqual([ipam.store.outbox.waiting, ipam.store.outbox.oldestMs], [1, NOON_MS])
})

test('when the event cannot be written there is no asset either, and what is counted is right again', async () => {
  using ipam = openTestIpam({ maxAssetsPerSite: 1 })
  ipam.store.db.exec("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END")
  await assert.rejects(ipam.sight([makeSighting({ ip: KEY.ip, mac: 'b8:27:eb:00:00:01' })], NOON_MS), /disk full/)
  for (const table of ['asset', 'mac_history', 'outbox'])
    assert.equal(ipam.store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), 0, table)
  assert.deepEqual([ipam.store.room.assets, ipam.store.outbox.waiting], [0, 0])
  ipam.store.db.exec('DROP TRIGGER full')
  assert.deepEqual(await ipam.sight([makeSighting({ ip: KEY.ip })], NOON_MS), { added: 1, refused: 0 })
  assert.equal(ipam.counters.evicted, 0)
})

test('more long requests at once than allowed are refused, look-ups are answered', async () => {
  using ipam = openTestIpam()
  const endpoints = createEndpoints({ ...ipam, maxAssetsPerSite: 10, onEvents: () => {}, now: () => NOON_MS })
  const handle = (subject: string, request: unknown): unknown =>
    endpoints.find(({ contract }) => contract.subject === subject)!.handle(request as never)
  const sights = Array.from({ length: 40 }, (_, n) =>
    Promise.resolve(handle('ipam.rw.sight', { sightings: [makeSighting({ ip: addressOf(n + 1) })] })),
  )
  assert.deepEqual(handle('ipam.ro.labels', { site: 'home', addresses: [KEY.ip] }), { labels: [null] })
  const settled = await Promise.allSettled(sights)
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 32)
  for (const one of settled) if (one.status === 'rejected') assert.equal((one.reason as { code: number }).code, 503)
  assert.equal(ipam.counters.refused.get('busy'), 8)
})

test('events of names that come faster than they are worked in are dropped and counted', async () => {
  using ipam = openTestIpam()
  const answer = { client: null, address: KEY.ip, name: 'a', source: 'dhcp' as const, atMs: NOON_MS }
  const event = { boot: 'b', sequence: 1, site: 'home', answers: [answer, answer] }
  await Promise.all(Array.from({ length: 70 }, () => ipam.hear.onReply(event, NOON_MS)))
  assert.equal(ipam.hear.dropped, 2 * (70 - 64))
})
