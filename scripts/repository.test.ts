import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { missingPlatformEntries } from './complete-lock.mjs'

const root = join(import.meta.dirname, '..')

/** An nkey seed: `S`, the role's letter, then base32; what a NATS user signs in with (github.com/nats-io/nkeys). */
const NKEY_SEED = /\bS[UAOXCN][A-Z2-7]{56}\b/

test('no nkey seed is in the repository', () => {
  // Put together, so that this file itself holds none.
  assert.match(['x SU', 'A'.repeat(56)].join(''), NKEY_SEED)
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
  assert.ok(files.includes('package.json'), 'git lists the files')
  const withSeed = files.filter((file) => {
    const path = join(root, file)
    return file !== '' && existsSync(path) && statSync(path).isFile() && NKEY_SEED.test(readFileSync(path, 'latin1'))
  })
  assert.deepEqual(withSeed, [])
})

test('the lock file names no download address', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const addresses = Object.entries<{ resolved?: string }>(lock.packages)
    .filter(([, entry]) => /^[a-z+]+:/.test(entry.resolved ?? ''))
    .map(([path, entry]) => `${path}: ${entry.resolved}`)
  assert.deepEqual(addresses, [])
})

test('the lock file names the binaries of every platform', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const missing = Object.keys(missingPlatformEntries(lock))
  assert.deepEqual(missing, [], 'run `node scripts/complete-lock.mjs`')
})

test('a binary that the lock file lacks is added with its version, system and processor', () => {
  const parent = { version: '1.2.3', dev: true, optionalDependencies: { '@x/y-linux-arm64-musl': '1.2.3' } }
  const missing = missingPlatformEntries({ packages: { 'node_modules/y': parent } })
  assert.deepEqual(missing, {
    'node_modules/@x/y-linux-arm64-musl': {
      version: '1.2.3',
      cpu: ['arm64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    },
  })
})
