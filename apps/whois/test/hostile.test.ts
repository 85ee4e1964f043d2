// Registries, or those who sit in their place, that loop, flood, lie, dawdle or break: bounded, counted, nothing wrong kept.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { arin, ripe } from './answers.ts'
import { type Answerer, json, redirect, startRdapServer } from './rdap-server.ts'
import { startSystem } from './system.ts'

const GOOD = arin({ start: '8.8.8.0', end: '8.8.8.255', name: 'EXAMPLE-NET', org: 'Example Networks' })
const text =
  (body: string, type: string, status = 200): Answerer =>
  (_path, response) =>
    void response.writeHead(status, { 'content-type': type }).end(body)

test('a redirect loop ends at its second round, and the address is not asked for again for an hour', async () => {
  await using server = await startRdapServer()
  server.answer = (path, ...rest) =>
    redirect(`${server.origin}/${path.startsWith('arin') ? 'ripe' : 'arin'}/ip/8.8.8.8`)(path, ...rest)
  await using system = await startSystem({ baseUrls: server.baseUrls })
  assert.equal(await system.problemOf('8.8.8.8'), 'redirects')
  assert.deepEqual(server.asked, ['arin/ip/8.8.8.8', 'ripe/ip/8.8.8.8'])
  for (let i = 0; i < 10; i++) assert.equal(system.state('8.8.8.8'), 'queued')
  assert.equal(system.whois.queue.size, 0)
  system.clock.offsetMs = 3_600_000 + 1000
  server.answer = json(GOOD)
  assert.equal((await system.answerTo('8.8.8.8')).state, 'known')
})

test('more than five redirects are not followed', async () => {
  await using server = await startRdapServer()
  let n = 0
  server.answer = (...all) => redirect(`${server.origin}/arin/ip/8.8.8.8?${++n}`)(...all)
  await using system = await startSystem({ baseUrls: server.baseUrls })
  assert.equal(await system.problemOf('8.8.8.8'), 'redirects')
  assert.equal(server.asked.length, 6)
})

test('five redirects are followed', async () => {
  await using server = await startRdapServer()
  let n = 0
  server.answer = (...all) => (++n > 5 ? json(GOOD)(...all) : redirect(`${server.origin}/arin/ip/8.8.8.8?${n}`)(...all))
  await using system = await startSystem({ baseUrls: server.baseUrls })
  assert.equal((await system.answerTo('8.8.8.8')).state, 'known')
})

for (const [what, target] of [
  ['plain http', 'http://rdap.db.ripe.net/ip/8.8.8.8'],
  ['another scheme', 'file:///etc/passwd'],
  ['a loopback address', 'https://127.0.0.1/ip/8.8.8.8'],
  ['a loopback address in hexadecimal', 'https://0x7f000001/ip/8.8.8.8'],
  ['an address of IPv6', 'https://[::1]/ip/8.8.8.8'],
  ['another port', 'https://rdap.db.ripe.net:8443/ip/8.8.8.8'],
  ['a user name', 'https://user:word@rdap.db.ripe.net/ip/8.8.8.8'],
  ['a name without a dot', 'https://localhost/ip/8.8.8.8'],
  ['an internal name', 'https://metadata.google.internal/'],
  ['a name that leads to a private address', 'https://rdap.example.com/ip/8.8.8.8'],
  ['nowhere', 'https://'],
] as const) {
  test(`a redirect to ${what} is not followed`, async () => {
    await using server = await startRdapServer(redirect(target))
    const resolved: string[] = []
    const resolve = async (hostname: string) => {
      resolved.push(hostname)
      return ['93.184.215.14', '10.0.0.1']
    }
    await using system = await startSystem({ baseUrls: server.baseUrls, resolve })
    assert.match(await system.problemOf('8.8.8.8'), /^(target|redirects)$/)
    assert.equal(server.asked.length, 1)
    assert.deepEqual(resolved, target.includes('example.com') ? ['rdap.example.com'] : [])
  })
}

