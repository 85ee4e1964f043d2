import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SUBJECTS } from '@netbehave/schema'
import { assetEvent, createTestChannel, openTestAlerter } from '../testing.ts'
import { DeliveryError } from './channel.ts'

test('a message that was taken is not sent again when it cannot be written down as sent', async () => {
  await using t = openTestAlerter()
  t.db.exec("CREATE TRIGGER full BEFORE UPDATE ON delivery BEGIN SELECT RAISE(FAIL, 'disk full'); END")
  t.take(SUBJECTS.assetNew, assetEvent('1', '10.0.0.1'))
  await t.deliver()
  t.advance(60_000)
  await t.deliver()
  assert.equal(t.sent.length, 1)
  assert.match(t.logged.join(), /cannot look after mail: disk full/)
  t.db.exec('DROP TRIGGER full')
  t.advance(60_000)
  await t.deliver()
  assert.equal(t.sent.length, 1)
  assert.equal(t.alerter.outbox.list('sent', undefined, 10).length, 1)
})

test('a channel that does not work is tried with growing pauses, and does not hold up another', async () => {
  const mail = createTestChannel('mail')
  const ntfy = createTestChannel('ntfy')
  await using t = openTestAlerter({ channels: [mail, ntfy], config: { ntfy: { topic: 'x' }, maxRetryMs: 60_000 } })
  let tries = 0
  mail.refuse = () => {
    tries++
    return new DeliveryError('channel', 'away')
  }
  t.take(SUBJECTS.assetNew, assetEvent('1', '10.0.0.1'), assetEvent('2', '10.0.0.2'))
  for (let second = 0; second < 600; second++) {
    t.alerter.deliverer.poll()
    await t.alerter.deliverer.idle()
    t.advance(1000)
  }
  assert.equal(ntfy.sent.length, 2)
  assert.equal(tries, 15) // after 1, 2, 4, 8, 16, 32 s, then every 60 s
  assert.deepEqual(
    t.alerter.deliverer.states().map(({ error }) => error),
    ['away', ''],
  )
  mail.refuse = undefined
  await t.deliver()
  assert.equal(mail.sent.length, 2)
  assert.equal(t.alerter.deliverer.states()[0]!.error, '')
})

test('a fault of ours in a channel costs one message a try, not the channel', async () => {
  await using t = openTestAlerter()
  t.channels[0]!.refuse = ({ subject }) => (subject.includes('10.0.0.1') ? new TypeError('oops') : undefined)
  t.take(SUBJECTS.assetNew, assetEvent('1', '10.0.0.1'), assetEvent('2', '10.0.0.2'))
  await t.deliver()
  assert.equal(t.sent.length, 1)
  assert.equal(t.waiting()[0]!.error, 'cannot be sent: oops')
})

test('a remark of a channel is kept with the message', async () => {
  await using t = openTestAlerter()
  const channel = t.channels[0]!
  const send = channel.send.bind(channel)
  channel.send = async (message) => {
    await send(message)
    return 'you@example.org refused; the others have it' as never
  }
  t.take(SUBJECTS.assetNew, assetEvent('1', '10.0.0.1'))
  await t.deliver()
  const [sent] = t.alerter.outbox.list('sent', undefined, 1)
  assert.match(sent!.error, /you@example\.org refused/)
})
