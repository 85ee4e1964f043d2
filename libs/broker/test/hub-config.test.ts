import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nkeys } from '@nats-io/transport-node'
import { publicKeyVariable, roleKeys } from '../src/roles/hub-accounts.ts'
import { hubConfig } from '../src/roles/hub-config.ts'

const dir = mkdtempSync(join(tmpdir(), 'netbehave-hub-'))
after(() => rmSync(dir, { recursive: true }))

const options = {
  sites: ['home', 'branch'],
  publicKeyOf: (key: string) => `$${publicKeyVariable(key)}`,
  listen: '127.0.0.1:0',
  jetstream: { storeDir: join(dir, 'a "quoted" folder'), maxFileBytes: 1024 ** 3 },
}

test('nats-server takes the file, with public keys from a file of variables beside it', () => {
  const keys = roleKeys(options.sites).map((key) => `${publicKeyVariable(key)}=${nkeys.createUser().getPublicKey()}`)
  writeFileSync(join(dir, 'public-keys.env'), `# public\n${keys.join('\n')}\n`)
  const text = hubConfig({
    ...options,
    http: '127.0.0.1:0',
    leafListen: '127.0.0.1:0',
    advertise: 'hub.example:7422',
    cluster: { name: 'netbehave', listen: '127.0.0.1:0', routes: ['nats-route://127.0.0.1:6222'] },
    include: ['./public-keys.env'],
  })
  writeFileSync(join(dir, 'hub.conf'), text)
  // From another folder: `include` is beside the file, not where the server is started.
  execFileSync(process.env.NATS_SERVER_BIN ?? 'nats-server', ['-t', '-c', join(dir, 'hub.conf')], { cwd: '/' })
})

test('keys from variables stay variables, and nothing in the file is a secret', () => {
  const text = hubConfig(options)
  assert.match(text, /"nkey": \$NK_COLLECTOR_BRANCH\b/)
  assert.doesNotMatch(text, /SU[A-Z2-7]{56}/)
  assert.doesNotMatch(text, /leafnodes|cluster|tls/)
})
