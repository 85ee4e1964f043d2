import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { test } from 'node:test'
import { guessNetworks } from './guess-networks.ts'

const info = (address: string, cidr: string, internal = false) =>
  ({
    address,
    cidr,
    internal,
    family: address.includes(':') ? 'IPv6' : 'IPv4',
    netmask: '',
    mac: '',
  }) as NetworkInterfaceInfo

test("a router's address comes before those of containers, and loopback is no address for an exporter", () => {
  assert.deepEqual(
    guessNetworks({
      lo: [info('127.0.0.1', '127.0.0.1/8', true)],
      docker0: [info('172.17.0.1', '172.17.0.1/16')],
      eth1: [info('203.0.113.7', '203.0.113.7/29')],
      eth0: [
        info('192.168.1.77', '192.168.1.77/26'),
        info('fe80::1', 'fe80::1/64'),
        info('2001:db8::7', '2001:db8::7/64'),
      ],
    }),
    {
      addresses: ['192.168.1.77', '203.0.113.7', '2001:db8::7', '172.17.0.1'],
      networks: ['192.168.1.64/26', '203.0.113.0/29'],
    },
  )
})
