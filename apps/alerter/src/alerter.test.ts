// What is told at once, what in a digest, and what not at all; with a clock in hand and a real database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALERTS_LIST, type Delivery, SUBJECTS } from '@netbehave/schema'
import { DeliveryError } from './deliver/channel.ts'
import { RefusedEvent } from './read-event.ts'
import { assetEvent, createTestChannel, NOON_MS, openTestAlerter, ruleEvent } from './testing.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const { assetNew, assetChanged, ruleMatch } = SUBJECTS
const exporterSilent = SUBJECTS.exporterSilent('home')
const exporterBack = SUBJECTS.exporterBack('home')
const subjects = (messages: readonly { subject: string }[]) => messages.map(({ subject }) => subject)
const address = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

test('every kind of event is told in its own words', async () => {
  await using t = openTestAlerter()
  t.take(assetNew, assetEvent('1', '192.168.1.23'))
  t.take(assetChanged, { ...assetEvent('2', '192.168.1.23', {}, 'mac'), beforeMac: '66:55:44:33:22:11' })
  t.take(assetChanged, { ...assetEvent('3', '192.168.1.23', {}, 'back'), absentMs: 3 * DAY_MS })
  t.take(ruleMatch, ruleEvent(NOON_MS, { note: 'nobody should' }))
  const exporter = { site: 'home', exporter: '192.168.1.1', atMs: NOON_MS, lastSeenMs: NOON_MS - HOUR_MS }
  t.take(exporterSilent, { id: '4', ...exporter })
  t.take(exporterBack, { id: '5', ...exporter })
  t.take(assetChanged, assetEvent('6', '192.168.1.23', {}, 'edited'))
  await t.deliver()
  assert.deepEqual(subjects(t.sent), [
    'New device printer, 192.168.1.23 (Acme Inc.)',
    'Other MAC on printer, 192.168.1.23',
    'Device printer, 192.168.1.23 is back',
    'Rule telnet: 192.168.1.9 to 203.0.113.5',
    'Exporter 192.168.1.1 is silent',
    'Exporter 192.168.1.1 sends again',
  ])
  const all = t.sent.map(({ text }) => text).join('\n')
  for (const sentence of [
    'MAC before: 66:55:44:33:22:11',
    'is seen again after 3 days',
    'Note of the rule: nobody should',
    'has sent nothing since 2026-11-24 11:00:00',
    'It was silent for 1 hour',
  ])
    assert.ok(all.includes(sentence), sentence)
})

test('an event that comes again is told once, also after a restart', async () => {
  await using t = openTestAlerter()
  t.take(assetNew, assetEvent('1', '192.168.1.23'), assetEvent('1', '192.168.1.23'))
  t.take(ruleMatch, ruleEvent(NOON_MS), ruleEvent(NOON_MS))
  await t.deliver()
  assert.equal(t.sent.length, 2)
  await t.close()
  await using again = openTestAlerter({ dataDir: t.dataDir })
  again.take(assetNew, assetEvent('1', '192.168.1.23'))
  again.take(ruleMatch, ruleEvent(NOON_MS))
  await again.deliver()
  assert.equal(again.sent.length, 0)
  assert.equal(again.counters.repeatedEvents, 2)
})

test('what is new in the learning window is one digest, when it ends or when told; matches of rules are told at once', async () => {
  await using t = openTestAlerter({ config: { learningMs: DAY_MS } })
  for (let i = 0; i < 30; i++) t.take(assetNew, assetEvent(`new-${i}`, address(i)))
  t.take(ruleMatch, ruleEvent(NOON_MS))
  t.advance(DAY_MS - 1)
  await t.deliver()
  assert.deepEqual(subjects(t.sent), ['Rule telnet: 192.168.1.9 to 203.0.113.5'])
  t.advance(1)
  await t.deliver()
  assert.deepEqual(subjects(t.sent.slice(1)), ['Digest: 30 new devices'])
  assert.equal(t.sent[1]!.text.match(/new device 10\./g)?.length, 30)
  t.take(assetNew, assetEvent('later', '10.9.9.9'))
  await t.deliver()
  assert.match(t.sent[2]!.subject, /^New device printer, 10\.9\.9\.9/)

  await using told = openTestAlerter({ config: { learningMs: DAY_MS } })
  told.take(assetNew, assetEvent('a', '10.0.0.1'), assetEvent('b', '10.0.0.2'))
  assert.equal(told.alerter.learned(), 2)
  await told.deliver()
  assert.deepEqual(subjects(told.sent), ['Digest: 2 new devices'])
  assert.equal(told.alerter.learningUntilMs(), null)
})

