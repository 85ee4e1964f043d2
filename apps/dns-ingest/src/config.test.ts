import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, loadConfig } from '@netbehave/service'
import { DnsIngestConfig } from './config.ts'

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
