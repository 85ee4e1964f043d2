// Events on a real nats-server become mails on a real SMTP server, with the alerter as a process of its own.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { ask, type Broker, createPublisher } from '@netbehave/broker'
import { silentLog, startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { ALERTS_INFO, ALERTS_LIST, ALERTS_TEST, SUBJECTS } from '@netbehave/schema'
import { assetEvent, ruleEvent, toBytes } from '../src/testing.ts'
import { startAlerterProcess } from './alerter-process.ts'
import { CERTIFICATE, freePort, LOGIN, startSmtp } from './smtp.ts'

function makeFolder() {
  const path = mkdtempSync(join(tmpdir(), 'netbehave-alerter-'))
  writeFileSync(join(path, 'ca.pem'), CERTIFICATE.cert)
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

const environment = (broker: TestBroker, dataDir: string, smtpPort: number): Record<string, string> => ({
  NETBEHAVE_BROKER_URL: broker.url,
  NETBEHAVE_DATA_DIR: dataDir,
  SMTP_SERVER: '127.0.0.1',
  SMTP_PORT: String(smtpPort),
  SMTP_USER: LOGIN.user,
  SMTP_PASSWORD: LOGIN.password,
  SMTP_RECIPIENT: 'me@example.org,you@example.org',
  ALERTER_MAIL_CA_FILE: join(dataDir, 'ca.pem'),
  ALERTER_LEARNING_MS: '0',
  ALERTER_TIME_ZONE: 'UTC',
})

/** Tells events to the stream, each under a message id of its own, so that the broker does not drop what comes twice. */
async function publish(broker: Broker, subject: string, events: readonly unknown[]): Promise<void> {
  await using publisher = createPublisher(broker, silentLog)
  const pending = events.map((event, i) =>
    publisher.push({ subject, id: `${performance.now()}-${i}`, bytes: toBytes(event), flows: 0 }),
  )
  assert.ok((await Promise.all(pending)).every(Boolean))
}

const eventsTaken = async (broker: Broker): Promise<number> => {
  const consumer = await (await broker.jetstream()).consumers.get('EVENTS', 'alerter')
  const { num_pending, num_ack_pending, delivered } = await consumer.info()
  return num_pending + num_ack_pending === 0 ? delivered.stream_seq : -1
}

test('a new asset is one mail with all that helps, within 10 s; the same event again is none', async () => {
  using folder = makeFolder()
  await using broker = await startTestBroker()
  await using smtp = await startSmtp()
  const client = broker.connect('ipam-events')
  await using _alerter = await startAlerterProcess(environment(broker, folder.path, smtp.port), client)
  const event = assetEvent('new-1', '192.168.1.23')
  const toldMs = Date.now()
  await publish(client, SUBJECTS.assetNew, [event])
  await until(() => smtp.mails.length > 0, { timeoutMs: 10_000 })
  assert.ok(Date.now() - toldMs < 10_000)
  const mail = smtp.mails[0]!
  assert.deepEqual(mail.recipients, ['me@example.org', 'you@example.org'])
  assert.equal(mail.isEncrypted, true)
  assert.equal(mail.user, LOGIN.user)
  assert.equal(mail.headers.get('subject'), 'New device printer, 192.168.1.23 (Acme Inc.)')
  assert.match(mail.headers.get('from')!, /alerts@example\.org/)
  for (const expected of [
    'Address: 192.168.1.23 (site home)',
    'MAC: 00:11:22:33:44:55',
    'Vendor: Acme Inc.',
    'Hostname: printer',
    'First talked to: example.org (93.184.216.34), 1.1.1.1',
    'netbehave alerts mute asset 192.168.1.23',
  ]) {
    assert.ok(mail.text.includes(expected), `${expected} in:\n${mail.text}`)
    assert.ok(mail.html.includes(expected), `${expected} in:\n${mail.html}`)
  }
  const key = mail.headers.get('x-netbehave-key')!
  assert.match(key, /^[0-9a-f]{32}$/)
  assert.equal(mail.headers.get('message-id'), `<${key}@example.org>`)

  // Again, and then another: when the other is there, the first was not sent twice.
  await publish(client, SUBJECTS.assetNew, [event, assetEvent('new-2', '192.168.1.24')])
  await until(() => smtp.mails.length > 1)
  assert.equal(smtp.mails.length, 2)
  assert.match(smtp.mails[1]!.headers.get('subject')!, /192\.168\.1\.24/)
  const { deliveries, waiting } = await ask(client, ALERTS_LIST, {})
  assert.deepEqual([waiting, ...deliveries.map(({ state, tries }) => `${state} ${tries}`)], [0, 'sent 1', 'sent 1'])
})

test('SMTP is down for all of a replay and the alerter is killed in it: every mail arrives, at most one twice for each kill', async () => {
  using folder = makeFolder()
  await using broker = await startTestBroker()
  const port = await freePort()
  const env = {
    ...environment(broker, folder.path, port),
    ALERTER_GATHER_MS: '0',
    ALERTER_MAX_RETRY_MS: '300',
    NETBEHAVE_CONFIG: join(folder.path, 'netbehave.yaml'),
  }
  writeFileSync(env.NETBEHAVE_CONFIG, 'alerter:\n  alerts: [{on: asset-new, maxPerHour: 1000}]\n')
  const client = broker.connect('ipam-events')
  const EVENTS = 200
  const events = Array.from({ length: EVENTS }, (_, i) => assetEvent(`replay-${i}`, `10.0.${i >> 8}.${i & 255}`))
  await using first = await startAlerterProcess(env, client)
  await publish(client, SUBJECTS.assetNew, events.slice(0, EVENTS / 2))
  const second = publish(client, SUBJECTS.assetNew, events.slice(EVENTS / 2))
  await first.kill() // somewhere in the middle
  await second
  await using again = await startAlerterProcess(env, client)
  await until(async () => (await eventsTaken(client)) === EVENTS)
  const down = await ask(client, ALERTS_LIST, { limit: 1 })
  assert.equal(down.waiting, EVENTS)
  await until(async () => (await ask(client, ALERTS_INFO, {})).channels[0]!.error !== '')

  await using smtp = await startSmtp({ port })
  await until(() => smtp.mails.length >= 20)
  await again.kill() // in the middle of sending
  await using _last = await startAlerterProcess(env, client)
  await until(async () => (await ask(client, ALERTS_LIST, { limit: 1 })).waiting === 0)
  const keys = smtp.mails.map(({ headers }) => headers.get('x-netbehave-key'))
  assert.equal(new Set(keys).size, EVENTS)
  assert.ok(keys.length <= EVENTS + 1, `${keys.length} mails of ${EVENTS} events and one kill while they were sent`)
  const subjects = new Set(smtp.mails.map(({ headers }) => headers.get('subject')))
  for (const { asset } of events) assert.ok(subjects.has(`New device printer, ${asset.ip} (Acme Inc.)`), asset.ip)
})

test('names with line ends and markup in them stay text, in head and body', async () => {
  using folder = makeFolder()
  await using broker = await startTestBroker()
  await using smtp = await startSmtp()
  const client = broker.connect('ipam-events')
  await using _alerter = await startAlerterProcess(environment(broker, folder.path, smtp.port), client)
  const hostname = 'x\r\nBcc: evil@example.net\r\n\r\n<img src=x onerror=alert(1)>'
  const vendor = 'Bad\r\nBcc: evil@example.net'
  await publish(client, SUBJECTS.assetNew, [assetEvent('evil', '192.168.1.66', { hostname, vendor })])
  const rule = 'r\r\nBcc: evil@example.net\u2028<script>'
  await publish(client, SUBJECTS.ruleMatch, [ruleEvent(Date.now(), { rule, note: '</p><script>alert(1)</script>' })])
  await until(() => smtp.mails.length === 2)
  for (const { headers, html, recipients } of smtp.mails) {
    assert.equal(headers.has('bcc'), false)
    assert.deepEqual(recipients, ['me@example.org', 'you@example.org'])
    assert.doesNotMatch(html, /<(img|script)/)
  }
  const all = smtp.mails.map(({ html }) => html).join('')
  assert.match(all, /&lt;img src=x onerror=alert\(1\)&gt;/)
  assert.match(all, /&lt;script&gt;alert\(1\)/)
})

test('a test of a channel is a mail at once, or a sentence that says what to do', async () => {
  using folder = makeFolder()
  await using broker = await startTestBroker()
  const client = broker.connect('admin')
  const smtp = await startSmtp()
  const fault = async () =>
    ask(client, ALERTS_TEST, { channel: 'mail' }, { timeoutMs: 10_000 }).catch((e: Error) => e.message)
  const env = environment(broker, folder.path, smtp.port)
  {
    await using _alerter = await startAlerterProcess(env, client)
    assert.deepEqual(await fault(), { target: 'me@example.org, you@example.org' })
    assert.equal(smtp.mails[0]!.headers.get('subject'), 'Test of NetBehave')
    const webhook = await ask(client, ALERTS_TEST, { channel: 'webhook' }).catch((e: Error) => e.message)
    assert.equal(webhook, 'webhook has no address in alerter.webhook of netbehave.yaml; those that have one: mail')
  }
  {
    await using alerter = await startAlerterProcess({ ...env, SMTP_PASSWORD: 'wrong-password' }, client)
    assert.match(String(await fault()), /^127\.0\.0\.1:\d+ refuses the login: look at SMTP_USER and SMTP_PASSWORD/)
    assert.doesNotMatch(alerter.log(), /wrong-password/)
  }
  {
    await using _alerter = await startAlerterProcess({ ...env, ALERTER_MAIL_CA_FILE: '' }, client)
    assert.match(String(await fault()), /no encrypted connection.*alerter\.mail\.caFile/)
  }
  await smtp.close()
  await using _alerter = await startAlerterProcess(env, client)
  assert.match(String(await fault()), /does not answer; look at SMTP_SERVER and SMTP_PORT/)
})

test('without login and encryption a server takes mails as it is; with a password it must be encrypted', async () => {
  using folder = makeFolder()
  await using broker = await startTestBroker()
  await using smtp = await startSmtp({ isPlain: true })
  const { SMTP_USER: _user, SMTP_PASSWORD: _password, ...env } = environment(broker, folder.path, smtp.port)
  const client = broker.connect('admin')
  {
    await using _alerter = await startAlerterProcess(env, client)
    await ask(client, ALERTS_TEST, { channel: 'mail' })
    assert.equal(smtp.mails[0]!.isEncrypted, false)
  }
  await using _alerter = await startAlerterProcess(environment(broker, folder.path, smtp.port), client)
  await assert.rejects(ask(client, ALERTS_TEST, { channel: 'mail' }), /no encrypted connection/)
  assert.equal(smtp.mails.length, 1)
})

test('TLS from the first byte; a recipient who is refused is named, and the others get the mail once', async () => {
  using folder = makeFolder()
  await using broker = await startTestBroker()
  await using smtp = await startSmtp({
    isTls: true,
    onRecipient: (address) => {
      if (address.startsWith('you')) throw new Error('no such mailbox')
    },
  })
  const client = broker.connect('ipam-events')
  const env = { ...environment(broker, folder.path, smtp.port), ALERTER_MAIL_ENCRYPTION: 'tls' }
  await using _alerter = await startAlerterProcess(env, client)
  await publish(client, SUBJECTS.assetNew, [assetEvent('1', '192.168.1.23')])
  await until(async () => (await ask(client, ALERTS_LIST, { state: 'sent' })).deliveries.length === 1)
  assert.deepEqual(
    smtp.mails.map(({ recipients, isEncrypted }) => [recipients, isEncrypted]),
    [[['me@example.org'], true]],
  )
  const [sent] = (await ask(client, ALERTS_LIST, {})).deliveries
  assert.match(sent!.error, /127\.0\.0\.1 refuses you@example\.org; the others have it/)
})