test('the learning window begins at the very first start and is over once it was, restarts or not', async () => {
  await using first = openTestAlerter({ config: { learningMs: DAY_MS } })
  await first.close()
  await using second = openTestAlerter({
    config: { learningMs: DAY_MS },
    dataDir: first.dataDir,
    startMs: NOON_MS + HOUR_MS,
  })
  assert.equal(second.alerter.learningUntilMs(), NOON_MS + DAY_MS)
  second.alerter.learned()
  await second.close()
  await using third = openTestAlerter({
    config: { learningMs: DAY_MS },
    dataDir: first.dataDir,
    startMs: NOON_MS + 2 * HOUR_MS,
  })
  assert.equal(third.alerter.learningUntilMs(), null)
})

test('10,000 new assets at once are one digest, and neither outbox nor digest grows with them', async () => {
  await using t = openTestAlerter({ config: { gatherMs: 2000 } })
  for (let from = 0; from < 10_000; from += 250)
    t.take(assetNew, ...Array.from({ length: 250 }, (_, i) => assetEvent(`new-${from + i}`, address(from + i))))
  assert.equal(t.waiting().length, 0)
  t.advance(HOUR_MS)
  await t.deliver()
  await t.deliver()
  assert.deepEqual(subjects(t.sent), ['Digest: 10000 new devices'])
  const { text } = t.sent[0]!
  assert.equal(text.match(/new device 10\./g)?.length, 500)
  assert.match(text, /and 9500 more/)
  assert.equal(t.counters.linesLeftOut, 9500)
  assert.equal(t.db.prepare('SELECT count(*) FROM digest_line').pluck().get(), 0)
  assert.equal(t.alerter.store.countEvents(), 10_000)
})

test('a few messages in an hour come at once, the rest in a digest, and the next hour begins anew', async () => {
  await using t = openTestAlerter({ config: { alerts: [{ on: 'rule-match', maxPerHour: 3 }] } })
  for (let i = 0; i < 5; i++) {
    t.take(ruleMatch, ruleEvent(NOON_MS + i * 60_000))
    await t.deliver()
    t.advance(60_000)
  }
  t.take(ruleMatch, ruleEvent(NOON_MS, { rule: 'other' })) // counted apart
  await t.deliver()
  assert.equal(t.sent.length, 4)
  t.advance(15 * 60_000)
  await t.deliver()
  await t.deliver()
  assert.equal(t.sent.at(-1)!.subject, 'Digest: 2 matches of rules')
  t.advance(HOUR_MS)
  t.take(ruleMatch, ruleEvent(NOON_MS + 2 * HOUR_MS))
  await t.deliver()
  assert.match(t.sent.at(-1)!.subject, /^Rule telnet/)
})

test('in quiet hours only what is critical is told; the rest is one digest when they end', async () => {
  // 12:00 UTC is 23:00 in Sydney's summer.
  await using t = openTestAlerter({ config: { quietHours: '22:30-06:30', timeZone: 'Australia/Sydney' } })
  t.take(assetNew, assetEvent('1', '10.0.0.1'), assetEvent('2', '10.0.0.2'))
  t.take(ruleMatch, ruleEvent(NOON_MS, { severity: 'critical' }))
  await t.deliver()
  assert.deepEqual(subjects(t.sent), ['Rule telnet: 192.168.1.9 to 203.0.113.5'])
  t.advance(7.5 * HOUR_MS - 1)
  await t.deliver()
  assert.equal(t.sent.length, 1)
  t.advance(1)
  await t.deliver()
  assert.equal(t.sent[1]!.subject, 'Digest: 2 new devices')
  assert.match(t.sent[1]!.text, /quiet hours/)
})

test('a digest that is due in quiet hours waits for their end', async () => {
  await using t = openTestAlerter({
    config: { alerts: [{ on: 'asset-new', digest: true }], quietHours: '12:10-13:00', digestIntervalMs: 15 * 60_000 },
  })
  t.take(assetNew, assetEvent('1', '10.0.0.1'))
  t.advance(20 * 60_000)
  await t.deliver()
  assert.equal(t.sent.length, 0)
  t.advance(40 * 60_000)
  await t.deliver()
  assert.equal(t.sent.length, 1)
})

