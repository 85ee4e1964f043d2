import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataDatagram, RECORD_BYTES, RECORDS, randomNumbers, stamp, templateDatagram } from './workload.ts'

test('the template has 17 fields and 53 bytes, and a datagram 24 records of them', () => {
  const template = new DataView(templateDatagram().buffer)
  const lengths = Array.from({ length: template.getUint16(26) }, (_, i) => template.getUint16(30 + i * 4))
  assert.equal(lengths.length, 17)
  assert.equal(
    lengths.reduce((sum, length) => sum + length),
    RECORD_BYTES,
  )
  assert.equal(dataDatagram(randomNumbers(1)).length, 20 + 4 + RECORDS * RECORD_BYTES)
})

test('the same seed makes the same datagrams', () => {
  const [first, second] = [randomNumbers(7), randomNumbers(7)]
  assert.deepEqual(dataDatagram(first), dataDatagram(second))
  assert.notDeepEqual(dataDatagram(first), dataDatagram(randomNumbers(8)))
})

test('a stamp is export time in seconds and the sequence number', () => {
  const datagram = dataDatagram(randomNumbers(1))
  stamp(datagram, 1_790_000_000_999, 4_000_000_000)
  const view = new DataView(datagram.buffer)
  assert.deepEqual([view.getUint32(8), view.getUint32(12)], [1_790_000_000, 4_000_000_000])
})
