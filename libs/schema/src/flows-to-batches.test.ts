import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flow, flowsToBatches } from './index.ts'

const bare: Flow = {
  ...{ site: 'home', firstMs: 1_767_700_000_000, lastMs: 1_767_700_000_500, srcIp: '10.0.0.1', dstIp: '192.0.2.1' },
  ...{ srcPort: 50_000, dstPort: 443, protocol: 6, bytes: 1000, packets: 10, sampling: 1 },
}

const full: Flow = {
  ...bare,
  ...{ dstIp: '2001:db8::1', tcpFlags: 27, tos: 8, inIf: 1, outIf: 2, vlan: 7, srcMac: '00:1b:21:0a:0b:0c' },
  ...{
    exporter: '192.0.2.9',
    exporterDomain: 3,
    exporterVersion: 10,
    direction: 1,
    denat: 2,
    natSrcIp: '198.51.100.1',
  },
  ...{ srcNet: 'home', dstName: 'www.example.com', dstNameHow: 1, dstOrg: 'EXAMPLE', service: 'https', serviceSide: 2 },
}

test('a flow comes out of its batch as it went in', () => {
  const flows = [bare, full, { ...full, exporterDomain: 4 }]
  const batches = [...flowsToBatches(flows)]
  assert.equal(batches.length, 1)
  assert.deepEqual(
    flows.map((_, i) => batches[0]!.row(i)),
    flows,
  )
})

test('another site begins another batch, and so does a full one; the order stays', () => {
  const flows = [bare, { ...bare, site: 'lab' }, ...Array.from({ length: 5000 }, (_, i) => ({ ...bare, bytes: i }))]
  const batches = [...flowsToBatches(flows)]
  assert.deepEqual(
    batches.map((batch) => [batch.fields.site, batch.length]),
    [
      ['home', 1],
      ['lab', 1],
      ['home', 4096],
      ['home', 904],
    ],
  )
  assert.equal(batches[3]!.row(903).bytes, 4999)
  assert.deepEqual([...flowsToBatches([])], [])
})

test('what is no address or MAC is refused by name', () => {
  assert.throws(() => [...flowsToBatches([{ ...bare, srcIp: 'nobody' }])], /"nobody" is no address/)
  assert.throws(() => [...flowsToBatches([{ ...bare, dstMac: '00:1b' }])], /"00:1b" is no MAC/)
  assert.equal(Flow.safeParse({ ...bare, srcPort: 70_000 }).success, false)
})