test('a muted asset, rule or exporter is not told of, until the mute ends or is taken away', async () => {
  await using t = openTestAlerter()
  const { store } = t.alerter
  store.mute({ target: 'asset', value: '192.168.1.23', untilMs: NOON_MS + HOUR_MS, madeMs: NOON_MS })
  store.mute({ target: 'rule', value: 'telnet', untilMs: null, madeMs: NOON_MS })
  store.mute({ target: 'exporter', value: '2001:db8::1', untilMs: null, madeMs: NOON_MS })
  const exporter = { site: 'home', exporter: '2001:DB8:0::1', atMs: NOON_MS, lastSeenMs: NOON_MS }
  t.take(assetNew, assetEvent('1', '192.168.1.23'), assetEvent('2', '192.168.1.24'))
  t.take(ruleMatch, ruleEvent(NOON_MS), ruleEvent(NOON_MS, { rule: 'smb' }))
  t.take(exporterSilent, { id: '3', ...exporter })
  await t.deliver()
  assert.deepEqual(subjects(t.sent), [
    'New device printer, 192.168.1.24 (Acme Inc.)',
    'Rule smb: 192.168.1.9 to 203.0.113.5',
  ])
  assert.equal(t.counters.muted, 3)
  t.advance(HOUR_MS)
  assert.equal(store.unmute('rule', 'telnet'), true)
  t.take(assetNew, assetEvent('4', '192.168.1.23'))
  t.take(ruleMatch, ruleEvent(NOON_MS + HOUR_MS))
  await t.deliver()
  assert.equal(t.sent.length, 4)
})

test('a vendor is new once, and never for a random MAC', async () => {
  await using t = openTestAlerter({ config: { alerts: [{ on: 'vendor-new' }] } })
  t.take(
    assetNew,
    assetEvent('1', '10.0.0.1', { vendor: 'Acme Inc.' }),
    assetEvent('2', '10.0.0.2', { vendor: 'Acme Inc.' }),
    assetEvent('3', '10.0.0.3', { vendor: 'Whatever', macRandom: true }),
    assetEvent('4', '10.0.0.4', { vendor: '' }),
    assetEvent('5', '10.0.0.5', { vendor: 'Other Ltd.' }),
  )
  await t.deliver()
  assert.deepEqual(subjects(t.sent), [
    'First device of Acme Inc.: printer, 10.0.0.1',
    'First device of Other Ltd.: printer, 10.0.0.5',
  ])
})

test('a filter chooses among matches of rules; the channels are those that the rule names', async () => {
  const mail = createTestChannel('mail')
  const ntfy = createTestChannel('ntfy')
  await using t = openTestAlerter({
    channels: [mail, ntfy],
    config: {
      ntfy: { topic: 'here' },
      alerts: [
        {
          on: 'rule-match',
          name: 'far',
          filter: 'dst.ip=203.0.113.0/24',
          channels: ['ntfy'],
          subject: 'far: {{source}}',
        },
        { on: 'rule-match', name: 'all' },
      ],
    },
  })
  t.take(ruleMatch, ruleEvent(NOON_MS, { alert: ['mail', 'ntfy', 'syslog'] }))
  const near = { ...ruleEvent(NOON_MS).first, dstIp: '10.0.0.1' }
  t.take(ruleMatch, ruleEvent(NOON_MS, { rule: 'near', alert: ['mail'], first: near }))
  await t.deliver()
  assert.deepEqual(subjects(ntfy.sent), ['far: 192.168.1.9'])
  assert.deepEqual(subjects(mail.sent), [
    'Rule telnet: 192.168.1.9 to 203.0.113.5',
    'Rule near: 192.168.1.9 to 10.0.0.1',
  ])
  assert.equal(t.counters.noChannel, 1)
  assert.match(t.logged.join(), /rule telnet alerts by syslog, which has no address/)
})

test('a message that no channel takes for days is undelivered and listed, and can be sent again under its key', async () => {
  await using t = openTestAlerter({ config: { giveUpMs: DAY_MS } })
  t.channels[0]!.refuse = () => new DeliveryError('channel', 'the server is away')
  t.take(assetNew, assetEvent('1', '10.0.0.1'))
  for (let hours = 0; hours <= 24; hours += 6) {
    await t.deliver()
    t.advance(6 * HOUR_MS)
  }
  const [gone] = t.alerter.outbox.list('undelivered', undefined, 10)
  assert.equal(gone?.error, 'the server is away')
  assert.equal(gone.tries, 5)
  assert.equal(t.counters.undelivered.mail, 1)
  t.channels[0]!.refuse = undefined
  assert.equal(t.alerter.outbox.resend(undefined, t.now()), 1)
  await t.deliver()
  assert.deepEqual([t.sent[0]!.key, t.sent.length], [gone.key, 1])
  ALERTS_LIST.reply.parse({
    deliveries: t.alerter.outbox.list(undefined, undefined, 10),
    next: null,
    waiting: 0,
    undelivered: 0,
  })
})

