import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseDestination } from './setup.ts'

const HOST = { addresses: ['192.168.1.10', '203.0.113.7'] }

test('a collector that listens everywhere is reached at the likeliest address of this host, by its port', () => {
  const { host, port, notes } = chooseDestination(['0.0.0.0:9995', '0.0.0.0:4739'], HOST)
  assert.deepEqual([host, port], ['192.168.1.10', 9995])
  assert.equal(notes.length, 1)
  assert.match(notes[0]!, /others are 203\.0\.113\.7/)
})

test('a collector that listens on one address is reached there, whatever else this host has', () => {
  assert.deepEqual(chooseDestination(['127.0.0.1:2055', '203.0.113.7:2056'], HOST), {
    host: '203.0.113.7',
    port: 2056,
    notes: [],
  })
})

test('a collector on loopback only is told, for no router reaches it', () => {
  const { host, port, notes } = chooseDestination(['127.0.0.1:2055', '[::1]:2055'], { addresses: ['192.168.1.10'] })
  assert.deepEqual([host, port], ['192.168.1.10', 2055])
  assert.match(notes.join(), /no router reaches it: start it with --listen 0\.0\.0\.0:2055/)
})

test('without a running copy the usual port is taken, and without an address the person is asked for one', () => {
  assert.equal(chooseDestination(undefined, HOST).port, 2055)
  assert.match(chooseDestination(undefined, { addresses: [] }).notes.join(), /--collector HOST:PORT/)
})
