import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInstalled } from './packages.mjs'

const zod = { version: '4.6.7', integrity: 'sha512-abc' }
const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/zod': zod,
    'node_modules/@biomejs/cli-darwin-arm64': { version: '2.6.8', optional: true },
    'node_modules/@netbehave/schema': { resolved: 'libs/schema', link: true },
    'libs/schema': { version: '0.1.0' },
  },
}
const { '': _root, 'node_modules/@biomejs/cli-darwin-arm64': _other, ...installed } = wanted.packages

test('all that the lock file names being there is enough; other platforms’ binaries may be missing', () => {
  assert.equal(isInstalled(wanted, { packages: installed }), true)
})

test('a package of another version, with other content or not there needs an installation', () => {
  const { 'node_modules/zod': _zod, ...without } = installed
  assert.equal(isInstalled(wanted, { packages: without }), false)
  const older = { ...installed, 'node_modules/zod': { ...zod, version: '4.6.6' } }
  assert.equal(isInstalled(wanted, { packages: older }), false)
  const other = { ...installed, 'node_modules/zod': { ...zod, integrity: 'sha512-xyz' } }
  assert.equal(isInstalled(wanted, { packages: other }), false)
})

test('a new workspace that is not linked yet needs an installation', () => {
  const { 'node_modules/@netbehave/schema': _link, ...without } = installed
  assert.equal(isInstalled(wanted, { packages: without }), false)
})

test('a package that the lock file no longer names needs an installation', () => {
  const more = { ...installed, 'node_modules/left-behind': { version: '1.0.0' } }
  assert.equal(isInstalled(wanted, { packages: more }), false)
})