/** Writes for as long as somebody reads. Resolves with the bytes that were taken when the connection is gone. */
function flood(response: ServerResponse, limitBytes: number): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024, ' ')
  let sent = 0
  const more = () => {
    while (sent < limitBytes && !response.destroyed) {
      sent += chunk.length
      if (!response.write(chunk)) return
    }
    if (sent >= limitBytes) response.end()
  }
  response.on('drain', more)
  more()
  return new Promise((resolve) => response.on('close', () => resolve(sent)))
}

test('an answer of 100 MB is broken off at a megabyte, and its connection is gone', async () => {
  await using server = await startRdapServer()
  const sent = Promise.withResolvers<number>()
  server.answer = (_path, response) => {
    response.writeHead(200, { 'content-type': 'application/rdap+json' })
    void flood(response, 100 * 1024 * 1024).then(sent.resolve)
  }
  await using system = await startSystem({ baseUrls: server.baseUrls })
  assert.equal(await system.problemOf('8.8.8.8'), 'too-large')
  // The rest of what was sent lies in the sockets' buffers.
  assert.ok((await sent.promise) < 20 * 1024 * 1024, `${await sent.promise}`)
})

test('an answer that announces 100 MB is not read', async () => {
  await using server = await startRdapServer()
  const closed = Promise.withResolvers<void>()
  server.answer = (_path, response) => {
    response.writeHead(200, { 'content-length': String(100 * 1024 * 1024) })
    response.flushHeaders()
    response.on('close', closed.resolve)
  }
  await using system = await startSystem({ baseUrls: server.baseUrls })
  assert.equal(await system.problemOf('8.8.8.8'), 'too-large')
  await closed.promise
})

test('an answer that comes in drops is broken off when its time is over', async () => {
  await using server = await startRdapServer()
  const closed = Promise.withResolvers<void>()
  server.answer = (_path, response) => {
    response.writeHead(200, { 'content-type': 'application/rdap+json' })
    const drops = setInterval(() => response.write(' '), 10)
    response.on('close', () => {
      clearInterval(drops)
      closed.resolve()
    })
  }
  await using system = await startSystem({ baseUrls: server.baseUrls, timeoutMs: 200 })
  assert.equal(await system.problemOf('8.8.8.8'), 'timeout')
  await closed.promise
})

test('headers without end are broken off', async () => {
  await using server = await startRdapServer()
  server.answer = (_path, response) => response.writeHead(200, { 'x-long': 'x'.repeat(64 * 1024) }).end('{}')
  await using system = await startSystem({ baseUrls: server.baseUrls })
  system.state('8.8.8.8')
  await until('given up', () => system.whois.counters.work.rested === 1)
  assert.deepEqual(system.store.count(), { known: 0, none: 0 })
})

for (const [what, problem, answer] of [
  ['a block elsewhere', 'range', json({ ...GOOD, startAddress: '9.9.9.0', endAddress: '9.9.9.255' })],
  ['the whole internet', 'range', json({ ...GOOD, startAddress: '0.0.0.0', endAddress: '255.255.255.255' })],
  ['half of it', 'range', json({ ...GOOD, startAddress: '0.0.0.0', endAddress: '127.255.255.255' })],
  ['a block backwards', 'range', json({ ...GOOD, startAddress: '8.8.8.255', endAddress: '8.8.8.0' })],
  ['a block of IPv6', 'range', json({ ...GOOD, startAddress: '::', endAddress: '::ffff:ffff:ffff' })],
  ['no block', 'range', json({ objectClassName: 'ip network', name: 'X' })],
  ['a domain', 'not-network', json({ ...GOOD, objectClassName: 'domain' })],
  ['an error with status 200', 'not-network', json({ errorCode: 500, title: 'oops' })],
  ['a page', 'not-json', text('<html>Please sign in</html>', 'text/html')],
  ['half of its JSON', 'not-json', text(JSON.stringify(GOOD).slice(0, -7), 'application/rdap+json')],
  ['deep nesting', 'not-json', text('['.repeat(500_000), 'application/rdap+json')],
  ['nothing', 'not-json', text('', 'application/rdap+json')],
  ['an odd status', 'status', text('{}', 'application/rdap+json', 418)],
] as const) {
  test(`a registry that answers with ${what}: counted as ${problem}, nothing is kept`, async () => {
    await using server = await startRdapServer(answer)
    await using system = await startSystem({ baseUrls: server.baseUrls })
    assert.equal(await system.problemOf('8.8.8.8'), problem)
    assert.equal(server.asked.length, 1)
  })
}

