import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '@netbehave/schema'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { parseNetworks } from './networks.ts'

function networkOf(text: string, networks: ReturnType<typeof parseNetworks>): string | undefined {
  const address = parseAddress(text)!
  return networks.names[typeof address === 'number' ? networks.ofIpv4(address) : networks.ofIpv6(address, 0)]
}

test('the reserved ranges of both families have their names without configuration', () => {
  const networks = parseNetworks('')
  const expected = {
    '10.1.2.3': 'internal',
    '172.31.255.255': 'internal',
    '172.32.0.0': 'external',
    '192.168.0.1': 'internal',
    '100.64.0.1': 'internal',
    '8.8.8.8': 'external',
    '127.0.0.1': 'loopback',
    '169.254.1.1': 'link-local',
    '224.0.0.251': 'multicast',
    '239.255.255.250': 'multicast',
    '255.255.255.255': 'broadcast',
    '255.255.255.254': 'external',
    '0.0.0.0': 'internal',
    'fd00::1': 'internal',
    'fe80::1': 'link-local',
    'ff02::fb': 'multicast',
    '::1': 'loopback',
    '2001:db8::1': 'external',
  }
  for (const [address, network] of Object.entries(expected))
    assert.equal(networkOf(address, networks), network, address)
})

test('the longest prefix wins, and a configured network wins over a reserved one of the same length', () => {
  const networks = parseNetworks(
    'home=192.168.0.0/16,2001:db8::/48,guest=192.168.9.0/24,2001:db8:0:9::/64,printer=192.168.9.7',
  )
  assert.equal(networkOf('192.168.1.1', networks), 'home')
  assert.equal(networkOf('192.168.9.1', networks), 'guest')
  assert.equal(networkOf('192.168.9.7', networks), 'printer')
  assert.equal(networkOf('2001:db8::5', networks), 'home')
  assert.equal(networkOf('2001:db8:0:9::5', networks), 'guest')
  assert.equal(networkOf('10.0.0.1', networks), 'internal')
  assert.deepEqual(networks.inside[networks.names.indexOf('guest')], 1)
})

test('a map of lists says the same as the text', () => {
  assert.deepEqual(
    parseNetworks({ home: ['10.0.0.0/8'], lab: ['10.9.0.0/16'] }).names,
    parseNetworks('home=10.0.0.0/8,lab=10.9.0.0/16').names,
  )
})

test('what is no network is refused with a sentence', () => {
  const refuses = (text: string, message: RegExp) => assert.throws(() => parseNetworks(text), message)
  refuses('192.168.1.0/24', /has no name; write for example home=192.168.1.0\/24/)
  refuses('home=192.168.1.0/33', /0 to 32/)
  refuses('home=192.168.1.0/', /0 to 32/)
  refuses('home=lan', /"lan" is neither an address nor a CIDR; write for example 192\.168\.1\.0\/24/)
  for (const short of ['192.168/16', '10/8', '192.168.1', '010.0.0.0/8', '0x0a.0.0.0/8', 'fe80::1%eth0'])
    refuses(`home=${short}`, /neither an address nor a CIDR/)
  refuses('home=10.0.0.0/8/8', /0 to 32/)
  refuses('home=10.0.0.0/1e1', /0 to 32/)
  refuses('external=10.0.0.0/8', /reserved/)
  refuses('=10.0.0.0/8', /no name for a network/)
})

test('the IPv4 table answers as a walk over all prefixes does', () => {
  const cidr = fc.tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 32 }))
  const text = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.')
  fc.assert(
    fc.property(
      fc.array(cidr, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 0xffffffff }),
      (cidrs, other) => {
        const table = Object.fromEntries(cidrs.map(([base, length], i) => [`n${i}`, [`${text(base)}/${length}`]]))
        const networks = parseNetworks(table)
        for (const address of [other, ...cidrs.map(([base]) => base), ...cidrs.map(([base]) => (base ^ 1) >>> 0)]) {
          const parsed = ipaddr.IPv4.parse(text(address))
          const covering = cidrs
            .map(([base, length], i) => ({ i, length, covers: parsed.match(ipaddr.IPv4.parse(text(base)), length) }))
            .filter(({ covers }) => covers)
            .sort((a, b) => b.length - a.length || a.i - b.i)
          const found = networks.names[networks.ofIpv4(address)]!
          const best = covering[0]
          if (best && /^n\d+$/.test(found)) assert.equal(found, `n${best.i}`)
          else if (best)
            assert.ok(best.length < 32 && !/^n/.test(found), `${text(address)} is in n${best.i}, got ${found}`)
          else assert.doesNotMatch(found, /^n\d+$/)
        }
      },
    ),
    { seed: 1, numRuns: 300 },
  )
})
