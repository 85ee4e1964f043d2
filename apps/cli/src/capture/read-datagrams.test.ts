import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readDatagrams, type SkippedFrames } from './read-datagrams.ts'
import { ethernet, ipv4, NETFLOW_5, pcapFile, udp } from './testing.ts'

const directory = mkdtempSync(join(tmpdir(), 'netbehave-datagrams-'))
after(() => rmSync(directory, { recursive: true, force: true }))

async function read(content: Uint8Array) {
  const path = join(directory, 'file')
  writeFileSync(path, content)
  const skipped: SkippedFrames = {}
  const found = []
  for await (const { bytes, ...rest } of readDatagrams(path, skipped)) found.push({ length: bytes.length, ...rest })
  return { found, skipped }
}

test('a capture gives its flow datagrams with sender and time, and counts the rest by reason', async () => {
  const frames = [
    ethernet(ipv4(udp(NETFLOW_5))),
    ethernet(ipv4(udp(Buffer.from('GET / HTTP/1.1 is no flow datagram')))),
    ethernet(ipv4(udp(NETFLOW_5.subarray(0, 10)))),
    ethernet(ipv4(udp(NETFLOW_5), { fragment: 0x2000 })),
    ethernet(ipv4(new Uint8Array(40), { protocol: 6 })),
  ]
  const { found, skipped } = await read(pcapFile(frames.map((bytes, i) => ({ timeMs: 1_795_489_534_000 + i, bytes }))))
  assert.deepEqual(found, [
    { length: NETFLOW_5.length, timeMs: 1_795_489_534_000, from: { ip: '192.0.2.1', port: 40_000 } },
  ])
  assert.deepEqual(skipped, { other: 2, fragment: 1, 'not-udp': 1 })
})

test('any other file is one datagram, also an empty one, without sender and time', async () => {
  for (const content of [NETFLOW_5, Uint8Array.of(), Uint8Array.of(1, 2)]) {
    assert.deepEqual((await read(content)).found, [{ length: content.length, timeMs: undefined, from: undefined }])
  }
})

test('a file longer than a datagram can be, and no capture, is refused', async () => {
  await assert.rejects(read(new Uint8Array(65_536)), /neither a capture .* nor one datagram/)
  assert.equal((await read(new Uint8Array(65_535))).found.length, 1)
})

test('a missing file is the error of the operating system', async () => {
  await assert.rejects(readDatagrams(join(directory, 'missing'), {}).next(), { code: 'ENOENT' })
})
