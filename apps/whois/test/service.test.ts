// The program as it runs: its main.ts, a real broker, registries on loopback.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '@netbehave/bench'
import { ask, type Broker, RequestFault } from '@netbehave/broker'
import { startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { WHOIS_FLUSH, WHOIS_INFO, WHOIS_LOOKUP, WHOIS_PUT, WHOIS_STATS } from '@netbehave/schema'
import { arin } from './answers.ts'
import { json, type RdapServer, startRdapServer } from './rdap-server.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const GOOD = arin({ start: '8.8.8.0', end: '8.8.8.255', name: 'EXAMPLE-NET', org: 'Example Networks' })

let server: TestBroker
let registries: RdapServer
let asker: Broker
let directory: string
const children: ChildProcess[] = []

before(async () => {
  server = await startTestBroker()
  registries = await startRdapServer(json(GOOD))
  asker = server.connect('analyst')
  directory = await mkdtemp(join(tmpdir(), 'netbehave-whois-service-'))
})
after(async () => {
  for (const child of children) child.kill('SIGKILL')
  await registries[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<number | string>
  readonly log: () => string
}

async function start(env: Record<string, string> = {}): Promise<Running> {
  const bases = Object.entries(registries.baseUrls).map(([name, url]) => [
    `WHOIS_REGISTRIES_${name.toUpperCase()}`,
    url,
  ])
  const child = spawn(process.execPath, [MAIN], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...{ PATH: process.env.PATH, NETBEHAVE_BROKER_URL: server.url, NETBEHAVE_DATA_DIR: directory },
      ...{
        WHOIS_ENABLED: 'true',
        WHOIS_REFRESH_DAYS: '0',
        WHOIS_REQUESTS_PER_SECOND: '10',
        ...Object.fromEntries(bases),
      },
      ...env,
    },
  })
  children.push(child)
  let log = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const ended = new Promise<number | string>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal!)),
  )
  await Promise.race([
    until('it is ready', () => log.includes('"ready"')),
    ended.then((code) => assert.fail(`ended with ${code}: ${log}`)),
  ])
  await until('it serves', () =>
    ask(asker, WHOIS_INFO, {}, { timeoutMs: 500 }).then(
      () => true,
      () => false,
    ),
  )
  return { child, ended, log: () => log }
}

const lookup = async (address: string) => (await ask(asker, WHOIS_LOOKUP, { addresses: [address] })).holders[0]!
const answerTo = (address: string) =>
  until(`${address} is answered`, async () => {
    const answer = await lookup(address)
    return answer.state !== 'queued' && answer
  })

test('it answers at once, asks in the background, and keeps what it heard over kill -9', async () => {
  const first = await start()
  assert.deepEqual((await lookup('8.8.8.8')).state, 'queued')
  assert.equal((await answerTo('8.8.8.8')).holder?.org, 'Example Networks')
  first.child.kill('SIGKILL')
  await first.ended

  const second = await start()
  assert.equal((await lookup('8.8.8.77')).state, 'known')
  assert.deepEqual(registries.asked, ['arin/ip/8.8.8.8'])
  second.child.kill('SIGTERM')
  assert.equal(await second.ended, 0, second.log())
})

test('its other subjects: info, put, flush, stats', async () => {
  const running = await start()
  const info = await ask(asker, WHOIS_INFO, {})
  assert.deepEqual([info.enabled, info.known, info.none, info.bootstrap.ipv4.fetchedMs], [true, 1, 0, null])
  const holder = {
    name: 'PUT-NET',
    org: 'Put',
    registry: 'ripe',
    country: 'NL',
    startAddress: '9.9.9.0',
    endAddress: '9.9.9.255',
  } as const
  assert.deepEqual(await ask(asker, WHOIS_PUT, { holders: [holder, { ...holder, endAddress: '9.0.0.0' }] }), {
    stored: 1,
    refused: 1,
  })
  assert.equal((await lookup('9.9.9.9')).holder?.name, 'PUT-NET')
  assert.equal((await ask(asker, WHOIS_STATS, {})).counters.put, 1)
  assert.deepEqual(await ask(asker, WHOIS_FLUSH, { what: 'all' }), { removed: 2 })
  assert.equal((await ask(asker, WHOIS_INFO, {})).known, 0)
  await assert.rejects(
    ask(asker, WHOIS_LOOKUP, { addresses: ['x'] }),
    (error) => error instanceof RequestFault && error.code === 400,
  )
  running.child.kill('SIGTERM')
  assert.equal(await running.ended, 0)
})

test('switched off it tells what is kept and asks nobody', async () => {
  const before = registries.asked.length
  const running = await start({ WHOIS_ENABLED: 'false' })
  assert.deepEqual([(await lookup('8.8.4.4')).state, (await lookup('10.0.0.1')).state], ['off', 'none'])
  assert.equal((await ask(asker, WHOIS_INFO, {})).enabled, false)
  running.child.kill('SIGTERM')
  assert.equal(await running.ended, 0)
  assert.equal(registries.asked.length, before)
})
