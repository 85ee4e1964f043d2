import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { APPS_DIR, listApps } from './apps.ts'
import { chooseApps } from './wanted.ts'

const directory = mkdtempSync(join(tmpdir(), 'netbehave-wanted-'))
after(() => rmSync(directory, { recursive: true }))

function choose(yaml: string, env: Record<string, string> = {}) {
  const file = join(directory, 'netbehave.yaml')
  writeFileSync(file, yaml)
  const { wanted, off } = chooseApps(listApps(APPS_DIR), file, env)
  return {
    whois: wanted.some(({ name }) => name === 'whois'),
    off: off.map(({ name }) => name),
    others: wanted.length > 3,
  }
}

test('whois is started only when it is switched on, in the file or in the environment, which goes first', () => {
  assert.deepEqual(choose('site: home'), { whois: false, off: [], others: true })
  assert.deepEqual(choose('whois:\n  enabled: true'), { whois: true, off: [], others: true })
  assert.deepEqual(choose('', { WHOIS_ENABLED: 'on' }), { whois: true, off: [], others: true })
  assert.deepEqual(choose('whois:\n  enabled: true', { WHOIS_ENABLED: 'off' }).whois, false)
})

test('an app that is off and yet configured is named, so that mistakes in its keys are told', () => {
  for (const yaml of ['whois:', 'whois:\n  enabled: false', 'whois:\n  enabeld: true', 'whois: yes please'])
    assert.deepEqual(choose(yaml), { whois: false, off: ['whois'], others: true }, yaml)
  assert.deepEqual(choose('', { WHOIS_PROXY: 'http://proxy.example' }).off, ['whois'])
})

test('what is no switch is taken for on: the app then says what is wrong with it', () => {
  assert.equal(choose('whois:\n  enabled: maybe').whois, true)
})

test('a file that is missing or no YAML wants nothing', () => {
  const missing = chooseApps(listApps(APPS_DIR), join(directory, 'missing.yaml'), {})
  assert.deepEqual(missing.off, [])
  assert.equal(choose('whois: [').whois, false)
})

test('dns-ingest is started only when there are logs to read, or a mode is said', () => {
  const isWanted = (yaml: string, env: Record<string, string> = {}) => {
    const file = join(directory, 'netbehave.yaml')
    writeFileSync(file, yaml)
    return chooseApps(listApps(APPS_DIR), file, env).wanted.some(({ name }) => name === 'dns-ingest')
  }
  assert.equal(isWanted(''), false)
  assert.equal(isWanted('dns-ingest:\n  logs: []\n  cacheMax: 1024'), false)
  assert.equal(isWanted('dns-ingest:\n  logs: [/var/log/dnsmasq.log]'), true)
  assert.equal(isWanted('dns-ingest:\n  logs:\n    - file: /var/log/dnsmasq.log'), true)
  assert.equal(isWanted('dns-ingest:\n  mode: cache'), true)
  assert.equal(isWanted('', { DNS_INGEST_LOGS: '/var/log/dnsmasq.log' }), true)
})

test('the alerter is started only when a channel has an address', () => {
  const isWanted = (yaml: string, env: Record<string, string> = {}) => {
    const file = join(directory, 'netbehave.yaml')
    writeFileSync(file, yaml)
    return chooseApps(listApps(APPS_DIR), file, env).wanted.some(({ name }) => name === 'alerter')
  }
  assert.equal(isWanted(''), false)
  assert.equal(isWanted('alerter:\n  learningMs: 0\n  mail: {port: 25}\n  webhook:'), false)
  assert.equal(isWanted('alerter:\n  mail: {server: mail.example.org}'), true)
  assert.equal(isWanted('alerter:\n  ntfy: {topic: netbehave-4711}'), true)
  assert.equal(isWanted('', { SMTP_SERVER: 'mail.example.org' }), true)
  assert.equal(isWanted('', { ALERTER_WEBHOOK_URL: 'https://example.org/hook' }), true)
})
