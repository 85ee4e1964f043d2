// Adding a site, and the box of that site beside a real hub: the file that one writes and the other reads, and the line between.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { connectBroker, sitesOf } from '@netbehave/broker'
import { parse } from 'yaml'
import { runCommand, runFile, startFixtureUp, temporaryFolder, untilReady } from './command.ts'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const addSite = (cwd: string, name: string, ...args: string[]) =>
  runCommand(['broker', 'add-site', name, '--hub', '127.0.0.1:7422', ...args], { cwd })

test('the file of a site is only for its owner, holds all that the box needs, and is the same when it is written again', async () => {
  await using folder = await temporaryFolder()
  const first = await addSite(folder.path, 'cabin')
  assert.equal(first.code, 0, first.stderr)
  const path = join(folder.path, 'cabin.site.yaml')
  const text = await readFile(path, 'utf8')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  const { key, ca, ...rest } = parse(text) as Record<string, string>
  assert.deepEqual(rest, { site: 'cabin', hub: '127.0.0.1:7422', keepMiB: 10_240 })
  assert.match(key!, /^SU[A-Z2-7]{56}$/)
  assert.match(ca!, /^-----BEGIN CERTIFICATE-----/)
  assert.match(first.stdout, /netbehave up --site cabin/)
  assert.doesNotMatch(first.stdout, /SU[A-Z2-7]{56}/, 'the key is not printed')
  assert.equal((await addSite(folder.path, 'cabin')).code, 0)
  assert.equal(await readFile(path, 'utf8'), text)
})

test('names that cannot be a site, and an address without a port, are refused with what to do', async () => {
  await using folder = await temporaryFolder()
  for (const [name, hub, sentence] of [
    ['a.b', '127.0.0.1:7422', /cannot be the name of a site: use 1 to 64 letters/],
    ['hub', '127.0.0.1:7422', /choose another name/],
    ['home', '127.0.0.1:7422', /the hub's own collector is the site home: choose another name/],
    ['cabin', 'hub.example', /write HOST:PORT as the site reaches it/],
  ] as const) {
    const { code, stderr } = await runCommand(['broker', 'add-site', name, '--hub', hub], { cwd: folder.path })
    assert.equal(code, 64, stderr)
    assert.match(stderr, sentence)
  }
})

test('a hub of broker init takes sites in its configuration, and nats-server takes that', async () => {
  await using folder = await temporaryFolder()
  const made = await runCommand(['broker', 'init', '--dir', 'hub'], { cwd: folder.path })
  assert.equal(made.code, 0, made.stderr)
  const first = await addSite(folder.path, 'cabin', '--dir', 'hub', '--keep-mib', '512')
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stdout, /start nats-server again on .*hub\.conf/)
  const second = await addSite(folder.path, 'office', '--dir', 'hub')
  assert.match(second.stdout, /start nats-server again on .*\n\s+netbehave broker streams --dir hub/)
  const settings = JSON.parse(await readFile(join(folder.path, 'hub', 'hub.json'), 'utf8')) as Record<string, unknown>
  assert.deepEqual(settings.leafSites, ['cabin', 'office'])
  const conf = join(folder.path, 'hub', 'hub.conf')
  assert.doesNotMatch(await readFile(conf, 'utf8'), /SU[A-Z2-7]{56}/)
  const checkConfiguration = () =>
    execFileSync(process.env.NATS_SERVER_BIN ?? 'nats-server', ['-t', '-c', conf], { stdio: 'ignore' })
  checkConfiguration()
  for (const name of ['cabin', 'office']) {
    const removed = await runCommand(['broker', 'remove-site', name, '--dir', 'hub'], { cwd: folder.path })
    assert.equal(removed.code, 0, removed.stderr)
    assert.match(removed.stdout, /start nats-server again .*\n\s+netbehave broker streams --dir hub/)
    assert.doesNotMatch(await readFile(conf, 'utf8'), new RegExp(`NK_LEAF_${name}`, 'i'))
    checkConfiguration()
  }
})

