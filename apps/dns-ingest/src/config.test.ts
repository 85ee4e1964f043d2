import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigError, loadConfig } from '@netbehave/service'
import { DnsIngestConfig } from './config.ts'

const dir = mkdtempSync(join(tmpdir(), 'netbehave-dns-config-'))
after(() => rmSync(dir, { recursive: true, force: true }))

const logs = (text: string) =>
  loadConfig('dns-ingest', DnsIngestConfig, { argv: [], env: { DNS_INGEST_LOGS: text } }).logs

test('a log is a file, with the word for whose log it is before it', () => {
  assert.deepEqual(logs('/var/log/dnsmasq.log,pihole:/var/log/pihole.log,unbound:u.log,/odd:name/x,odd:name'), [
    { file: '/var/log/dnsmasq.log', source: 'auto' },
    { file: '/var/log/pihole.log', source: 'pihole' },
    { file: 'u.log', source: 'unbound' },
    { file: '/odd:name/x', source: 'auto' },
    { file: 'odd:name', source: 'auto' },
  ])
})

test('a misspelled word before the colon is told, and not taken for a file that is never there', () => {
  assert.throws(
    () => logs('pihol:/var/log/pihole.log'),
    (error: ConfigError) => {
      assert.match(error.message, /"pihol:\/var\/log\/pihole\.log": .* whose log it is: auto, dnsmasq, pihole, unbound/)
      return error instanceof ConfigError
    },
  )
})

/** What is said of a file's `logs`, without the file's name. */
function findings(entries: string): string {
  const path = join(dir, 'netbehave.yaml')
  writeFileSync(path, `dns-ingest:\n  logs: ${entries}\n`)
  try {
    loadConfig('dns-ingest', DnsIngestConfig, { argv: ['--config', path], env: {} })
    return ''
  } catch (error) {
    return (error as ConfigError).findings.join('\n').replaceAll(`${path}: dns-ingest.`, '')
  }
}

for (const [entries, sentence] of [
  ['[/a, {file: /b, source: pihole}]', ''],
  [
    '[/a, {file: /b, source: pihol}]',
    'logs.1.source is "pihol"; it must be one of auto, dnsmasq, pihole, unbound, for example auto',
  ],
  ['[{file: /a, sourc: pihole}]', 'logs.0.sourc: unknown key; did you mean source?'],
  ['[/a, {file: 7}]', 'logs.1.file is 7; it must be text'],
  ['[{source: pihole}]', 'logs.0.file is empty; it must be text'],
  [
    '[/a, 7]',
    'logs holds 7; every entry must be text, or a map of keys (file, source), for example /var/log/dnsmasq.log',
  ],
] as const) {
  test(`logs: ${entries}`, () => assert.equal(findings(entries), sentence))
}
