// `broker init` and `broker streams` against a real nats-server that runs on what they wrote.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestBroker } from '@netbehave/broker/testing'
import { runCommand } from './command.ts'
import { startHub, type TestHub } from './hub.ts'

let hub: TestHub
before(async () => {
  hub = await startHub('--host', 'hub.example', '--site', 'home', '--site', 'branch')
})
after(() => hub[Symbol.asyncDispose]())

const seedsOf = (folder: string) => readdirSync(join(hub.dir, 'keys', folder)).sort()

test('broker init gives each app a folder with exactly its keys, readable by their owner only', () => {
  assert.deepEqual(seedsOf('enricher'), ['enricher-sightings.seed', 'enricher.seed'])
  assert.deepEqual(seedsOf('collector'), ['collector-branch.seed', 'collector-home.seed'])
  assert.deepEqual(seedsOf('ops'), ['admin.seed', 'analyst.seed', 'flow-admin.seed', 'sys.seed'])
  for (const folder of readdirSync(join(hub.dir, 'keys'))) {
    assert.equal(statSync(join(hub.dir, 'keys', folder)).mode & 0o777, 0o700)
    for (const seed of seedsOf(folder)) {
      assert.equal(statSync(join(hub.dir, 'keys', folder, seed)).mode & 0o777, 0o600)
    }
  }
  assert.equal(statSync(join(hub.dir, 'tls', 'ca.key')).mode & 0o777, 0o600)
  assert.equal(statSync(join(hub.dir, 'tls', 'hub.key')).mode & 0o777, 0o600)
})

test('no secret is in what nats-server and others read', () => {
  const keys = readFileSync(join(hub.dir, 'public-keys.env'), 'utf8')
  assert.match(keys, /^NK_COLLECTOR_BRANCH=U[A-Z2-7]{55}$/m)
  assert.match(readFileSync(join(hub.dir, 'hub.conf'), 'utf8'), /"nkey": \$NK_COLLECTOR_BRANCH\b/)
  for (const file of ['public-keys.env', 'hub.conf', 'hub.json'])
    assert.doesNotMatch(readFileSync(join(hub.dir, file), 'utf8'), /SU[A-Z2-7]{56}|PRIVATE KEY/)
})

test('run again it changes nothing; a new site and a new host name are added, and what was there stays', async () => {
  const again = await runCommand(['broker', 'init', '--dir', hub.dir])
  assert.deepEqual([again.code, again.stdout], [0, `nothing was missing in ${hub.dir}\n`])
  const before = readFileSync(join(hub.dir, 'public-keys.env'), 'utf8').trim().split('\n')
  const ca = readFileSync(join(hub.dir, 'tls', 'ca.pem'), 'utf8')
  const more = await runCommand(['broker', 'init', '--dir', hub.dir, '--site', 'cabin', '--host', '192.0.2.9'])
  assert.match(more.stdout, /made .*keys\/collector: collector-cabin\.seed/)
  assert.match(
    more.stdout,
    /made .*hub\.pem and hub\.key for .*hub\.example, 192\.0\.2\.9 \(the one before: it lacks 192\.0\.2\.9\)/,
  )
  assert.match(more.stdout, /nats-server --signal reload/)
  const after = readFileSync(join(hub.dir, 'public-keys.env'), 'utf8').trim().split('\n')
  assert.deepEqual(
    after.filter((line) => !line.startsWith('NK_COLLECTOR_CABIN=')),
    before,
  )
  assert.equal(readFileSync(join(hub.dir, 'tls', 'ca.pem'), 'utf8'), ca)
})

