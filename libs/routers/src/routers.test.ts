import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
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

test('softflowd watches the interface of the default route of the machine where the snippet is typed, or the one that is named', () => {
  const { snippet } = findRouter('linux')!
  const typed = (routes: string) => {
    const script = `apt() { :; }; softflowd() { echo "$@"; }; ip() { printf '${routes}'; }; ${snippet('192.168.1.10', '2055')}`
    return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trim()
  }
  const rest = '-n 192.168.1.10:2055 -v 10 -t maxlife=60 -t expint=15'
  assert.equal(
    typed('default via 192.168.1.1 dev ens18 proto dhcp metric 100\\ndefault via 10.0.0.1 dev wlan0 metric 600\\n'),
    `-i ens18 ${rest}`,
  )
  assert.equal(typed('default dev ppp0 scope link\\n'), `-i ppp0 ${rest}`)
  assert.match(snippet('192.168.1.10', '2055', 'br-lan'), /^softflowd -i br-lan -n 192\.168\.1\.10:2055 /m)
})
