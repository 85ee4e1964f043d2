import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseValue } from './address-range.ts'
import { BootstrapError, findAuthorityOf, parseBootstrap, registryOfHost } from './bootstrap.ts'
import { readShipped } from './refresh.ts'

const text = (family: 4 | 6) => readFileSync(new URL(`bootstrap/ipv${family}.json`, import.meta.url), 'utf8')
type File = { version: string; publication: string; services: [string[], string[]][] }
const changed = (change: (file: File) => void): string => {
  const file = JSON.parse(text(4)) as File
  change(file)
  return JSON.stringify(file)
}

test('the shipped files say who answers for every /8 that was given out, and for IPv6', () => {
  const ipv4 = readShipped(4)
  const missing = Array.from({ length: 224 }, (_, i) => i).filter(
    (i) => findAuthorityOf(ipv4, parseValue(`${i}.1.1.1`)!) === undefined,
  )
  assert.deepEqual(missing, [0, 10, 127])
  const who = (address: string) => findAuthorityOf(readShipped(address.includes(':') ? 6 : 4), parseValue(address)!)
  assert.deepEqual(who('8.8.8.8'), { ...who('8.8.8.8'), registry: 'arin', baseUrl: 'https://rdap.arin.net/registry/' })
  assert.equal(who('193.0.6.139')?.baseUrl, 'https://rdap.db.ripe.net/')
  assert.equal(who('200.3.14.10')?.baseUrl, 'https://rdap.lacnic.net/rdap/')
  assert.equal(who('2001:4200::1')?.registry, 'afrinic')
  assert.equal(who('2001:dc0::1')?.registry, 'apnic')
  assert.equal(who('3ffe::1'), undefined)
})

test('the longest block wins', () => {
  const more = parseBootstrap(
    changed((file) => file.services.push([['8.8.0.0/16'], ['https://rdap.db.ripe.net']])),
    4,
  )
  const found = findAuthorityOf(more, parseValue('8.8.8.8')!)
  assert.deepEqual([found?.registry, found?.baseUrl], ['ripe', 'https://rdap.db.ripe.net/'])
  assert.equal(findAuthorityOf(more, parseValue('8.9.8.8')!)?.registry, 'arin')
})

test('a file that has lost blocks or a registry, or has what cannot be, is refused', () => {
  for (const wrong of [
    '',
    '[]',
    '{"version":"1.0"}',
    changed((file) => file.services.splice(2, 1)),
    changed((file) => file.services.splice(4, 1)),
    changed((file) => file.services[0]![0].push('0.0.0.0/0')),
    changed((file) => file.services[0]![0].push('2001:db8::/32')),
    changed((file) => file.services[0]![0].push('x'.repeat(100_000))),
    changed((file) => (file.publication = 'yesterday')),
    changed((file) => (file.services[0]![1] = ['http://rdap.afrinic.net/rdap/'])),
    changed((file) => (file.services[0]![1] = ['https://rdap.afrinic.net.example/'])),
    changed((file) => (file.services[0]![0] = Array.from({ length: 6000 }, (_, i) => `9.${i >> 8}.${i & 255}.0/24`))),
    text(6),
  ])
    assert.throws(() => parseBootstrap(wrong, 4), BootstrapError, wrong.slice(0, 60))
})

test("a host is a registry's by the end of its name", () => {
  assert.equal(registryOfHost('rdap.db.ripe.net'), 'ripe')
  assert.equal(registryOfHost('jpnic.rdap.apnic.net'), 'apnic')
  assert.equal(registryOfHost('rdap.registro.br'), undefined)
  assert.equal(registryOfHost('notripe.net'), undefined)
})
