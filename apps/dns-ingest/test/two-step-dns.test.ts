// The shipped configuration of dnsmasq and unbound: accepted by both, and working, with a third server above that is asked over TLS.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startChild } from '@netbehave/bench'
import { ask } from '@netbehave/broker'
import { startTestBroker } from '@netbehave/broker/testing'
import { DNS_REVERSE } from '@netbehave/schema'
import {
  type Folder,
  freePort,
  missing,
  question,
  startIngest,
  startUnbound,
  temporaryFolder,
  until,
} from './programs.ts'

const ROOT = join(import.meta.dirname, '../../..')
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
const skip = missing('dnsmasq', 'unbound', 'openssl')

/** A shipped file with its paths changed, and what else a test must change; each change must bite. */
async function shipped(path: string, changes: readonly (readonly [string, string])[]): Promise<string> {
  let text = await readFile(join(ROOT, 'deploy', path), 'utf8')
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), `${path} has no ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}

/** unbound in place of the public servers, with a certificate for `names.test`. */
async function startAbove(folder: Folder, port: number) {
  const [key, cert] = [folder.file('key.pem'), folder.file('cert.pem')]
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=names.test']
  const made = spawnSync('openssl', [...args, '-addext', 'subjectAltName=DNS:names.test', '-keyout', key, '-out', cert])
  assert.equal(made.status, 0, String(made.stderr))
  const plain = await freePort()
  const tls = [
    `interface: 127.0.0.1@${port}`,
    `tls-port: ${port}`,
    `tls-service-key: "${key}"`,
    `tls-service-pem: "${cert}"`,
  ]
  const zone = ['local-zone: "test." static', 'local-data: "www.test. 60 IN A 203.0.113.5"']
  return { server: await startUnbound(folder, 'above', plain, [...tls, ...zone]), cert }
}

test('dnsmasq asks unbound, unbound asks upstream over TLS, and a block list is answered with nowhere', {
  skip,
}, async () => {
  await using folder = await temporaryFolder()
  await using broker = await startTestBroker()
  const [above, second, first] = await Promise.all([freePort(), freePort(), freePort()])
  const { server, cert } = await startAbove(folder, above)
  await using _above = server
  const upstream = folder.file('upstream.conf')
  const unboundConf = folder.file('unbound.conf')
  const writeUpstream = (name: string) =>
    writeFile(
      upstream,
      `forward-zone:\n  name: "."\n  forward-tls-upstream: yes\n  forward-addr: 127.0.0.1@${above}#${name}\n`,
    )
  const changes = [
    ['0.0.0.0@53', `127.0.0.1@${second}`],
    ['"/etc/netbehave/deploy/unbound/upstream.conf"', `"${upstream}"`],
    ['"/etc/ssl/certs/ca-certificates.crt"', `"${cert}"`],
    ['  trust-anchor-file: "/usr/share/dns/root.key"', '  do-not-query-localhost: no\n  local-zone: "test." nodefault'],
    ['"validator iterator"', '"iterator"'],
  ] as const
  await writeFile(unboundConf, await shipped('unbound/unbound.conf', changes))
  await writeUpstream('names.test')
  const log = folder.file('dnsmasq.log')
  const dnsmasqConf = folder.file('dnsmasq.conf')
  const paths = [
    ['/etc/netbehave', ROOT],
    ['/log/dnsmasq.log', log],
    ['172.31.53.2#53', `127.0.0.1#${second}`],
    ['port=53\n', `port=${first}\n`],
  ] as const
  await writeFile(
    dnsmasqConf,
    `${await shipped('dnsmasq/dnsmasq.conf', paths)}listen-address=127.0.0.1\nbind-interfaces\nuser=root\n`,
  )
  await using _unbound = startChild('unbound', ['-d', '-c', unboundConf], { env })
  await using _dnsmasq = startChild('dnsmasq', ['-k', `--conf-file=${dnsmasqConf}`, '--pid-file='], { env })
  await using _ingest = await startIngest(broker.url, folder, { DNS_INGEST_LOGS: log })

  const answer = (name: string) => question(first, '127.0.0.21', name)
  await until('the whole chain answers', async () => (await answer('www.test'))[0] === '203.0.113.5')
  assert.deepEqual(await answer('blocked.invalid'), ['0.0.0.0'])
  const asker = broker.connect('analyst')
  const lookups = [{ address: '203.0.113.5', site: 'home', client: '127.0.0.21' }]
  const found = await until(
    'the name is known',
    async () => (await ask(asker, DNS_REVERSE, { lookups })).answers[0] ?? undefined,
  )
  assert.deepEqual([found.name, found.how], ['www.test', 'client'])
})

test('a server above whose certificate has another name is not believed', { skip }, async () => {
  await using folder = await temporaryFolder()
  const [above, second] = await Promise.all([freePort(), freePort()])
  const { server, cert } = await startAbove(folder, above)
  await using _above = server
  const forward = (name: string) =>
    `forward-zone:\n  name: "."\n  forward-tls-upstream: yes\n  forward-addr: 127.0.0.1@${above}#${name}\n`
  for (const [name, wanted] of [
    ['names.test', '203.0.113.5'],
    ['other.test', 'ESERVFAIL'],
  ] as const) {
    const lines = ['do-not-query-localhost: no', `tls-cert-bundle: "${cert}"`, 'local-zone: "test." nodefault']
    await using _unbound = await startUnbound(folder, 'second', second, lines, forward(name))
    assert.deepEqual(await question(second, '127.0.0.21', 'www.test'), [wanted])
  }
})

test('both programs accept the shipped files as they are', {
  skip: missing('dnsmasq', 'unbound-checkconf'),
}, async () => {
  await using folder = await temporaryFolder()
  const anchor = folder.file('root.key')
  await writeFile(anchor, '. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n')
  const unboundConf = folder.file('unbound.conf')
  const text = await shipped('unbound/unbound.conf', [
    ['/etc/netbehave', ROOT],
    ['/usr/share/dns/root.key', anchor],
  ])
  await writeFile(unboundConf, text)
  const unbound = spawnSync('unbound-checkconf', [unboundConf], { env, encoding: 'utf8' })
  assert.equal(unbound.status, 0, unbound.stderr)
  const dnsmasqConf = folder.file('dnsmasq.conf')
  await writeFile(dnsmasqConf, await shipped('dnsmasq/dnsmasq.conf', [['/etc/netbehave', ROOT]]))
  const dnsmasq = spawnSync('dnsmasq', ['--test', `--conf-file=${dnsmasqConf}`], { env, encoding: 'utf8' })
  assert.equal(dnsmasq.status, 0, dnsmasq.stderr)
})
