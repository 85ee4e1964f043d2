import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Flow } from '@netbehave/schema'
import { formatFlowLine, formatFlowWide } from './flow-line.ts'

process.env.TZ = 'UTC'
const FLOW: Flow = {
  ...{ site: 'home', firstMs: 1_795_489_534_000, lastMs: 1_795_489_536_578, sampling: 1 },
  ...{ srcIp: '192.168.1.7', srcPort: 53_412, dstIp: '93.184.216.34', dstPort: 443, protocol: 6 },
  ...{ bytes: 12_345, packets: 14 },
}

test('a line tells time, protocol, ends, service, bytes and packets', () => {
  assert.equal(
    formatFlowLine({ ...FLOW, service: 'https' }),
    '2026-11-24 03:05:34  TCP     192.168.1.7:53412     → 93.184.216.34:443      https         12kB     14p',
  )
})

test('names stand at the end, of the sides that have one', () => {
  assert.match(formatFlowLine({ ...FLOW, dstName: 'example.org' }), / · → example\.org$/)
  assert.match(formatFlowLine({ ...FLOW, srcName: 'laptop', dstName: 'example.org' }), / laptop → example\.org$/)
})

test('ICMP shows type and code in place of ports', () => {
  const line = formatFlowLine({ ...FLOW, protocol: 1, srcPort: 0, dstPort: 3 * 256 + 1 })
  assert.match(line, /ICMP {4}192\.168\.1\.7 +→ 93\.184\.216\.34 +type 3 code 1 \(unreachable\)/)
  assert.match(formatFlowLine({ ...FLOW, protocol: 58, dstPort: 128 * 256 }), /type 128 code 0 \(echo\)/)
})

test('an IPv6 address with a port stands in brackets, without one it does not', () => {
  const flow = { ...FLOW, srcIp: '2001:db8::7', dstIp: '2001:db8::1' }
  assert.match(formatFlowLine(flow), /\[2001:db8::7\]:53412 +→ \[2001:db8::1\]:443/)
  assert.match(formatFlowLine({ ...flow, protocol: 47, srcPort: 0, dstPort: 0 }), /GRE +2001:db8::7 +→ 2001:db8::1 /)
})

test('a name cannot command the terminal', () => {
  const line = formatFlowLine({ ...FLOW, dstName: 'a\u001b[2Jb\u202ec' })
  assert.ok(line.endsWith('a\\u{1b}[2Jb\\u{202e}c'), line)
})

test('wide has everything else that is known below the line', () => {
  const wide = formatFlowWide({ ...FLOW, natSrcIp: '198.51.100.1', denat: 1, rule: 'web' })
  const below = wide.split('\n')[1]!
  for (const part of ['duration=2.6s', 'site=home', 'natSrcIp=198.51.100.1', 'denat=1', 'rule=web', 'bytes=12345']) {
    assert.ok(below.includes(part), `${part} in ${below}`)
  }
})
