// Backup beside a running system, restore on a new folder: history, devices, users and names are as they were, by the real commands.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import { numberedDatagram, V5_RECORDS } from '../src/numbered-flows.ts'
import { runNetbehave } from '../src/run-netbehave.ts'
import { type System, startSystem } from '../src/system.ts'

const dir = mkdtempSync(join(tmpdir(), 'netbehave-backup-'))
const target = join(dir, 'backup')
const log = join(dir, 'dnsmasq.log')
// Small files, merged at once: the archive changes below the backup.
const env = { DNS_INGEST_LOGS: log, ARCHIVER_FLUSH_INTERVAL_MS: '200', ARCHIVER_MAINTENANCE_INTERVAL_MS: '300' }
const DATAGRAMS = 20

let system: System
let sent = 0
before(async () => {
  const now = new Date().toString().replace(/^\w+ (\w+) (\d+) \d+ ([\d:]+) .*$/, '$1 $2 $3')
  const line = (what: string) => `${now} dnsmasq[1]: ${what}\n`
  writeFileSync(log, line('query[A] www.example from 10.1.0.1') + line('reply www.example is 198.18.0.0'))
  mkdirSync(join(dir, 'data'))
  system = await startSystem({ dataDir: join(dir, 'data'), env })
})
after(async () => {
  await system?.[Symbol.asyncDispose]() // not there when it could not start
  rmSync(dir, { recursive: true, force: true })
})

/** One datagram every 100 ms, so that there are many files. */
async function sendFlows(datagrams: number): Promise<void> {
  const socket = createSocket('udp4')
  const port = Number(system.collector.split(':').at(-1))
  for (let i = 0; i < datagrams; i++) {
    const payload = numberedDatagram(sent, Date.now())
    sent += V5_RECORDS
    await new Promise((resolve) => socket.send(payload, port, '127.0.0.1', resolve))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  socket.close()
}

async function output(from: System, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await from.run(...args)
  assert.equal(code, 0, stderr)
  return stdout
}

/** What people would miss, as the commands tell it. */
async function contents(from: System) {
  return {
    flows: (await output(from, 'search', '--from', '-3d', '-o', 'csv', '--limit', '10000')).split('\n').sort(),
    assets: (await output(from, 'assets', 'ls', '-o', 'csv')).split('\n'),
    users: await output(from, 'users', 'ls'),
    names: await output(from, 'dns', 'ls', '-o', 'csv'),
    days: await output(from, 'days', 'ls'),
  }
}

const command = (...args: string[]) => runNetbehave(args, { cwd: dir })

test('a backup that is taken while flows come in and files are merged is whole', async () => {
  const sending = sendFlows(DATAGRAMS)
  await until('a file is in the archive', async () => (await system.count('--from', '-3d')).flows > 0)
  for (let i = 0; i < 2; i++) {
    await output(system, 'backup', target)
    const { code, stdout, stderr } = await command('restore', target, '--data', join(dir, `whole-${i}`), '--json')
    assert.equal(code, 0, stderr)
    const { flows } = JSON.parse(stdout) as { flows: number }
    assert.ok(flows > 0 && flows <= DATAGRAMS * V5_RECORDS, String(flows))
    const verified = await command('days', 'verify', '--data', join(dir, `whole-${i}`))
    assert.equal(verified.code, 0, verified.stdout + verified.stderr)
  }
  await sending
  assert.equal((await system.untilFlows(sent)).flows, sent)
})

test('history, devices, users and names are equal after a restore on a new folder', async () => {
  await until('the name of the log is kept', async () => (await output(system, 'dns', 'ls')).includes('www.example'))
  await until('devices are known', async () =>
    (await output(system, 'assets', 'ls', '-o', 'csv')).includes('10.1.0.1,'),
  )
  await output(system, 'assets', 'set', '10.1.0.1', '--name', 'printer')
  await output(system, 'users', 'add', 'ann', '--role', 'operator')
  const before = await contents(system)
  // A heading, and the end of the last line.
  assert.deepEqual([before.flows.length, before.assets.length], [sent + 2, sent + 2])
  assert.match(before.assets.join('\n'), /^home,10\.1\.0\.1,.*,printer,/m)

  const { copiedFiles, files } = JSON.parse(await output(system, 'backup', target, '--json'))
  assert.ok(copiedFiles < files, 'what is there already is not copied again')
  const keys = join(target, 'nats', 'keys')
  assert.ok(readdirSync(keys).length > 10)
  for (const key of readdirSync(keys)) assert.equal(statSync(join(keys, key)).mode & 0o777, 0o600, key)
  await system.kill()

  const restored = await command('restore', target, '--data', join(dir, 'restored'))
  assert.equal(restored.code, 0, restored.stderr)
  assert.match(restored.stdout, new RegExp(`is as it was on .*: ${sent.toLocaleString('en-US')} flows of \\d days?\\.`))
  await using again = await startSystem({ dataDir: join(dir, 'restored'), env: { ...env, DNS_INGEST_LOGS: log } })
  assert.deepEqual(await contents(again), before)
})

test('a backup goes nowhere where something else is, a restore nowhere where data is, and a damaged backup is told', async () => {
  const here = await command('backup', dir, '--data', join(dir, 'restored'))
  assert.equal(here.code, 64)
  assert.match(here.stderr, /must be apart/)
  const other = join(dir, 'whole-0')
  const taken = await command('backup', other, '--data', join(dir, 'restored'))
  assert.equal(taken.code, 64)
  assert.match(taken.stderr, /holds something else than a backup/)
  const full = await command('restore', target, '--data', other)
  assert.equal(full.code, 73)
  assert.match(full.stderr, /is not empty/)

  const [day = ''] = readdirSync(join(target, 'flows')).filter((name) => /^\d{4}-/.test(name))
  const [file = ''] = readdirSync(join(target, 'flows', day))
  truncateSync(join(target, 'flows', day, file), 10)
  const damaged = await command('restore', target, '--data', join(dir, 'never'))
  assert.equal(damaged.code, 65)
  assert.match(damaged.stderr, /the backup is damaged: flows\/.* has 10 bytes, not \d+/)
})
