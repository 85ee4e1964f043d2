import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { test } from 'node:test'
import { describeHost } from './this-host.ts'

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
    describeHost({
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
      outward: undefined,
    },
  )
})

const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth1	00000000	0100000A	0003	0	0	200	00000000	0	0	0
eth0	00000000	0101A8C0	0003	0	0	100	00000000	0	0	0
eth1	0000000A	00000000	0001	0	0	200	00FFFFFF	0	0	0
`

test('of two private addresses the one towards the default gateway comes first: that is the router, usually', () => {
  const interfaces = { eth1: [info('10.0.0.5', '10.0.0.5/24')], eth0: [info('192.168.1.5', '192.168.1.5/24')] }
  assert.deepEqual(describeHost(interfaces, ROUTES).addresses, ['192.168.1.5', '10.0.0.5'])
  assert.equal(describeHost(interfaces, ROUTES).outward, 'eth0', 'of the lower metric')
  assert.deepEqual(
    describeHost(interfaces).addresses,
    ['10.0.0.5', '192.168.1.5'],
    'without a table of routes: as they are',
  )
})

test('an inside address comes before a public one, though the default route leaves by the public one', () => {
  const interfaces = { eth0: [info('203.0.113.7', '203.0.113.7/29')], eth1: [info('10.0.0.5', '10.0.0.5/24')] }
  assert.deepEqual(describeHost(interfaces, ROUTES).addresses, ['10.0.0.5', '203.0.113.7'])
})
