// `broker check` and `broker rotate` against a real nats-server: one that runs on a folder of `broker init`, with TLS, and that of `up`.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import {
  type AccessAnswer,
  type BrokerConfig,
  connectBroker,
  createPublisher,
  endpoint,
  type Role,
  serve,
} from '@netbehave/broker'
import { silentLog } from '@netbehave/broker/testing'
import { DNS_FLUSH, DNS_INFO } from '@netbehave/schema'
import { type Running, runCommand, startFixtureUp } from './command.ts'
import { startHub, type TestHub } from './hub.ts'

let hub: TestHub
before(async () => {
  hub = await startHub('--site', 'home', '--site', 'branch')
  const { code, stderr } = await runCommand(['broker', 'streams', '--dir', hub.dir, '--broker-url', url()])
  assert.equal(code, 0, stderr)
})
after(() => hub[Symbol.asyncDispose]())

const url = () => `tls://${hub.address}`
const check = (...more: string[]) => runCommand(['broker', 'check', '--dir', hub.dir, '--broker-url', url(), ...more])
const rotate = (...more: string[]) => runCommand(['broker', 'rotate', ...more, '--dir', hub.dir])
const connect = (role: Role, folder: string, more: Partial<BrokerConfig> = {}) => {
  const config = {
    brokerUrl: url(),
    brokerCa: join(hub.dir, 'tls', 'ca.pem'),
    brokerKeys: join(hub.dir, 'keys', folder),
  }
  return connectBroker({ ...config, instance: 'test', ...more }, role, silentLog)
}
const change = async (file: string, edit: (text: string) => string) => {
  const path = join(hub.dir, file)
  await writeFile(path, edit(await readFile(path, 'utf8')))
  hub.reload()
}

test('a broker as it should be: more than 300 questions, no difference, and nothing is left behind or acted on', async () => {
  await using keeper = connect('flow-admin', 'ops')
  const manager = await (await keeper.jetstream()).jetstreamManager()
  const states = async () =>
    (await manager.streams.list().next()).map(({ config, state }) => [config.name, state.last_seq])
  const before = await states()
  const asked: string[] = []
  await using service = connect('dns-service', 'dns-ingest')
  const endpoints = [
    endpoint(DNS_INFO, () => assert.fail(`${asked.push('info')}`)),
    endpoint(DNS_FLUSH, () => assert.fail(`${asked.push('flush')}`)),
  ]
  await using serving = serve(service, silentLog, endpoints, { version: '1.0.0', description: 'for tests' })
  await serving.ready
  const { code, stdout, stderr } = await check('-o', 'json')
  assert.equal(code, 0, stderr)
  const answers: AccessAnswer[] = JSON.parse(stdout)
  assert.ok(answers.length >= 300, String(answers.length))
  assert.deepEqual(Object.keys(answers[0]!).sort(), ['action', 'expected', 'got', 'role', 'subject'])
  const of = (role: string, subject: string) => answers.find((row) => row.role === role && row.subject === subject)
  assert.equal(of('gw-admin', 'dns.admin.flush')?.got, 'allowed')
  assert.equal(of('enricher', 'dns.admin.flush')?.got, 'refused')
  assert.equal(of('collector-home', 'flows.raw.branch')?.got, 'refused')
  assert.equal(of('collector-branch', 'flows.raw.branch')?.got, 'allowed')
  assert.deepEqual(asked, [])
  assert.equal(serving.counters.requests, 0)
  assert.deepEqual(await states(), before)
})

test('the table names who may; a service that does not run is told apart from a difference', async () => {
  const { code, stdout, stderr } = await check()
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^MAY +SUBJECT +ROLES$/m)
  assert.match(stdout, /^publish +flows\.raw\.branch +collector-branch$/m)
  assert.match(stdout, /^publish +\$JS\.API\.STREAM\.PURGE\.FLOWS +-$/m)
  assert.match(stdout, /^request +whois\.ro\.lookup +\?$/m)
  assert.match(stderr, /nobody answers now on .*whois\.ro\.lookup.*, so who may ask there is not known/)
})

test('what differs is a sentence each, with what to do, and exit code 1', async () => {
  const conf = await readFile(join(hub.dir, 'hub.conf'), 'utf8')
  const keys = await readFile(join(hub.dir, 'public-keys.env'), 'utf8')
  await change('hub.conf', (text) =>
    text.replace('"flows.enriched.*",', '"flows.enriched.*", "flows.raw.home",').replace('"events.rule.*",', ''),
  )
  await change('public-keys.env', (text) =>
    text.replace(/^(NK_ARCHIVER=).*$/m, '$1UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4'),
  )
  const result = await until(async () => {
    const checked = await check()
    return checked.code === 1 ? checked : undefined
  })
  assert.match(result.stderr, /3 differences:\n/)
  assert.match(result.stderr, /^ {2}the broker does not know the key of archiver$/m)
  assert.match(result.stderr, /^ {2}enricher may publish to flows\.raw\.home, and should not$/m)
  assert.match(result.stderr, /^ {2}enricher may not publish to events\.rule\.match, and should$/m)
  assert.match(
    result.stderr,
    /netbehave broker init --dir \S+ writes it anew, nats-server --signal reload has it read\.\n$/,
  )
  await change('public-keys.env', () => keys)
  await change('hub.conf', () => conf)
})

