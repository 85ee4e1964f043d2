import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openAccess } from '@netbehave/access'
import { startTestBroker, type TestBroker } from '@netbehave/broker/testing'
import { API_ROUTES, USER_ROLES } from '@netbehave/schema/api'
import { basic, PASSWORD, startGateway, type TestGateway } from './gateway.ts'

let broker: TestBroker
let gateway: TestGateway
before(async () => {
  broker = await startTestBroker()
  gateway = await startGateway(broker.url)
})
after(async () => {
  await gateway?.[Symbol.asyncDispose]()
  await broker?.[Symbol.asyncDispose]()
})

const own = () => ({ origin: gateway.http })

test('a first start prints the password of one admin once, and a second start none', { timeout: 180_000 }, async () => {
  await using first = await startGateway(broker.url, { isEmpty: true })
  const [line] = first.printed
  const password = /as admin with the password ([a-z2-9-]{23}) /.exec(line ?? '')?.[1]
  assert.ok(password, line)
  assert.equal(first.printed.length, 1)
  assert.ok(!JSON.stringify(first.logged).includes(password))
  const me = await first.ask('/api/v1/session', { headers: { authorization: basic('admin', password) } })
  assert.deepEqual([me.json.user, me.json.role, me.json.by], ['admin', 'admin', 'password'])
  await first.stop()
  const second = await startGateway(broker.url, { dataDir: first.dataDir, isEmpty: true })
  assert.deepEqual(second.printed, [])
  await second.stop()
})

