// Real dnsmasq and unbound on loopback, real questions from several addresses: each client's names are found, at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '@netbehave/broker'
import { startTestBroker } from '@netbehave/broker/testing'
import { DNS_LIST, DNS_REVERSE, DNS_RUNS, DnsReplyEvent, SUBJECTS } from '@netbehave/schema'
import {
  freePort,
  missing,
  question,
  startDnsmasq,
  startIngest,
  startUnbound,
  temporaryFolder,
  until,
} from './programs.ts'

const ZONE = [
  'local-zone: "test." static',
  'local-data: "www.test. 60 IN A 203.0.113.5"',
  'local-data: "www.test. 60 IN AAAA 2001:db8:5::1"',
  'local-data: "shop.test. 60 IN A 203.0.113.5"',
  'local-data: "multi.test. 60 IN A 203.0.113.6"',
  'local-data: "multi.test. 60 IN A 203.0.113.7"',
  'local-data: "txt.test. 60 IN TXT 6.6.6.6"',
]

for (const form of ['--log-queries', '--log-queries=extra']) {
  test(`${form}: clients that were told one address under several names get their own`, {
    skip: missing('dnsmasq', 'unbound'),
  }, async () => {
    await using folder = await temporaryFolder()
    await using broker = await startTestBroker()
    const [above, port] = await Promise.all([freePort(), freePort()])
    await using _unbound = await startUnbound(folder, 'above', above, ZONE)
    const log = folder.file('dnsmasq.log')
    const local = [
      '--address=/blocked.test/0.0.0.0',
      '--host-record=printer.lan,192.168.7.9',
      '--cname=alias.lan,printer.lan',
    ]
    await using _dnsmasq = await startDnsmasq(port, log, [form, `--server=127.0.0.1#${above}`, ...local])
    await using _ingest = await startIngest(broker.url, folder, { DNS_INGEST_LOGS: log })
    const asker = broker.connect('analyst')
    const events: { event: DnsReplyEvent; heardMs: number }[] = []
    asker.subscribe(SUBJECTS.dnsReply, (bytes) => {
      events.push({ event: DnsReplyEvent.parse(JSON.parse(new TextDecoder().decode(bytes))), heardMs: Date.now() })
    })
    await asker.flush()

    const askedMs = Date.now()
    assert.deepEqual(await question(port, '127.0.0.11', 'www.test'), ['203.0.113.5'])
    const answeredMs = Date.now()
    const heard = await until('the first answer is told', () =>
      events.find(({ event }) => event.answers.some(({ name }) => name === 'www.test')),
    )
    assert.ok(heard.heardMs - answeredMs <= 1000, 'told within a second')
    const [told] = heard.event.answers.filter(({ address }) => address === '203.0.113.5')
    assert.equal(told?.client, '127.0.0.11')
    // Never later than the answer, and at most a second before it.
    assert.ok(told.atMs <= answeredMs && told.atMs >= askedMs - 1000, `${told.atMs} for ${askedMs} to ${answeredMs}`)

    await question(port, '127.0.0.12', 'shop.test')
    await question(port, '127.0.0.13', 'WWW.test', 'AAAA')
    await Promise.all(['multi.test', 'multi.test'].map((name, i) => question(port, `127.0.0.1${3 + i}`, name)))
    await question(port, '127.0.0.11', 'alias.lan')
    for (const name of ['nope.test', 'blocked.test']) await question(port, '127.0.0.15', name)
    await question(port, '127.0.0.15', 'txt.test', 'TXT')

    const listed = await until('everything was stored', async () => {
      const { queries } = await ask(asker, DNS_LIST, { client: '127.0.0.15' })
      return queries.length === 3 && queries.every(({ result }) => result !== 'waiting') && queries
    })
    assert.deepEqual(listed.map(({ name, type, result, hits }) => `${name} ${type} ${result} ${hits}`).sort(), [
      'blocked.test A blocked 1',
      'nope.test A nxdomain 1',
      'txt.test TXT answered 1',
    ])
    const lookups = [
      { address: '203.0.113.5', client: '127.0.0.11' },
      { address: '203.0.113.5', client: '127.0.0.12' },
      { address: '203.0.113.5', client: '127.0.0.99' },
      { address: '2001:db8:5::1', client: '127.0.0.13' },
      { address: '203.0.113.6', client: '127.0.0.13' },
      { address: '203.0.113.7', client: '127.0.0.14' },
      { address: '192.168.7.9', client: '127.0.0.12' },
      { address: '203.0.113.5', client: '127.0.0.12', atMs: askedMs - 60_000 },
      { address: '6.6.6.6' },
      { address: '0.0.0.0' },
    ].map((lookup) => ({ site: 'home', ...lookup }))
    const { answers } = await ask(asker, DNS_REVERSE, { lookups })
    assert.deepEqual(
      answers.map((answer) => answer && `${answer.name} ${answer.how}`),
      [
        'www.test client',
        'shop.test client',
        'shop.test other',
        'www.test client',
        'multi.test client',
        'multi.test client',
        'alias.lan local',
        null,
        null,
        null,
      ],
    )
    const { runs, sequence, boot } = await ask(asker, DNS_RUNS, {
      site: 'home',
      addresses: ['203.0.113.5', '203.0.113.99'],
    })
    assert.deepEqual(
      runs.map((of) => of?.map(({ client, name }) => `${client} ${name}`)),
      [['127.0.0.11 www.test', '127.0.0.12 shop.test'], []],
    )
    const elsewhere = await ask(asker, DNS_RUNS, { site: 'cabin', addresses: ['203.0.113.5', '192.168.7.9'] })
    assert.deepEqual(
      elsewhere.runs.map((of) => of?.map(({ client, name }) => [client, name])),
      [
        [
          [null, 'www.test'],
          [null, 'shop.test'],
        ],
        [],
      ],
    )
    await until('every event has come', () => events.at(-1)?.event.sequence === sequence)
    assert.deepEqual(
      events.map(({ event }) => event.sequence),
      Array.from({ length: sequence }, (_, i) => i + 1),
    )
    assert.ok(events.every(({ event }) => event.boot === boot && event.site === 'home'))
  })
}

