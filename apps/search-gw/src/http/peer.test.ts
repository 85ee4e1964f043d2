import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { createIsProxy, createReadPeer } from './peer.ts'

const request = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage
const forwarded = {
  'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.0.0.2',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'Flows.Example',
}

test('headers of a proxy that is not listed are ignored', () => {
  const peer = createReadPeer(createIsProxy([]))(request('10.0.0.1', { host: 'A:1', ...forwarded }))
  assert.deepEqual(peer, { address: '10.0.0.1', isSecure: false, host: 'a:1' })
  assert.equal(createReadPeer(createIsProxy(['10.0.0.1']))(request('192.0.2.1', forwarded)).address, '192.0.2.1')
})

test('of a chain the nearest that is no proxy of ours is the client; what it says of itself is not believed', () => {
  const peer = createReadPeer(createIsProxy(['10.0.0.0/8']))(request('::ffff:10.0.0.1', forwarded))
  assert.deepEqual(peer, { address: '203.0.113.9', isSecure: true, host: 'flows.example' })
})

test('a header that is no address ends the chain', () => {
  const peer = createReadPeer(createIsProxy(['10.0.0.0/8']))(
    request('10.0.0.1', { 'x-forwarded-for': '1.2.3.4, <script>' }),
  )
  assert.equal(peer.address, '10.0.0.1')
})
