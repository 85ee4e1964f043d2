import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { ConfigError, loadConfig, printConfig } from './index.ts'

const Schema = z.strictObject({
  lingerMs: z.number().int().min(1).default(100),
  listen: z.array(z.string()).default(['0.0.0.0:2055']),
  denat: z.boolean().default(true),
  smtp: z.strictObject({ server: z.string().default('localhost'), password: z.string().default('') }).prefault({}),
})

function file(yaml: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'netbehave-config-')), 'netbehave.yaml')
  writeFileSync(path, yaml)
  return path
}
const load = (argv: string[], env: Record<string, string> = {}) => loadConfig('collector', Schema, { argv, env })
const findings = (argv: string[], env: Record<string, string> = {}): string => {
  try {
    load(argv, env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.findings.join('\n')
  }
  return assert.fail('the configuration was accepted')
}

test('defaults hold where nothing is said', () => {
  const config = load([])
  assert.equal(config.lingerMs, 100)
  assert.equal(config.site, 'home')
  assert.equal(config.smtp.server, 'localhost')
})

test('flags win over environment, environment over the file', () => {
  const path = file('site: lab\ncollector:\n  lingerMs: 5\n  listen: ["127.0.0.1:1"]\n  smtp: { server: mail }\n')
  const env = { NETBEHAVE_CONFIG: path, COLLECTOR_LINGER_MS: '6', COLLECTOR_SMTP_PASSWORD: 'x' }
  assert.equal(loadConfig('collector', Schema, { argv: [], env: { NETBEHAVE_CONFIG: path } }).lingerMs, 5)
  assert.equal(load([], env).lingerMs, 6)
  const config = load(['--linger-ms', '7', '--denat=no', '--listen', '[::]:2055,127.0.0.1:0'], env)
  assert.equal(config.lingerMs, 7)
  assert.equal(config.denat, false)
  assert.equal(config.site, 'lab')
  assert.deepEqual(config.listen, ['[::]:2055', '127.0.0.1:0'])
  assert.deepEqual(config.smtp, { server: 'mail', password: 'x' })
  const again = load(['--linger-ms', '7', '--listen', '127.0.0.1:1', '--linger-ms', '8', '--listen', '127.0.0.1:2'])
  assert.equal(again.lingerMs, 8)
  assert.deepEqual(again.listen, ['127.0.0.1:1', '127.0.0.1:2'])
})

test('a misspelled key is named with the nearest known one, wherever it stands', () => {
  assert.match(findings(['--config', file('siet: lab\n')]), /unknown key "siet"; did you mean site\?/)
  assert.match(
    findings(['--config', file('collector:\n  lingerMS: 5\n')]),
    /"collector.lingerMS"; did you mean collector.lingerMs\?/,
  )
  assert.match(findings(['--config', file('collektor: {}\n')]), /did you mean collector\?/)
  assert.match(findings(['--lingr-ms', '5']), /--lingr-ms: unknown; did you mean --linger-ms\?/)
  assert.match(
    findings([], { COLLECTOR_LINGERMS: '5' }),
    /COLLECTOR_LINGERMS: unknown variable; did you mean COLLECTOR_LINGER_MS\?/,
  )
})

test('values of the wrong type are refused with the place they came from', () => {
  assert.match(findings(['--linger-ms', 'soon']), /--linger-ms: "soon" is not a number/)
  assert.match(findings([], { COLLECTOR_DENAT: 'maybe' }), /COLLECTOR_DENAT: "maybe" is neither true nor false/)
  assert.match(findings(['--linger-ms', '0']), /lingerMs: /)
  assert.match(findings([], { NETBEHAVE_SITE: 'a.b' }), /site: use 1 to 64 letters/)
})

test('a file that was named and is not there, or is no YAML, is an error', () => {
  assert.match(findings(['--config', '/nowhere/netbehave.yaml']), /cannot be read \(ENOENT\)/)
  assert.match(findings(['--config', file('a: [1\n')]), /not YAML/)
})

test('printed configuration masks secrets', () => {
  const config = load([], { COLLECTOR_SMTP_PASSWORD: 'hunter2', NETBEHAVE_BROKER_URL: 'nats://me:hunter2@hub:4222' })
  const text = printConfig('collector', Schema, config)
  assert.doesNotMatch(text, /hunter2/)
  assert.match(text, /lingerMs: 100/)
})