test('a rotated key: both are good after the reload, until --finish; the app needs no restart', async () => {
  await using app = connect('collector', 'collector', { site: 'home' })
  const formerKeys = await mkdtemp(join(tmpdir(), 'netbehave-former-'))
  await writeFile(
    join(formerKeys, 'collector-home.seed'),
    await readFile(join(hub.dir, 'keys/collector/collector-home.seed')),
  )
  await app.connected
  const first = await rotate('collector-home')
  assert.equal(first.code, 0, first.stderr)
  assert.match(
    first.stdout,
    /1\. nats-server --signal reload .*\n {2}2\. where collector-home runs elsewhere: copy .*\n {2}3\. netbehave broker rotate collector-home .* --finish\n/,
  )
  const twice = await rotate('collector-home')
  assert.equal(twice.code, 64)
  assert.match(twice.stderr, /the hub still knows a former key of collector-home: end that first with .* --finish/)
  hub.reload()
  const isTaken = async (folder: string) => {
    await using broker = connect('collector', 'collector', { site: 'home', brokerKeys: folder, giveUp: true })
    return await broker.connected.then(
      () => true,
      () => false,
    )
  }
  await until(() => isTaken(join(hub.dir, 'keys/collector')))
  assert.equal(await isTaken(formerKeys), true)
  const finish = await rotate('collector-home', '--finish')
  assert.equal(finish.code, 0, finish.stderr)
  hub.reload()
  await until(async () => !(await isTaken(formerKeys)))
  await until(() => app.isConnected)
  assert.equal(await isTaken(join(hub.dir, 'keys/collector')), true)
  assert.match((await rotate('collector-home', '--finish')).stdout, /knows no former key of collector-home/)
  await rm(formerKeys, { recursive: true })
})

test('a key that is not there is one sentence with those that are', async () => {
  const { code, stderr } = await rotate('collector-cabin')
  assert.equal(code, 64)
  assert.match(
    stderr,
    /^netbehave: there is no key collector-cabin; there are collector-home, collector-branch, enricher,/,
  )
})

test('under up: check finds no difference; a rotated key is taken at once, nothing is lost and nobody else is disturbed', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'netbehave-up-'))
  await using up: Running = startFixtureUp(dataDir)
  await up.until(/"ready":true/, 'stdout')
  const { nats, keys } = JSON.parse(await readFile(join(dataDir, 'run', 'netbehave.json'), 'utf8'))
  const checked = await runCommand(['broker', 'check', '--data', dataDir])
  assert.equal(checked.code, 0, checked.stderr)
  assert.match(checked.stdout, /^publish +flows\.raw\.home +collector-home$/m)

  const address = { brokerUrl: nats, brokerKeys: keys, instance: 'test' }
  await using collector = connectBroker(address, 'collector', silentLog)
  await using archiver = connectBroker(address, 'archiver', silentLog)
  await Promise.all([collector.connected, archiver.connected])
  await using publisher = createPublisher(collector, silentLog)
  const pushed: Promise<boolean>[] = []
  const pushing = setInterval(() => {
    const id = `rotate-${pushed.length}`
    pushed.push(publisher.push({ subject: 'flows.raw.home', id, bytes: new Uint8Array(10), flows: 1 }))
  }, 5)
  using _pushing = { [Symbol.dispose]: () => clearInterval(pushing) }
  const rotated = await runCommand(['broker', 'rotate', 'collector-home', '--data', dataDir])
  assert.equal(rotated.code, 0, rotated.stderr)
  assert.match(
    `${rotated.stdout}${up.stderr}`,
    /nats-server takes it and refuses the former one; collector-home signs in with it by itself/,
  )
  await until(() => collector.counters.reconnects > 0)
  clearInterval(pushing)
  assert.deepEqual(new Set(await Promise.all(pushed)), new Set([true]))
  await using keeper = connectBroker(address, 'flow-admin', silentLog)
  const manager = await (await keeper.jetstream()).jetstreamManager()
  assert.equal((await manager.streams.info('FLOWS_RAW')).state.messages, pushed.length)
  assert.equal(archiver.counters.disconnects, 0)
  const again = await runCommand(['broker', 'check', '--data', dataDir])
  assert.equal(again.code, 0, again.stderr)
  up.signal('SIGTERM')
  await up.ended
  await rm(dataDir, { recursive: true, force: true })
})