test('signing in gives a cookie that scripts of a page cannot read and other sites cannot use', async () => {
  const reply = await gateway.ask('/api/v1/session', { method: 'POST', body: { user: 'viewer', password: PASSWORD } })
  assert.match(reply.headers.get('set-cookie')!, /^netbehave-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
  const cookie = reply.headers.get('set-cookie')!.split(';')[0]!
  assert.equal((await gateway.ask('/api/v1/session', { headers: { cookie } })).json.role, 'viewer')
  const out = await gateway.ask('/api/v1/session', { method: 'DELETE', headers: { cookie, ...own() } })
  assert.equal(out.status, 204)
  assert.match(out.headers.get('set-cookie')!, /netbehave-session=;.*Expires=Thu, 01 Jan 1970/)
  assert.equal((await gateway.ask('/api/v1/session', { headers: { cookie } })).status, 401)
})

test('a session that somebody planted in the browser is never taken over by a login', async () => {
  const planted = `netbehave-session=${'A'.repeat(43)}`
  const attacker = await gateway.signIn('viewer')
  for (const cookie of [planted, attacker]) {
    const reply = await gateway.ask('/api/v1/session', {
      method: 'POST',
      body: { user: 'operator', password: PASSWORD },
      headers: { cookie, ...own() },
    })
    const made = reply.headers.get('set-cookie')!.split(';')[0]!
    assert.notEqual(made, cookie)
    assert.equal((await gateway.ask('/api/v1/session', { headers: { cookie } })).status, 401)
  }
})

test('a write with the login of a browser is refused when it comes from another site', async () => {
  const cookie = await gateway.signIn('admin')
  const write = (headers: Record<string, string>, login: Record<string, string> = { cookie }) =>
    gateway.api('/rules/check', { method: 'POST', body: { text: '' }, headers: { ...login, ...headers }, as: '' })
  assert.equal((await write(own())).status, 200)
  assert.equal((await write({ 'sec-fetch-site': 'same-origin' })).status, 200)
  const withPassword = { authorization: basic('admin', PASSWORD) }
  for (const [headers, login] of [
    [{ origin: 'https://evil.example' }, { cookie }],
    [{ origin: 'null' }, { cookie }],
    [{ origin: `${gateway.http}.evil.example` }, { cookie }],
    [{ 'sec-fetch-site': 'cross-site' }, { cookie }],
    [{ 'sec-fetch-site': 'same-site' }, { cookie }],
    [{}, { cookie }],
    // A browser adds a remembered password by itself too.
    [{ origin: 'https://evil.example' }, withPassword],
  ] as const)
    assert.equal((await write(headers, login)).status, 403, JSON.stringify(headers))
  assert.equal((await write({}, withPassword)).status, 200)
})

test('of every route the roles below its own are refused, and told which role may', async () => {
  for (const { method, path, role } of API_ROUTES) {
    if (role === 'anyone') continue
    const below = USER_ROLES.slice(0, USER_ROLES.indexOf(role))
    for (const user of below) {
      const reply = await gateway.api(path.replaceAll(/\{\w+\}/g, 'x'), {
        method,
        as: user,
        ...(method !== 'GET' && { body: {} }),
      })
      assert.equal(reply.status, 403, `${user}: ${method} ${path}`)
      assert.match(reply.problem.detail!, new RegExp(`needs the role ${role}, and you are ${user}`))
    }
  }
})

test('an admin adds, changes and removes users; a removed user and a changed password are noticed at once', async () => {
  const made = await gateway.api('/users', { method: 'POST', body: { name: 'ann', role: 'operator' } })
  assert.equal(made.status, 201)
  const { password } = made.json
  const ann = { authorization: basic('ann', password) }
  assert.equal((await gateway.ask('/api/v1/session', { headers: ann })).json.role, 'operator')
  assert.equal((await gateway.api('/users', { method: 'POST', body: { name: 'ann' } })).status, 409)
  const cookie = await gateway.signIn('ann', password)
  await gateway.api('/users/ann', { method: 'PATCH', body: { password: 'quite another' } })
  assert.equal((await gateway.ask('/api/v1/session', { headers: ann })).status, 401)
  assert.equal((await gateway.ask('/api/v1/session', { headers: { cookie } })).status, 401)
  const changed = { authorization: basic('ann', 'quite another') }
  await gateway.api('/users/ann', { method: 'PATCH', body: { role: 'viewer' } })
  assert.equal((await gateway.ask('/api/v1/session', { headers: changed })).json.role, 'viewer')
  assert.equal((await gateway.api('/users/ann', { method: 'DELETE' })).status, 204)
  assert.equal((await gateway.ask('/api/v1/session', { headers: changed })).status, 401)
  const last = await gateway.api('/users/admin', { method: 'DELETE' })
  assert.deepEqual([last.status, last.problem.detail], [409, 'admin is the only admin; make another one first'])
})

test("one changes one's own password, which ends the other sessions and keeps this one", async () => {
  const { password } = (await gateway.api('/users', { method: 'POST', body: { name: 'bob' } })).json
  const [mine, other] = [await gateway.signIn('bob', password), await gateway.signIn('bob', password)]
  const change = (current: string) =>
    gateway.ask('/api/v1/session/password', {
      method: 'PUT',
      body: { current, next: 'new and long' },
      headers: { cookie: mine, ...own() },
    })
  assert.equal((await change('wrong one')).status, 403)
  assert.equal((await change(password)).status, 204)
  const who = async (cookie: string) => (await gateway.ask('/api/v1/session', { headers: { cookie } })).status
  assert.deepEqual([await who(mine), await who(other)], [200, 401])
})

test('a token may what its scope says, never more than its user, and cannot make itself another', async () => {
  const make = (as: string, scope: string) =>
    gateway.api('/tokens', { method: 'POST', as, body: { name: 'script', scope } })
  assert.equal((await make('viewer', 'admin')).status, 403)
  const bearer = async (scope: string) => ({ authorization: `Bearer ${(await make('admin', scope)).json.secret}` })
  const metrics = await bearer('metrics')
  assert.equal((await gateway.ask('/metrics', { headers: metrics })).status, 200)
  const denied = await gateway.ask('/api/v1/days', { headers: metrics })
  assert.deepEqual([denied.status, /only read \/metrics/.test(denied.text)], [403, true])
  const read = await bearer('read')
  assert.equal((await gateway.ask('/api/v1/days', { headers: read })).status, 200)
  assert.equal((await gateway.ask('/api/v1/users', { headers: read })).status, 403)
  const admin = await bearer('admin')
  assert.equal((await gateway.ask('/api/v1/users', { headers: admin })).status, 200)
  const more = await gateway.ask('/api/v1/tokens', {
    method: 'POST',
    headers: admin,
    body: { name: 'x', scope: 'admin' },
  })
  assert.equal(more.status, 403)
  const { tokens } = (await gateway.api('/tokens')).json
  assert.ok(!JSON.stringify(tokens).includes('nb_'))
  for (const { id } of tokens) assert.equal((await gateway.api(`/tokens/${id}`, { method: 'DELETE' })).status, 204)
  assert.equal((await gateway.ask('/metrics', { headers: metrics })).status, 401)
})

test('a login that is sent and is wrong is refused, also where none is needed', async () => {
  const cookie = await gateway.signIn('admin')
  for (const authorization of ['Bearer nb_wrong', 'Bearer ', 'Basic ', `Basic ${'='.repeat(10)}`, 'Nonsense x'])
    assert.equal(
      (
        await gateway.ask('/api/v1/days', {
          headers: { authorization, ...(authorization.startsWith('Bearer') && { cookie }) },
        })
      ).status,
      401,
      authorization,
    )
})

test('what `netbehave users` changes in the file counts at once', async () => {
  using access = openAccess(gateway.dataDir)
  await access.users.add('carol', 'viewer', PASSWORD)
  assert.equal((await gateway.api('/session', { as: 'carol' })).status, 200)
  access.users.remove('carol')
  assert.equal((await gateway.api('/session', { as: 'carol' })).status, 401)
})

test('a script that begins with many requests at once is no brute force', { timeout: 180_000 }, async () => {
  await using fresh = await startGateway(broker.url)
  const replies = await Promise.all(Array.from({ length: 50 }, () => fresh.api('/session', { as: 'viewer' })))
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]))
})

test('brute force ends in a pause, however many tries come at once; a proxy header does not help', {
  timeout: 180_000,
}, async () => {
  await using attacked = await startGateway(broker.url)
  const tries = Array.from({ length: 40 }, (_, i) =>
    attacked.ask('/api/v1/session', {
      method: 'POST',
      body: { user: 'admin', password: `guess ${i}` },
      headers: { 'x-forwarded-for': `198.51.100.${i}` },
    }),
  )
  const statuses = (await Promise.all(tries)).map(({ status }) => status)
  const count = (status: number) => statuses.filter((one) => one === status).length
  assert.ok(count(401) <= 10, `${count(401)} passwords were looked at`)
  assert.equal(count(401) + count(429) + count(503), 40)
  const right = await attacked.ask('/api/v1/session', { method: 'POST', body: { user: 'admin', password: PASSWORD } })
  assert.equal(right.status, 429)
  assert.ok(Number(right.headers.get('retry-after')) > 60)
  const byPassword = await attacked.api('/session')
  assert.equal(byPassword.status, 429)
})
