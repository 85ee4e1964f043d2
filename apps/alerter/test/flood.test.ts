// 10,000 new addresses at once on a real nats-server, with the alerter as a process of its own.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startWebhook, until } from '@netbehave/bench'
import { ask, createPublisher } from '@netbehave/broker'
import { silentLog, startTestBroker } from '@netbehave/broker/testing'
import { ALERTS_INFO, ALERTS_LEARNED, ALERTS_LIST, SUBJECTS } from '@netbehave/schema'
import { assetEvent, toBytes } from '../src/testing.ts'
import { startAlerterProcess } from './alerter-process.ts'

const ASSETS = 10_000

interface Digest {
  readonly subject: string
  readonly text: string
  readonly facts: Readonly<Record<string, string>>
}

for (const window of ['learning', 'throttle'] as const) {
  test(`10,000 new assets at once are one digest (${window}), and the alerter answers meanwhile`, async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'netbehave-alerter-'))
    using _folder = { [Symbol.dispose]: () => rmSync(dataDir, { recursive: true, force: true }) }
    await using broker = await startTestBroker()
    await using hook = await startWebhook<Digest>()
    const client = broker.connect('ipam-events')
    const env = {
      ...{ NETBEHAVE_BROKER_URL: broker.url, NETBEHAVE_DATA_DIR: dataDir, ALERTER_WEBHOOK_URL: hook.url },
      ALERTER_LEARNING_MS: window === 'learning' ? '86400000' : '0',
      ALERTER_DIGEST_INTERVAL_MS: '30000',
      ALERTER_GATHER_MS: '10000',
      NETBEHAVE_CONFIG: join(dataDir, 'netbehave.yaml'),
    }
    writeFileSync(env.NETBEHAVE_CONFIG, '')
    await using _alerter = await startAlerterProcess(env, client)
    await using publisher = createPublisher(client, silentLog)
    const pushed = Array.from({ length: ASSETS }, (_, i) => {
      const id = `new-${i}`
      const bytes = toBytes(assetEvent(id, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`))
      return publisher.push({ subject: SUBJECTS.assetNew, id, bytes, flows: 0 })
    })
    assert.ok((await Promise.all(pushed)).every(Boolean))
    if (window === 'learning') {
      const collected = async () => (await ask(client, ALERTS_INFO, {})).digests[0]?.total ?? 0
      await until(async () => (await collected()) === ASSETS)
      assert.deepEqual(await ask(client, ALERTS_LEARNED, {}), { learned: ASSETS })
    }
    await until(() => hook.taken.length > 0)
    assert.equal(hook.taken[0]!.subject, `Digest: ${ASSETS} new devices`)
    assert.equal(hook.taken[0]!.facts.total, String(ASSETS))
    assert.ok(hook.taken[0]!.text.length < 200_000)
    assert.deepEqual((await ask(client, ALERTS_INFO, {})).digests, [])
    assert.equal((await ask(client, ALERTS_LIST, {})).deliveries.length, 1)
    assert.equal(hook.taken.length, 1)
  })
}