test("unbound's own log tells who asked for what, and what came of it", { skip: missing('unbound') }, async () => {
  for (const tags of ['log-tag-queryreply: yes', 'log-tag-queryreply: no']) {
    await using folder = await temporaryFolder()
    await using broker = await startTestBroker()
    const port = await freePort()
    const logging = ['log-queries: yes', 'log-replies: yes', tags]
    await using _unbound = await startUnbound(folder, 'unbound', port, [...ZONE, ...logging])
    await using _ingest = await startIngest(broker.url, folder, {
      DNS_INGEST_LOGS: `unbound:${folder.file('unbound.log')}`,
    })
    await question(port, '127.0.0.11', 'www.test')
    await question(port, '127.0.0.11', 'www.test')
    await question(port, '127.0.0.12', 'nope.invalid')
    const asker = broker.connect('analyst')
    const queries = await until('both names are known', async () => {
      const found = await ask(asker, DNS_LIST, { part: 'www' }).catch(() => undefined)
      const other = await ask(asker, DNS_LIST, { client: '127.0.0.12' }).catch(() => undefined)
      const all = [...(found?.queries ?? []), ...(other?.queries ?? [])]
      return all.length === 2 && all[0]!.hits === 2 && all.every(({ result }) => result !== 'waiting') && all
    })
    assert.deepEqual(
      queries.map(({ client, name, result, hits }) => [client, name, result, hits]),
      [
        ['127.0.0.11', 'www.test', 'answered', 2],
        ['127.0.0.12', 'nope.invalid', 'nxdomain', 1],
      ],
    )
  }
})
