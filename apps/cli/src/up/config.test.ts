import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigError } from '@netbehave/service'
import { loadUpConfig, streamBytes, type UpFlags } from './config.ts'
import { describeFindings } from './findings.ts'

const scratch = mkdtempSync(join(tmpdir(), 'netbehave-up-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

function file(yaml: string): string {
  const path = join(mkdtempSync(join(scratch, 'case-')), 'netbehave.yaml')
  writeFileSync(path, yaml)
  return path
}

function refusal(flags: UpFlags, env = {}): string {
  try {
    loadUpConfig(flags, env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.findings.join('\n')
  }
  return assert.fail('the configuration was accepted')
}

test('options win over environment, environment over the file', () => {
  const config = file('site: lab\ndataDir: /srv/netbehave\nup: { nats: "127.0.0.1:4000", http: "127.0.0.1:80" }\n')
  const fromFile = loadUpConfig({ config }, {})
  assert.deepEqual([fromFile.site, fromFile.dataDir, fromFile.nats], ['lab', '/srv/netbehave', '127.0.0.1:4000'])
  const env = { UP_NATS: '127.0.0.1:5000', UP_HTTP: '127.0.0.1:81' }
  const flags = { config, nats: '127.0.0.1:0', listen: ['127.0.0.1:1', '[::1]:2'], data: '/data', site: 'home' }
  const all = loadUpConfig(flags, env)
  assert.deepEqual([all.nats, all.http, all.dataDir, all.site], ['127.0.0.1:0', '127.0.0.1:81', '/data', 'home'])
  assert.deepEqual(all.listen, ['127.0.0.1:1', '[::1]:2'])
})

test('a misspelled key and an address without a port are named with what would be right', () => {
  assert.match(refusal({ config: file('up: { nat: "127.0.0.1:1" }\n') }), /"up.nat"; did you mean up.nats\?/)
  assert.match(
    refusal({ nats: '127.0.0.1' }),
    /^--nats is "127\.0\.0\.1": write HOST:PORT, for example 127\.0\.0\.1:4222;/,
  )
  assert.match(refusal({ http: 'x' }), /^--http is "x": write HOST:PORT, for example 127\.0\.0\.1:8055;/)
  for (const address of ['127.0.0.1:99999', 'router.example:2055', '2055']) {
    assert.match(refusal({ listen: ['127.0.0.1:0', address] }), /^--listen is ".*": .*for example 0\.0\.0\.0:2055 or/)
  }
})

test('sizes of streams are given in MiB', () => {
  const config = loadUpConfig({ config: file('up: { rawStreamMiB: 64 }\n') }, {})
  assert.equal(streamBytes(config).FLOWS_RAW, 64 * 1024 * 1024)
  assert.match(refusal({ config: file('up: { rawStreamMiB: 1 }\n') }), /rawStreamMiB/)
})

test('what several programs find is said once', () => {
  const all = [
    { program: 'up', findings: ['siet: unknown', 'nats: wrong'] },
    { program: 'collector', findings: ['siet: unknown'] },
    { program: 'archiver', findings: ['siet: unknown', 'keepDay: unknown'] },
  ]
  assert.equal(describeFindings(all), 'wrong configuration:\n  siet: unknown\n  nats: wrong\n  keepDay: unknown')
})
