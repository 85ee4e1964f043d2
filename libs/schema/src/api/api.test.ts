import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { API_ROUTES, LiveRequest, TIME_TEXT, USER_ROLES } from './index.ts'

test('every route is there once, below names that a URL can carry, with a role', () => {
  const seen = API_ROUTES.map(({ method, path }) => `${method} ${path}`)
  assert.equal(new Set(seen).size, seen.length)
  assert.ok(seen.length > 50)
  for (const { path, role } of API_ROUTES) {
    assert.match(path, /^(\/([a-z-]+|\{[a-z]+\}))+$/)
    assert.ok(role === 'anyone' || USER_ROLES.includes(role))
  }
})

test('the members in braces are those of params', () => {
  for (const { path, params } of API_ROUTES) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    assert.deepEqual(Object.keys(params?.shape ?? {}).sort(), names.sort(), path)
  }
})

test('only signing in and out needs no login, and what changes something is no GET', () => {
  assert.deepEqual(
    API_ROUTES.filter(({ role }) => role === 'anyone').map(({ method, path }) => `${method} ${path}`),
    ['POST /session', 'DELETE /session'],
  )
  for (const { method, path, body } of API_ROUTES) if (method === 'GET') assert.equal(body, undefined, path)
})

test('every contract can be said as JSON Schema', () => {
  for (const { path, params, query, body, reply } of API_ROUTES) {
    for (const schema of [params, query, body]) if (schema) assert.ok(z.toJSONSchema(schema, { io: 'input' }), path)
    if (reply instanceof z.ZodType) assert.ok(z.toJSONSchema(reply), path)
  }
})

test('a query is strict: a misspelled parameter is not ignored', () => {
  for (const { path, query } of API_ROUTES) {
    if (query) assert.equal(query.safeParse({ misspelt: '1' }).success, false, path)
  }
})

test('times are moments, or so long ago', () => {
  for (const text of ['now', '-15m', '0', '1764000000000', '2026-11-24T12:00Z', '2026-11-24T12:00:00.123+01:00'])
    assert.match(text, TIME_TEXT)
  for (const text of ['', '15m', '-m', 'yesterday', '2026-11-24', '-9999999h', '1e9'])
    assert.doesNotMatch(text, TIME_TEXT)
})

test('live requests are strict and bounded', () => {
  assert.ok(LiveRequest.safeParse({ t: 'sub', id: 'a', q: '' }).success)
  for (const wrong of [
    { t: 'sub', id: 'a' },
    { t: 'sub', id: '', q: '' },
    { t: 'sub', id: 'a', q: 'x'.repeat(4097) },
    { t: 'x' },
    3,
  ])
    assert.equal(LiveRequest.safeParse(wrong).success, false)
})

test('nothing here imports Node, or what the browser would have to carry without need', () => {
  const sources = readdirSync(import.meta.dirname).filter((name) => !name.endsWith('.test.ts'))
  for (const name of sources) {
    const text = readFileSync(`${import.meta.dirname}/${name}`, 'utf8')
    assert.doesNotMatch(text, /from '(node:|cbor|\.\.\/flow-batch|\.\.\/index)/, name)
  }
})
