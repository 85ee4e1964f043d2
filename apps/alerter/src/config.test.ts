// What is wrong with the configuration is said with what to do.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigError, loadConfig, printConfig } from '@netbehave/service'
import { configuredChannels } from './channel-config.ts'
import { AlerterConfig } from './config.ts'

const scratch = mkdtempSync(join(tmpdir(), 'netbehave-alerter-config-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const MAIL = { SMTP_SERVER: 'mail.example.org', SMTP_RECIPIENT: 'me@example.org' }

function load(yaml: string, env: Record<string, string> = {}) {
  const path = join(mkdtempSync(join(scratch, 'case-')), 'netbehave.yaml')
  writeFileSync(path, yaml)
  return loadConfig('alerter', AlerterConfig, { argv: ['--config', path], env })
}

function findings(yaml: string, env: Record<string, string> = {}): string {
  try {
    load(yaml, env)
    return ''
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.findings.join('\n')
  }
}

test('the variables of the 2018 system configure mail', () => {
  const config = load('', { ...MAIL, SMTP_PORT: '2525', SMTP_USER: 'me', SMTP_PASSWORD: 'sesame' })
  assert.deepEqual(configuredChannels(config), ['mail'])
  assert.equal(config.mail.port, 2525)
  assert.deepEqual(config.mail.recipient, ['me@example.org'])
  assert.deepEqual(configuredChannels(load('')), [])
})

test('the same can stand in the file, and no secret is ever printed', () => {
  const config = load(`alerter:
  mail: {server: mail.example.org, recipient: [me@example.org], user: me, password: sesame}
  webhook: {url: 'https://example.org/hook/sesame?key=sesame', secret: sesame}
  ntfy: {topic: sesame-4711, token: sesame}
  syslog: {server: '[2001:db8::9]:514'}
  alerts: [{on: rule-match, channels: [ntfy], filter: dst.port=23, text: '{{rule}} by {{source}}'}]
`)
  assert.deepEqual(configuredChannels(config), ['mail', 'webhook', 'ntfy', 'syslog'])
  const printed = printConfig('alerter', AlerterConfig, config)
  assert.doesNotMatch(printed, /sesame/)
  assert.match(printed, /url: https:\/\/example\.org\/\*\*\*$/m, 'which server it is may be seen')
})

test('no secret is in a sentence about a wrong value', () => {
  const wrong = findings(
    `alerter:
  mail: {server: mail.example.org, recipient: [me@example.org], password: {a: sesame}}
  webhook: {url: example.org/sesame, secret: [sesame]}
  ntfy: {topic: 'sesame 4711', token: {a: sesame}}
`,
    { SMTP_PASSWORD: 'sesame' },
  )
  assert.doesNotMatch(wrong, /sesame/)
  assert.match(wrong, /alerter\.webhook\.url is something else \(not shown, as it is a secret\): write an address like/)
  assert.match(wrong, /alerter\.ntfy\.topic is something else \(not shown, as it is a secret\)/)
})

const WRONG: readonly (readonly [yaml: string, env: Record<string, string>, sentence: RegExp])[] = [
  [
    '',
    { SMTP_SERVER: 'mail.example.org' },
    /recipient.*mails need somebody who gets them: write for example me@example\.org/,
  ],
  ['', { SMTP_RECIPIENT: 'me@example.org' }, /server.*no server takes them: write for example mail\.example\.org/],
  ['', { ...MAIL, SMTP_PORT: '70000' }, /^SMTP_PORT is 70000; it must be a whole number from 1 to 65535/],
  ['', { ...MAIL, SMTP_RECIPIENT: 'nobody' }, /SMTP_RECIPIENT.*"nobody".*write an address like me@example\.org/],
  ['', { ...MAIL, SMTP_USER: 'me' }, /password.*the login has no password/],
  ['', { ...MAIL, SMTP_USER: 'me', SMTP_PASSWORD: 'x', ALERTER_MAIL_ENCRYPTION: 'none' }, /not sent in clear text/],
  [
    'alerter:\n  alerts: [{on: asset-gone}]',
    MAIL,
    /alerts\.0\.on is "asset-gone"; it must be one of asset-new, asset-mac/,
  ],
  [
    'alerter:\n  alerts: [{on: asset-new, text: "{{adress}} is new"}]',
    MAIL,
    /\{\{adress\}\}: there is no such value here; use one of address/,
  ],
  ['alerter:\n  alerts: [{on: asset-new, text: "{{address is new"}]', MAIL, /"\{\{" has no partner/],
  ['alerter:\n  alerts: [{on: rule-match, filter: "dst.port=="}]', MAIL, /alerts\.0\.filter.*\(at character \d+\)/],
  ['alerter:\n  alerts: [{on: asset-new, filter: dst.port=23}]', MAIL, /only alerts on rule-match take a filter/],
  [
    'alerter:\n  alerts: [{on: asset-new, channels: [ntfy]}]',
    MAIL,
    /alerts\.0\.channels.*asset-new goes to ntfy, which has no address; set alerter\.ntfy\.topic/,
  ],
  ['alerter:\n  alerts: [{on: asset-new}, {on: asset-new}]', MAIL, /two alerts are called asset-new; give one a name/],
  ['alerter:\n  quietHours: 22-7', MAIL, /quietHours.*write HH:MM-HH:MM, for example 22:00-07:00/],
  ['alerter:\n  timeZone: Mars', MAIL, /no such time zone/],
  ['alerter:\n  webhook: {url: example.org}', {}, /write an address like https:/],
  ['alerter:\n  webhook: {secret: x}', {}, /there is a key and no address/],
  ['alerter:\n  syslog: {server: somewhere}', {}, /write HOST:PORT, for example 192\.0\.2\.9:514/],
  ['alerter:\n  ntfy: {topic: "a b"}', {}, /write 1 to 64 letters/],
  ['alerter:\n  mial: {}', {}, /unknown key "alerter\.mial".*mail/],
]

for (const [yaml, env, sentence] of WRONG) {
  test(`wrong: ${yaml.replaceAll('\n', ' ')} ${JSON.stringify(env)}`, () => assert.match(findings(yaml, env), sentence))
}
