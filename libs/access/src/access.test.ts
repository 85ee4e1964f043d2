import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { AccessError, accessPath, MAX_TOKENS, openAccess, randomPassword } from './index.ts'
import { fitsPassword, hashPassword } from './password.ts'

function open(options: Parameters<typeof openAccess>[1] = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'netbehave-access-'))
  const access = openAccess(dataDir, options)
  return {
    ...access,
    dataDir,
    [Symbol.dispose]() {
      access[Symbol.dispose]()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
const kind = (expected: AccessError['kind']) => (error: unknown) =>
  error instanceof AccessError && error.kind === expected

test('a password is kept only as a salted hash, and typed on another keyboard it is the same', async () => {
  const [one, two] = await Promise.all([hashPassword('pässword ﬁ'), hashPassword('pässword ﬁ')])
  assert.notEqual(one, two)
  assert.match(one, /^scrypt\$32768\$8\$1\$/)
  assert.equal(await fitsPassword('pässword fi', one), true)
  assert.equal(await fitsPassword('password fi', one), false)
})

test('a hash that cannot be read, or asks for all memory, fits nothing', async () => {
  for (const hash of [
    '',
    'plain',
    'scrypt$1073741824$8$1$AAAA$AAAA',
    'scrypt$3$8$1$AAAA$AAAA',
    'scrypt$32768$8$9$AAAA$AAAA',
  ])
    assert.equal(await fitsPassword('', hash), false, hash)
})

test('the first start makes one admin with a random password, a later one none', async () => {
  using access = open()
  const made = (await access.users.ensureAdmin())!
  assert.equal(made.name, 'admin')
  assert.match(made.password, /^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
  assert.equal(await access.users.ensureAdmin(), undefined)
  assert.equal((await access.users.check('admin', made.password))?.role, 'admin')
  assert.equal(await access.users.check('admin', randomPassword()), undefined)
  assert.equal(await access.users.check('nobody', made.password), undefined)
})

test('nothing that opens a door is in the file, and only its owner reads it', async () => {
  using access = open()
  const { password } = (await access.users.ensureAdmin())!
  const session = access.sessions.create('admin')
  const { secret } = access.tokens.add('admin', 'prometheus', 'metrics', null)
  for (const file of readdirSync(join(access.dataDir, 'gateway'))) {
    const bytes = readFileSync(join(access.dataDir, 'gateway', file), 'latin1')
    for (const word of [password, session.secret, secret]) assert.ok(!bytes.includes(word), file)
  }
  assert.equal(statSync(accessPath(access.dataDir)).mode & 0o777, 0o600)
})

test('the last admin can neither be removed nor become less', async () => {
  using access = open()
  await access.users.add('root', 'admin', 'long enough')
  await access.users.add('eve', 'viewer', 'long enough')
  assert.throws(() => access.users.remove('root'), kind('last-admin'))
  assert.throws(() => access.users.setRole('root', 'operator'), kind('last-admin'))
  access.users.setRole('eve', 'admin')
  access.users.remove('root')
  assert.deepEqual(
    access.users.list().map(({ name }) => name),
    ['eve'],
  )
})

test('names are unique and of a plain form', async () => {
  using access = open()
  await access.users.add('ann', 'viewer', 'long enough')
  await assert.rejects(access.users.add('ann', 'viewer', 'long enough'), kind('taken'))
  for (const name of ['', '../x', 'A', 'a'.repeat(65), '<b>'])
    await assert.rejects(access.users.add(name, 'viewer', 'x'), kind('name'))
  assert.throws(() => access.users.remove('bob'), kind('missing'))
})

test('a session ends after an idle time, and after its longest time however often it is used', async () => {
  let nowMs = 1_000_000
  using access = open({ now: () => nowMs, sessionLimits: { idleMs: 100_000, maxMs: 250_000 } })
  await access.users.add('ann', 'operator', 'long enough')
  const { secret } = access.sessions.create('ann')
  assert.equal(access.sessions.find(secret)?.role, 'operator')
  nowMs += 99_999
  assert.ok(access.sessions.find(secret))
  nowMs += 99_999
  assert.ok(access.sessions.find(secret))
  nowMs += 60_000
  assert.equal(access.sessions.find(secret), undefined)
  const idle = access.sessions.create('ann').secret
  nowMs += 100_000
  assert.equal(access.sessions.find(idle), undefined)
})

test('of too many sessions of one user the one that was idle longest goes', async () => {
  let nowMs = 1000
  using access = open({ now: () => nowMs++, sessionLimits: { perUser: 3 } })
  await access.users.add('ann', 'viewer', 'long enough')
  const secrets = Array.from({ length: 5 }, () => access.sessions.create('ann').secret)
  assert.deepEqual(
    secrets.map((secret) => access.sessions.find(secret) !== undefined),
    [false, false, true, true, true],
  )
})

test('a new password ends every session but the one that set it; a removed user has none', async () => {
  using access = open()
  await access.users.add('root', 'admin', 'long enough')
  await access.users.add('ann', 'viewer', 'long enough')
  const [mine, other] = [access.sessions.create('ann').secret, access.sessions.create('ann').secret]
  await access.users.setPassword('ann', 'another one', access.sessions.find(mine)!.hash)
  assert.ok(access.sessions.find(mine))
  assert.equal(access.sessions.find(other), undefined)
  const token = access.tokens.add('ann', 'x', 'read', null)
  access.users.remove('ann')
  assert.equal(access.sessions.find(mine), undefined)
  assert.equal(access.tokens.find(token.secret), undefined)
})

test('a token expires, is removed by its user or an admin only, and there are so many at most', async () => {
  let nowMs = 1000
  using access = open({ now: () => nowMs })
  await access.users.add('ann', 'operator', 'long enough')
  const { token, secret } = access.tokens.add('ann', 'backup', 'operate', 5000)
  assert.deepEqual([access.tokens.find(secret)?.scope, access.tokens.find(secret)?.role], ['operate', 'operator'])
  assert.equal(access.tokens.find(secret.slice(3)), undefined)
  assert.throws(() => access.tokens.remove(token.id, 'bob'), kind('missing'))
  nowMs = 5000
  assert.equal(access.tokens.find(secret), undefined)
  access.tokens.remove(token.id, undefined)
  for (let i = 0; i < MAX_TOKENS; i++) access.tokens.add('ann', String(i), 'read', null)
  assert.throws(() => access.tokens.add('ann', 'more', 'read', null), kind('full'))
})