test('for a container network: no certificates, and paths as nats-server sees them; without --listen only loopback', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-hub-'))
  const made = await runCommand([
    'broker',
    'init',
    '--dir',
    dir,
    '--no-tls',
    '--mounted-at',
    '/broker',
    '--store',
    '/data/js',
  ])
  assert.equal(made.code, 0, made.stderr)
  assert.match(made.stdout, /nats-server -c \/broker\/hub\.conf\n/)
  assert.doesNotMatch(made.stdout, /NETBEHAVE_BROKER_CA/)
  const conf = readFileSync(join(dir, 'hub.conf'), 'utf8')
  assert.match(conf, /^listen: "127\.0\.0\.1:4222"$/m)
  assert.match(conf, /"store_dir": "\/data\/js"/)
  assert.doesNotMatch(conf, /tls/)
  assert.deepEqual(readdirSync(dir).sort(), ['hub.conf', 'hub.json', 'keys', 'public-keys.env'])
  const listen = await runCommand(['broker', 'init', '--dir', dir, '--listen', '0.0.0.0:4222'])
  assert.match(listen.stdout, /changed .*hub\.json\nchanged .*hub\.conf\n/)
  assert.match(readFileSync(join(dir, 'hub.conf'), 'utf8'), /^listen: "0\.0\.0\.0:4222"$/m)
  const wrong = await runCommand(['broker', 'init', '--dir', dir, '--listen', 'nowhere'])
  assert.deepEqual([wrong.code, wrong.stderr], [64, 'netbehave: --listen: write HOST:PORT, for example 0.0.0.0:4222\n'])
  await rm(dir, { recursive: true })
})

test('broker streams makes the streams over TLS with the key of flow-admin, and may be run again', async () => {
  for (let run = 0; run < 2; run++) {
    const { code, stderr } = await runCommand([
      'broker',
      'streams',
      '--dir',
      hub.dir,
      '--broker-url',
      `tls://${hub.address}`,
    ])
    assert.equal(code, 0, stderr)
    assert.match(stderr, /streams and consumers are in place/)
  }
})

test('broker streams makes what is missing on a broker without keys', async () => {
  await using broker = await startTestBroker()
  const manager = await (await broker.connect('flow-admin').jetstream()).jetstreamManager()
  for (const stream of ['FLOWS_RAW', 'FLOWS', 'EVENTS']) await manager.streams.delete(stream)
  const { code, stderr } = await runCommand(['broker', 'streams', '--broker-url', broker.url])
  assert.equal(code, 0, stderr)
  assert.equal((await manager.consumers.info('FLOWS', 'archiver')).config.ack_policy, 'explicit')
})

test('broker streams --replicas is 1, 3 or 5, and no more than the cluster has servers', async () => {
  const two = await runCommand(['broker', 'streams', '--replicas', '2'])
  assert.equal(two.code, 64)
  assert.match(two.stderr, /--replicas is "2": write 1, 3 or 5/)
  await using broker = await startTestBroker()
  const three = await runCommand(['broker', 'streams', '--broker-url', broker.url, '--replicas', '3'])
  assert.equal(three.code, 1)
  assert.match(
    three.stderr,
    /does not take the streams \(it is not in a cluster, and keeps one copy where 3 are asked for\)/,
  )
})

test('a broker that does not answer, a folder that is none, and sites too alike are one sentence each', async () => {
  const away = await runCommand(['broker', 'streams', '--broker-url', 'nats://127.0.0.1:9'])
  assert.deepEqual(
    [away.code, away.stderr],
    [69, 'netbehave: the broker at nats://127.0.0.1:9 does not answer; is NetBehave running there?\n'],
  )
  const none = await runCommand(['broker', 'streams', '--dir', '/nowhere'])
  assert.deepEqual(
    [none.code, none.stderr],
    [66, 'netbehave: /nowhere is no folder of a hub: make one with netbehave broker init --dir /nowhere\n'],
  )
  const alike = await runCommand(['broker', 'init', '--dir', hub.dir, '--site', 'Branch'])
  assert.equal(alike.code, 64)
  assert.match(alike.stderr, /^netbehave: the sites branch and Branch are too alike: both keys would be NK_BRANCH\n$/)
})
