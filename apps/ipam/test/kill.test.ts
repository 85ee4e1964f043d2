// kill -9 between the steps: the event of a stored asset comes, once.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startNode, until } from '@netbehave/bench'
import { ask } from '@netbehave/broker'
import { IPAM_SIGHT, IPAM_STATS } from '@netbehave/schema'
import { makeSighting } from '../src/testing.ts'
import { openSystem, readEvents } from './system.ts'

for (const moment of ['stored', 'published'] as const) {
  test(`killed when the event was ${moment}: it is on the stream once after the next start`, async () => {
    await using system = await openSystem()
    const killed = startNode(join(import.meta.dirname, 'killed-process.ts'), [
      system.dataDir,
      system.broker.url,
      moment,
    ])
    assert.equal(await killed.ended, 'SIGKILL', killed.stderr)
    assert.equal((await readEvents(system.broker)).length, moment === 'stored' ? 0 : 1)
    await system.start()
    const admin = system.broker.connect('admin')
    await until(async () => (await ask(admin, IPAM_STATS, {})).outbox.waiting === 0)
    const events = await readEvents(system.broker)
    assert.deepEqual(
      events.map(({ change, asset }) => [change, asset.ip]),
      [['new', '10.0.0.1']],
    )
    const again = await ask(admin, IPAM_SIGHT, { sightings: [makeSighting({ ip: '10.0.0.1' })] })
    assert.equal(again.added, 0)
  })
}

test('killed again and again while sightings come in: every address that was taken is told once', async () => {
  await using system = await openSystem()
  const sighter = system.broker.connect('enricher-sightings')
  const taken = new Set<string>()
  for (let round = 0; round < 4; round++) {
    const child = await system.start()
    const asked = Array.from({ length: 20 }, async (_, i) => {
      const ips = Array.from({ length: 20 }, (_, j) => `10.${round}.${i}.${j + 1}`)
      await ask(sighter, IPAM_SIGHT, { sightings: ips.map((ip) => makeSighting({ ip })) }, { timeoutMs: 1500 }).then(
        () => {
          for (const ip of ips) taken.add(ip)
        },
        () => {}, // killed before it answered
      )
    })
    await Promise.race(asked)
    await child.kill()
    await Promise.all(asked)
  }
  await system.start()
  const admin = system.broker.connect('admin')
  await until(async () => (await ask(admin, IPAM_STATS, {})).outbox.waiting === 0)
  const told = (await readEvents(system.broker)).map(({ asset }) => asset.ip)
  assert.equal(new Set(told).size, told.length)
  assert.ok(taken.size > 0)
  for (const ip of taken) assert.ok(told.includes(ip), ip)
})