test('a site is added to a hub that runs, its box has a line, and none any more once the site is removed', async () => {
  await using folder = await temporaryFolder()
  await using hubFolder = await temporaryFolder()
  const address = `127.0.0.1:${await freePort()}`
  const file = join(folder.path, 'cabin.site.yaml')
  const data = ['--data', hubFolder.path, '--out', file]
  await using hub = startFixtureUp(hubFolder.path)
  await untilReady(hub)
  const { natsPid } = await runFile(hubFolder.path)
  const added = await runCommand(['broker', 'add-site', 'cabin', '--hub', address, ...data], { cwd: hubFolder.path })
  assert.equal(added.code, 0, added.stderr)
  assert.match(added.stdout, /"netbehave up" sees it within seconds/)
  await hub.until(/nats-server runs again/, 'stderr')
  const after = await runFile(hubFolder.path)
  assert.notEqual(after.natsPid, natsPid)
  assert.deepEqual(after.deaths, {}, 'a start that was wanted is no death')
  const { nats: brokerUrl, keys: brokerKeys } = after
  const quiet = { info() {}, warn() {}, error() {} }
  await using admin = connectBroker(
    { brokerUrl, brokerKeys: brokerKeys!, instance: 'test', site: 'home' },
    'flow-admin',
    quiet,
  )
  const sitesAtHub = async () => {
    const stream = await (await admin.jetstream()).streams.get('FLOWS_RAW')
    return sitesOf(await stream.info()).map(({ name }) => name)
  }
  await until('the hub knows the site', () =>
    sitesAtHub().then(
      (names) => names.includes('cabin'),
      () => false,
    ),
  )
  await using site = startFixtureUp(folder.path, { site: 'cabin' })
  const ready = (await untilReady(site)) as object
  assert.deepEqual(Object.keys(ready), ['ready', 'nats', 'collector', 'site', 'hub'])
  assert.equal((ready as { hub: string }).hub, `tls://${address}`)
  await site.until(/connected to the hub/, 'stderr')
  assert.deepEqual((await runFile(folder.path)).apps, ['collector'])
  await until('the run file says that there is a line', async () => (await runFile(folder.path)).hub?.isThere === true)
  const conf = join(folder.path, 'nats', 'nats.conf')
  assert.equal((await stat(conf)).mode & 0o777, 0o600, 'the key is in it')

  const remove = () => runCommand(['broker', 'remove-site', 'cabin', '--data', hubFolder.path], { cwd: hubFolder.path })
  const removed = await remove()
  assert.equal(removed.code, 0, removed.stderr)
  await site.until(/no line to the hub .*/, 'stderr')
  await until('the site has no line', async () => (await runFile(folder.path)).hub?.isThere === false)
  await until('the hub knows of no site', () =>
    sitesAtHub().then(
      (names) => names.length === 0,
      () => false,
    ),
  )
  const keys = await readdir(join(hubFolder.path, 'nats', 'keys'))
  assert.ok(keys.includes('enricher.seed') && !keys.includes('leaf-cabin.seed'))
  const again = await remove()
  assert.equal(again.code, 64)
  assert.match(again.stderr, /there is no site cabin with a server of its own here; there is none/)
})

test('a file that is missing, of another site or damaged is one sentence that says what to do', async () => {
  await using folder = await temporaryFolder()
  const up = (...args: string[]) => runCommand(['up', '--data', folder.path, ...args], { cwd: folder.path })
  const missing = await up('--site', 'cabin', '--hub', 'tls://127.0.0.1:7422')
  assert.equal(missing.code, 78)
  assert.match(
    missing.stderr,
    /the site cabin has no cabin\.site\.yaml, .*netbehave broker add-site cabin --hub HOST:PORT/,
  )
  await addSite(folder.path, 'office')
  const other = await up('--site', 'cabin', '--site-file', 'office.site.yaml')
  assert.equal(other.code, 78)
  assert.match(other.stderr, /office\.site\.yaml is for the site office, and not for cabin/)
  await writeFile(join(folder.path, 'cabin.site.yaml'), 'site: cabin\nhub: 127.0.0.1:7422\nkey: none\nca: none\n')
  const damaged = await up('--site', 'cabin')
  assert.equal(damaged.code, 78)
  assert.match(
    damaged.stderr,
    /cabin\.site\.yaml cannot be used: key: this is no key; let the hub write the file again/,
  )
})
