// deploy/systemd: the units are what systemd takes, name files that exist, and stay hardened. Where systemd is installed.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')
const UNITS = readdirSync(join(ROOT, 'deploy/systemd')).filter((name) => name.endsWith('.service'))
const skip = spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'systemd is not installed'
/** Of 100; 0 is no exposure at all. `systemd-analyze security` calls up to 20 "OK" its best. */
const MOST_EXPOSURE = 20

const dir = mkdtempSync(join(tmpdir(), 'netbehave-systemd-'))
after(() => rmSync(dir, { recursive: true }))
const unit = (name: string) => readFileSync(join(ROOT, 'deploy/systemd', name), 'utf8')

function analyze(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

test('units start the command of the repository', () => {
  assert.deepEqual(UNITS.sort(), ['netbehave-site@.service', 'netbehave.service'])
  for (const name of UNITS) {
    const program = /^ExecStart=\/opt\/netbehave\/(\S+) up/m.exec(unit(name))?.[1] ?? 'none'
    accessSync(join(ROOT, program), constants.X_OK)
  }
})

test('systemd takes the units, and finds little that a broken-in service could reach', { skip }, () => {
  for (const name of UNITS) {
    const here = join(dir, name)
    const text = unit(name).replaceAll('/opt/netbehave', ROOT)
    writeFileSync(here, text)
    const instance = name.replace('@.', '@cabin.')
    const verified = analyze('verify', '--man=no', join(dir, instance === name ? name : instance))
    assert.equal(verified.status, 0, verified.output)
    assert.doesNotMatch(verified.output, new RegExp(name.replace('@.service', '')), 'a warning about the unit')
    const rated = analyze('security', '--offline=true', `--threshold=${MOST_EXPOSURE}`, '--no-pager', here)
    assert.equal(rated.status, 0, rated.output)
  }
  writeFileSync(
    join(dir, 'wrong.service'),
    unit('netbehave.service').replace('ProtectSystem=strict', 'ProtectSystem=strikt'),
  )
  assert.match(analyze('verify', '--man=no', join(dir, 'wrong.service')).output, /Failed to parse protect system value/)
})
