import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findRouter, ROUTERS } from './index.ts'

test('every snippet tells the router where to send, and nothing is left to fill in but what "where" names', () => {
  for (const { id, name, where, snippet, check, traps } of ROUTERS) {
    const text = snippet('192.168.1.10', '2055')
    assert.match(text, /192\.168\.1\.10/, id)
    assert.match(text, /2055/, id)
    assert.doesNotMatch(text, /undefined|HOST|PORT\b|\$\{/, id)
    for (const [placeholder] of text.matchAll(/[A-Z]{3,}-ADDRESS/g)) assert.ok(where.includes(placeholder), id)
    for (const sentence of [where, check, ...traps]) assert.match(sentence, /[.:]$/, `${name}: ${sentence}`)
  }
})

test('long flows are told every minute on every router that can', () => {
  for (const { id, snippet } of ROUTERS) {
    if (id === 'unifi') continue // its page has no field for it
    assert.match(
      snippet('192.168.1.10', '2055'),
      /max-active-life 60|timeout=1m|active[ -](flow-)?timeout:? +60|timeout active 60|flow-active-timeout 60|maxlife=60|lifetime: +60/i,
      id,
    )
  }
})

test('an IPv6 address stands in brackets where a port follows it', () => {
  for (const id of ['opnsense', 'openwrt', 'linux']) {
    assert.match(findRouter(id)!.snippet('2001:db8::7', '2055'), /\[2001:db8::7\]:2055/, id)
  }
  assert.match(findRouter('cisco')!.snippet('2001:db8::7', '2055'), / destination 2001:db8::7\n/)
})

test('a router is found by its id in any case; ids are unique', () => {
  assert.equal(findRouter(' MikroTik ')?.name, 'MikroTik RouterOS')
  assert.equal(findRouter('toaster'), undefined)
  assert.equal(new Set(ROUTERS.map(({ id }) => id)).size, ROUTERS.length)
})
