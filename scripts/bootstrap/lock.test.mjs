import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isStale, withLock } from './lock.mjs'

const directory = mkdtempSync(join(tmpdir(), 'netbehave-lock-'))
after(() => rmSync(directory, { recursive: true }))

const never = () => assert.fail('nobody holds the lock')

test('the lock is held during the work and let go after it, also if the work fails', async () => {
  const lockDir = join(directory, 'held')
  const result = await withLock(lockDir, async () => existsSync(lockDir), never)
  assert.equal(result, true)
  assert.equal(existsSync(lockDir), false)
  const failing = withLock(lockDir, () => Promise.reject(new Error('no disk')), never)
  await assert.rejects(failing, /no disk/)
  assert.equal(existsSync(lockDir), false)
})

test('in a folder that cannot be written, what to do is said in a sentence', async () => {
  // Nobody can make a folder there, root neither.
  const work = withLock('/sys/netbehave-lock', async () => assert.fail('it began'), never)
  await assert.rejects(work, { name: 'StepError', remedy: /netbehave --version once as a user who may write there/ })
})

test('two processes that add to the same file under the lock lose nothing', async () => {
  const file = join(directory, 'count')
  writeFileSync(file, '0')
  const script = `
    import { readFileSync, writeFileSync } from 'node:fs'
    import { withLock } from ${JSON.stringify(new URL('./lock.mjs', import.meta.url).href)}
    for (let i = 0; i < 5; i++) {
      await withLock(${JSON.stringify(join(directory, 'shared'))}, async () => {
        const seen = Number(readFileSync(${JSON.stringify(file)}, 'utf8'))
        await new Promise((resolve) => setImmediate(resolve))
        writeFileSync(${JSON.stringify(file)}, String(seen + 1))
      }, () => {})
    }`
  const exits = [1, 2].map(() => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
    return new Promise((resolve) => child.on('exit', resolve))
  })
  assert.deepEqual(await Promise.all(exits), [0, 0])
  assert.equal(readFileSync(file, 'utf8'), '10')
})

test('a lock whose owner is gone is taken over', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  const gone = child.pid
  await new Promise((resolve) => child.on('exit', resolve))
  const lockDir = join(directory, 'stale')
  mkdirSync(lockDir)
  writeFileSync(join(lockDir, 'owner'), `${gone}@${hostname()}`)
  assert.equal(await withLock(lockDir, async () => 'done', never), 'done')
})

test('a lock of another machine that nobody touches any more is taken over', async () => {
  const lockDir = join(directory, 'untouched')
  mkdirSync(lockDir)
  writeFileSync(join(lockDir, 'owner'), '1@another-machine')
  const longAgo = new Date(Date.now() - 3_600_000)
  utimesSync(lockDir, longAgo, longAgo)
  assert.equal(await withLock(lockDir, async () => 'done', never), 'done')
})

test('a lock that is touched, or whose owner lives, is waited for', () => {
  const nowMs = 1_000_000
  const token = ''
  assert.equal(isStale({ owner: '1@another-machine', token, touchedMs: nowMs - 29_000 }, nowMs), false)
  assert.equal(isStale({ owner: '1@another-machine', token, touchedMs: nowMs - 31_000 }, nowMs), true)
  assert.equal(isStale({ owner: `${process.pid}@${hostname()}`, token, touchedMs: nowMs }, nowMs), false)
  assert.equal(isStale({ owner: '', token, touchedMs: nowMs }, nowMs), false, 'just made, owner not yet written')
})
