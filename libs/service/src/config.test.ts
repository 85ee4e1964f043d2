import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { ConfigError, loadConfig, printConfig } from './index.ts'

const scratch = mkdtempSync(join(tmpdir(), 'netbehave-config-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const Schema = z.strictObject({
  lingerMs: z.number().int().min(1).default(100),
  listen: z.array(z.string()).min(1).default(['0.0.0.0:2055']),
  denat: z.boolean().default(true),
  share: z.number().min(0).max(1).default(0.5),
  keepDays: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .meta({ examples: [90] }),
  networks: z
    .union([z.string(), z.record(z.string(), z.array(z.string()))])
    .default('')
    .meta({ examples: ['home=10.0.0.0/8'] }),
  smtp: z.strictObject({ server: z.string().default('localhost'), password: z.string().default('') }).prefault({}),
})

function file(yaml: string): string {
  const path = join(mkdtempSync(join(scratch, 'case-')), 'netbehave.yaml')
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

/** Each wrong value with the whole sentence. */
const WRONG: readonly [yaml: string, sentence: string][] = [
  ['site: 5', 'site is 5; it must be text, for example home'],
  ['site: a.b', 'site is "a.b": use 1 to 64 letters, digits, _ or -, for example home'],
  ['logLevel: loud', 'logLevel is "loud"; it must be one of trace, debug, info, warn, error, silent, for example info'],
  ['dataDir: ""', 'dataDir is empty; it must be text, for example ./data'],
  ['collector: 5', 'collector is 5; it must be a map of keys, one a line below "collector:"'],
  [
    'collector: { lingerMs: soon }',
    'collector.lingerMs is "soon"; it must be a whole number from 1 up, for example 100',
  ],
  ['collector: { lingerMs: 0 }', 'collector.lingerMs is 0; it must be a whole number from 1 up, for example 100'],
  ['collector: { lingerMs: 1.5 }', 'collector.lingerMs is 1.5; it must be a whole number from 1 up, for example 100'],
  ['collector: { lingerMs: }', 'collector.lingerMs is empty; it must be a whole number from 1 up, for example 100'],
  ['collector: { share: 2 }', 'collector.share is 2; it must be a number from 0 to 1, for example 0.5'],
  [
    'collector: { keepDays: no }',
    'collector.keepDays is "no"; it must be a whole number from 1 up, or empty, for example 90',
  ],
  ['collector: { denat: maybe }', 'collector.denat is "maybe"; it must be true or false, for example true'],
  [
    'collector: { listen: "[::]:1" }',
    'collector.listen is "[::]:1"; it must be a list with at least one entry, for example ["0.0.0.0:2055"]',
  ],
  [
    'collector: { listen: [] }',
    'collector.listen is an empty list; it must be a list with at least one entry, for example ["0.0.0.0:2055"]',
  ],
  ['collector: { listen: ["a:1", 7] }', 'collector.listen holds 7; every entry must be text, for example 0.0.0.0:2055'],
  [
    'collector: { networks: { home: 5 } }',
    'collector.networks is {"home":5}; it must be text, or a map of names, each with a list, for example home=10.0.0.0/8',
  ],
  ['collector: { smtp: { server: 4 } }', 'collector.smtp.server is 4; it must be text, for example localhost'],
  ['collector: { smtp: mail }', 'collector.smtp is "mail"; it must be a map of keys (server, password)'],
  ['collector: { smtp: { sever: mail } }', 'collector.smtp.sever: unknown key; did you mean server?'],
  [
    'collector: { smtp: { password: 1234 } }',
    'collector.smtp.password is something else (not shown, as it is a secret); it must be text',
  ],
]

test('a wrong value is told with the key as it was written, what was found and what it must be', () => {
  for (const [yaml, sentence] of WRONG) {
    const path = file(`${yaml}\n`)
    assert.equal(findings(['--config', path]), `${path}: ${sentence}`)
  }
})

test('a flag or a variable is named as it was given', () => {
  assert.match(findings(['--linger-ms', 'soon']), /^--linger-ms is "soon"; it must be a whole number/)
  assert.match(findings([], { COLLECTOR_DENAT: 'maybe' }), /^COLLECTOR_DENAT is "maybe"; it must be true or false/)
  assert.match(findings([], { NETBEHAVE_SITE: 'a.b' }), /^NETBEHAVE_SITE is "a\.b": use 1 to 64 letters/)
})

test('all that is wrong is told at once, unknown keys and wrong values', () => {
  const all = findings(['--config', file('siet: lab\ncollector:\n  lingerMs: 0\n')], { COLLECTOR_DENAT: 'maybe' })
  assert.equal(all.split('\n').length, 3, all)
})

test('a file that was named and cannot be read, or is no YAML, is an error', () => {
  assert.match(findings(['--config', '/nowhere/n.yaml']), /^\/nowhere\/n\.yaml cannot be read: there is no such file/)
  assert.match(findings(['--config', tmpdir()]), /cannot be read: it is a folder/)
  assert.match(findings(['--config', file('a: [1\n')]), /not YAML/)
})

test('printed configuration masks secrets', () => {
  const config = load([], { COLLECTOR_SMTP_PASSWORD: 'hunter2', NETBEHAVE_BROKER_URL: 'nats://me:hunter2@hub:4222' })
  const text = printConfig('collector', Schema, config)
  assert.doesNotMatch(text, /hunter2/)
  assert.match(text, /lingerMs: 100/)
})

test('a key may have a variable of an older name, and rules between keys are kept', () => {
  const Mail = z
    .strictObject({
      server: z.string().default('').meta({ env: 'SMTP_SERVER' }),
      recipient: z.string().default('').meta({ env: 'SMTP_RECIPIENT' }),
    })
    .superRefine(({ server, recipient }, context) => {
      if (server !== '' && recipient === '')
        context.addIssue({ code: 'custom', path: ['recipient'], message: 'name somebody, for example me@example.org' })
    })
  const Whole = z
    .strictObject({ first: z.number().default(1), mail: Mail.prefault({}) })
    .superRefine((value, context) => {
      if (value.first > 5) context.addIssue({ code: 'custom', path: ['first'], message: 'at most 5, for example 2' })
    })
  const told = (env: Record<string, string>): readonly string[] => {
    try {
      loadConfig('alerter', Whole, { argv: [], env })
      return []
    } catch (error) {
      return (error as ConfigError).findings
    }
  }
  assert.deepEqual(told({ SMTP_SERVER: 'mail.example.org', SMTP_RECIPIENT: 'me@example.org' }), [])
  assert.match(told({ SMTP_SERVER: 'mail.example.org' }).join(), /alerter\.mail\.recipient.*name somebody/)
  assert.match(told({ ALERTER_FIRST: '9' }).join(), /ALERTER_FIRST is 9: at most 5/)
})

test('in a list of maps the very entry and key are named', () => {
  const Listed = z.strictObject({
    alerts: z
      .array(z.strictObject({ on: z.enum(['loss', 'rule-match']), perHour: z.int().min(1).default(5) }))
      .default([]),
  })
  const told = (yaml: string): string => {
    try {
      loadConfig('alerter', Listed, { argv: ['--config', file(yaml)], env: {} })
      return ''
    } catch (error) {
      return (error as ConfigError).findings.join().replace(/^.*?: /, '')
    }
  }
  assert.equal(told('alerter:\n  alerts: [{on: loss}]'), '')
  assert.equal(
    told('alerter:\n  alerts: [{on: loss}, {on: lost}]'),
    'alerter.alerts.1.on is "lost"; it must be one of loss, rule-match',
  )
  assert.match(told('alerter:\n  alerts: [{on: loss, perhour: 3}]'), /alerts\.0\.perhour: unknown key.*perHour/)
  assert.match(told('alerter:\n  alerts: [3]'), /alerts holds 3; every entry must be a map of keys/)
})
