import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Flow } from '@netbehave/schema'
import { createFlowLineFormatter, createFlowWideFormatter } from './flow-line.ts'

process.env.TZ = 'UTC'
const formatFlowLine = (flow: Flow) => createFlowLineFormatter()(flow)
const formatFlowWide = (flow: Flow) => createFlowWideFormatter()(flow)
const FLOW: Flow = {
  ...{ site: 'home', firstMs: 1_795_489_534_000, lastMs: 1_795_489_536_578, sampling: 1 },
  ...{ srcIp: '192.168.1.7', srcPort: 53_412, dstIp: '93.184.216.34', dstPort: 443, protocol: 6 },
  ...{ bytes: 12_345, packets: 14 },
}

test('a line tells time, protocol, ends, service, bytes and packets', () => {
  assert.equal(
    formatFlowLine({ ...FLOW, service: 'https' }),
    '2026-11-24 03:05:34  TCP      192.168.1.7:53412     → 93.184.216.34:443      https         12kB     14p',
  )
})

test('names stand at the end, of the sides that have one', () => {
  assert.match(formatFlowLine({ ...FLOW, dstName: 'example.org' }), / · → example\.org$/)
  assert.match(formatFlowLine({ ...FLOW, srcName: 'laptop', dstName: 'example.org' }), / laptop → example\.org$/)
})

test('ICMP shows what it says by name in place of ports, and by number what has no name', () => {
  const said = (protocol: number, type: number, code: number) =>
    /→ 93\.184\.216\.34 +(.*?) +12kB/.exec(
      formatFlowLine({ ...FLOW, protocol, srcPort: 0, dstPort: type * 256 + code }),
    )?.[1]
  assert.match(formatFlowLine({ ...FLOW, protocol: 1, srcPort: 5 }), /ICMP +192\.168\.1\.7 +→ 93\.184\.216\.34 /)
  assert.deepEqual(
    [said(1, 8, 0), said(1, 3, 3), said(58, 128, 0), said(58, 136, 0)],
    ['echo', 'port unreachable', 'echo', 'neighbour advert'],
  )
  assert.deepEqual(
    [said(1, 42, 7), said(1, 3, 12), said(58, 3, 3)],
    ['type 42/7', 'unreachable 3/12', 'time exceeded 3/3'],
  )
})

test('columns stay aligned: what is wider widens its column for the lines that follow', () => {
  const format = createFlowLineFormatter()
  const flows: Flow[] = [
    { ...FLOW, srcIp: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', dstIp: 'fe80::1' },
    { ...FLOW, protocol: 58, srcIp: 'fe80::1', dstIp: 'ff02::1', dstPort: 130 * 256 },
    { ...FLOW, protocol: 1, dstPort: 3 * 256 + 3, bytes: 999_000 },
    { ...FLOW, service: 'https' },
  ]
  const lines = flows.map(format)
  for (const sign of ['→', 'p']) {
    const last = lines.slice(2).map((line) => (sign === 'p' ? line.length : line.indexOf(sign)))
    assert.equal(new Set(last).size, 1, lines.join('\n'))
  }
  assert.equal(new Set(lines.map((line) => line.indexOf('→'))).size, 1, lines.join('\n'))
  assert.equal(formatFlowLine(FLOW).indexOf('→'), 52, 'without any, the line is as narrow as IPv4 allows')
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
