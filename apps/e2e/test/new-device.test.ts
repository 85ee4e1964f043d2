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

test('a new address in what softflowd sends is one mail within 10 s with the settings as shipped, again after `assets forget`', {
  skip: missingProgram('softflowd') || missingProgram('openssl'),
  timeout: 300_000,
}, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-new-device-'))
  try {
    await using mailbox = await startMailbox(dir)
    // All else is as it is shipped. The interval is for known addresses, which are told of again only for what comes after `forget`.
    const settings = { ALERTER_LEARNING_MS: '0', ENRICHER_SIGHT_INTERVAL_MS: '1000' }
    await using system = await startSystem({ env: { ...mailbox.env, ...settings } })
    const mailsAbout = (address: string) => mailbox.mails.filter((mail) => mail.includes(`New device ${address}`))

    const msUntilMail = async (address: string) => {
      const sentMs = Date.now()
      await runSoftflowd([packetOf(address)], 10, system.collector)
      await until('the mail comes', () => mailsAbout(address).length > 0, { timeoutMs: 120_000 })
      return Date.now() - sentMs
    }
    // A machine that is busy with something else gets two more tries.
    const took = [await msUntilMail('192.168.1.23')]
    for (const address of ['192.168.1.25', '192.168.1.26'])
      if (took.every((ms) => ms >= 10_000)) took.push(await msUntilMail(address))
    t.diagnostic(`mails after ${took.join(', ')} ms`)
    assert.ok(
      took.some((ms) => ms < 10_000),
      `mails came after ${took.join(', ')} ms`,
    )
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