test('a message that is refused by itself holds up no other; tries survive a restart', async () => {
  await using t = openTestAlerter()
  t.channels[0]!.refuse = ({ subject }) =>
    subject.includes('10.0.0.1') ? new DeliveryError('message', 'not this one') : undefined
  t.take(assetNew, assetEvent('1', '10.0.0.1'), assetEvent('2', '10.0.0.2'))
  await t.deliver()
  assert.deepEqual(subjects(t.sent), ['New device printer, 10.0.0.2 (Acme Inc.)'])
  await t.close()
  await using again = openTestAlerter({ dataDir: t.dataDir })
  const before = again.waiting()
  assert.deepEqual([before.length, before[0]!.tries, before[0]!.error], [1, 1, 'not this one'])
  again.advance(60_000)
  await again.deliver()
  assert.deepEqual(subjects(again.sent), ['New device printer, 10.0.0.1 (Acme Inc.)'])
})

test('with the outbox full, further messages are a line of a digest', async () => {
  await using t = openTestAlerter({
    limits: { waiting: 5 },
    config: { alerts: [{ on: 'asset-new', maxPerHour: 1000 }] },
  })
  t.channels[0]!.refuse = () => new DeliveryError('channel', 'away')
  for (let i = 0; i < 20; i++) {
    t.take(assetNew, assetEvent(`${i}`, address(i)))
    await t.deliver()
  }
  assert.equal(t.waiting().length, 5)
  assert.equal(t.counters.outboxFull, 15)
  t.channels[0]!.refuse = undefined
  t.advance(HOUR_MS)
  await t.deliver()
  await t.deliver()
  assert.deepEqual(subjects(t.sent).slice(5), ['Digest: 15 new devices'])
})

test('what is kept of events, messages, mutes, vendors and hours is bounded', async () => {
  await using t = openTestAlerter({
    limits: { events: 10, done: 4, mutes: 2, vendors: 3, throttles: 2 },
    config: { alerts: [{ on: 'asset-new' }, { on: 'vendor-new' }, { on: 'rule-match' }] },
  })
  for (let i = 0; i < 30; i++) {
    t.take(assetNew, assetEvent(`${i}`, address(i), { vendor: `Vendor ${i}` }))
    await t.deliver()
    t.advance(1)
  }
  assert.equal(t.sent.filter(({ kind }) => kind === 'vendor-new').length, 3)
  for (let i = 0; i < 60; i++) t.alerter.tick() // tidies
  const rows: Delivery[] = t.alerter.outbox.list('sent', undefined, 200)
  assert.equal(rows.length, 4)
  assert.equal(t.alerter.store.countEvents(), 10)
  assert.equal(t.counters.forgottenEvents, 20)
  assert.ok(t.counters.forgottenDeliveries > 0)
  const mute = (value: string) => t.alerter.store.mute({ target: 'rule', value, untilMs: null, madeMs: NOON_MS })
  mute('a')
  mute('b')
  assert.throws(() => mute('c'), /2 mutes are the most/)
  mute('b')
  for (const rule of ['a1', 'a2', 'a3', 'a4']) t.take(ruleMatch, ruleEvent(NOON_MS, { rule }))
  assert.ok(t.alerter.digests.open().some(({ reason }) => reason === 'throttle'))
})

test('bytes that are no event are refused with a reason', () => {
  using t = {
    t: openTestAlerter(),
    [Symbol.dispose]() {
      void this.t.close()
    },
  }
  const { take } = t.t
  assert.throws(() => take(assetNew, { id: 'x' }), RefusedEvent)
  assert.throws(() => take(assetNew, assetEvent('x', 'not an address')), /asset\.ip/)
  assert.throws(() => take(ruleMatch, ruleEvent(NOON_MS, { source: 'x' })), /source/)
  const first = { ...ruleEvent(NOON_MS).first, srcIp: 'x' }
  assert.throws(() => take(ruleMatch, ruleEvent(NOON_MS, { first })), /first: "x" is no address/)
  assert.throws(() => take('events.asset.other', {}), /nobody knows/)
  const ofHome = { id: '1', site: 'home', exporter: '192.168.1.1', atMs: NOON_MS, lastSeenMs: NOON_MS }
  assert.doesNotThrow(() => take(exporterSilent, ofHome))
  assert.throws(
    () => take(SUBJECTS.exporterSilent('cabin'), ofHome),
    /site "home" on subject events\.exporter\.silent\.cabin/,
  )
  assert.throws(() => take(ruleMatch, ruleEvent(NOON_MS, { note: 'x'.repeat(300_000) })), /too many/)
})