test('JSON is taken whatever its content type is called', async () => {
  await using server = await startRdapServer(text(JSON.stringify(GOOD), 'text/plain; charset=latin-1'))
  await using system = await startSystem({ baseUrls: server.baseUrls })
  assert.equal((await system.answerTo('8.8.8.8')).holder?.name, 'EXAMPLE-NET')
})

test('a name that would break a terminal or a page is kept without its controls, and no longer than it may be', async () => {
  const name = `\u001b]0;owned\u0007<script>${'x'.repeat(300_000)}`
  await using server = await startRdapServer(json({ ...GOOD, name, entities: [] }))
  await using system = await startSystem({ baseUrls: server.baseUrls })
  const { holder } = await system.answerTo('8.8.8.8')
  assert.match(holder!.name, /^\]0;owned <script>x+$/)
  assert.deepEqual([holder!.name.length, holder!.org.length], [255, 255])
})

test('a registry that asks to be left alone is left alone as long as it says, others go on', async () => {
  await using server = await startRdapServer()
  let first = true
  server.answer = (path, ...rest) => {
    if (path.startsWith('ripe/'))
      return json(ripe({ start: '193.0.0.0', end: '193.0.7.255', name: 'N', org: 'O' }))(path, ...rest)
    const answer = first ? json({}, 429, { 'retry-after': '1' }) : json(GOOD)
    first = false
    return answer(path, ...rest)
  }
  await using system = await startSystem({ baseUrls: server.baseUrls })
  system.state('8.8.8.8')
  await until('arin said so', () => system.whois.counters.busy.get('arin') === 1)
  assert.equal((await system.answerTo('193.0.6.139')).state, 'known')
  const waits = system.whois.stats().registries.find(({ registry }) => registry === 'arin')
  assert.ok(waits!.waitsMs > 0 && waits!.queued === 1, JSON.stringify(waits))
  assert.equal((await system.answerTo('8.8.8.8')).state, 'known')
  const arinMs = server.askedAtMs.filter((_, i) => server.asked[i]!.startsWith('arin/'))
  assert.ok(arinMs.length === 2 && arinMs[1]! - arinMs[0]! >= 990, `${arinMs}`)
})

test('a registry in trouble is asked a few times, further and further apart, then the address rests', async () => {
  await using server = await startRdapServer(json({}, 503))
  await using system = await startSystem({ baseUrls: server.baseUrls })
  assert.equal(await system.problemOf('8.8.8.8'), '')
  assert.equal(server.asked.length, 5)
  assert.deepEqual([system.whois.counters.work.busy, system.whois.counters.busy.get('arin')], [5, 5])
})

test('a registry that breaks the connection is one that is away', async () => {
  await using server = await startRdapServer((_path, response) => void response.destroy())
  await using system = await startSystem({ baseUrls: server.baseUrls })
  assert.equal(await system.problemOf('8.8.8.8'), '')
  assert.equal(system.whois.counters.work.busy, 5)
})

test('a stop breaks off the question that is under way', async () => {
  await using server = await startRdapServer(() => {})
  const system = await startSystem({ baseUrls: server.baseUrls, timeoutMs: 60_000 })
  system.state('8.8.8.8')
  await until('it was asked', () => server.asked.length === 1)
  await system[Symbol.asyncDispose]()
})
