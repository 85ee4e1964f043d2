// A new device, end to end: softflowd tells of an address that nobody has seen, one mail comes; the address again is no news; a person makes
// NetBehave forget it, and it is news again.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { startMailbox } from '../src/mailbox.ts'
import type { Packet } from '../src/packets.ts'
import { missingProgram } from '../src/programs.ts'
import { runSoftflowd } from '../src/softflowd.ts'
import { startSystem } from '../src/system.ts'

const packetOf = (srcIp: string): Packet => ({
  ...{ protocol: 'udp', srcIp, dstIp: '203.0.113.9', srcPort: 40_000, dstPort: 123, payloadBytes: 48 },
  atMs: Date.now() - 1000,
})

test('a new address in what softflowd sends is one mail within 10 s, again after `assets forget`', {
  skip: missingProgram('softflowd') || missingProgram('openssl'),
  timeout: 300_000,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-new-device-'))
  try {
    await using mailbox = await startMailbox(dir)
    const intervals = { ENRICHER_SIGHT_INTERVAL_MS: '1000', ALERTER_LEARNING_MS: '0', ALERTER_GATHER_MS: '0' }
    await using system = await startSystem({ env: { ...mailbox.env, ...intervals } })
    const mailsAbout = (address: string) => mailbox.mails.filter((mail) => mail.includes(`New device ${address}`))

    const sentMs = Date.now()
    await runSoftflowd([packetOf('192.168.1.23')], 10, system.collector)
    await until('the mail comes', () => mailsAbout('192.168.1.23').length > 0, { timeoutMs: 120_000 })
    assert.ok(Date.now() - sentMs < 10_000, `${Date.now() - sentMs} ms`)
    assert.match(mailsAbout('192.168.1.23')[0]!, /First talked to: 203\.0\.113\.9/)
    assert.match(mailsAbout('192.168.1.23')[0]!, /netbehave alerts mute asset 192\.168\.1\.23/)

    // The same again, and another after it: when the other is there, the first was not told twice.
    await runSoftflowd([packetOf('192.168.1.23')], 10, system.collector)
    await runSoftflowd([packetOf('192.168.1.24')], 10, system.collector)
    await until('the second mail comes', () => mailsAbout('192.168.1.24').length > 0, { timeoutMs: 120_000 })
    assert.equal(mailsAbout('192.168.1.23').length, 1)

    const forgotten = await system.run('assets', 'forget', '192.168.1.23')
    assert.equal(forgotten.code, 0, forgotten.stderr)
    await until('it is told of again', async () => {
      await runSoftflowd([packetOf('192.168.1.23')], 10, system.collector)
      return mailsAbout('192.168.1.23').length > 1
    })
    assert.equal(mailsAbout('192.168.1.23').length, 2)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
