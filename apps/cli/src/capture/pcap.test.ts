import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openByteSource } from './byte-source.ts'
import { CaptureError, type Frame } from './frame.ts'
import { isPcap, readPcap } from './pcap.ts'
import { isPcapng, readPcapng } from './pcapng.ts'
import { pcapFile, pcapngFile } from './testing.ts'

const directory = mkdtempSync(join(tmpdir(), 'netbehave-pcap-'))
after(() => rmSync(directory, { recursive: true, force: true }))

async function frames(
  file: Uint8Array,
  read: typeof readPcap,
  bufferBytes?: number,
): Promise<(Omit<Frame, 'bytes'> & { hex: string })[]> {
  const path = join(directory, 'capture')
  writeFileSync(path, file)
  await using source = await openByteSource(path, bufferBytes)
  const found = []
  for await (const { bytes, ...frame } of read(source))
    found.push({ ...frame, hex: Buffer.from(bytes).toString('hex') })
  return found
}

const FRAMES = [
  { timeMs: 1_795_489_534_000.25, bytes: Uint8Array.of(1, 2, 3) },
  { timeMs: 1_795_489_534_999.5, bytes: Uint8Array.of() },
  { timeMs: 1_795_489_535_001, bytes: Uint8Array.of(4), originalLength: 100 },
]

test('pcap is read in both byte orders, with microseconds and with nanoseconds', async () => {
  for (const littleEndian of [true, false]) {
    for (const nanoseconds of [true, false]) {
      const file = pcapFile(FRAMES, { littleEndian, nanoseconds, linkType: 113 })
      assert.ok(isPcap(file.subarray(0, 4)) && !isPcapng(file.subarray(0, 4)))
      assert.deepEqual(await frames(file, readPcap), [
        { linkType: 113, timeMs: 1_795_489_534_000.25, hex: '010203', isCut: false },
        { linkType: 113, timeMs: 1_795_489_534_999.5, hex: '', isCut: false },
        { linkType: 113, timeMs: 1_795_489_535_001, hex: '04', isCut: true },
      ])
    }
  }
})

test('a file longer than the buffer is read piece by piece', async () => {
  const many = Array.from({ length: 50 }, (_, i) => ({ timeMs: i, bytes: Uint8Array.of(i, i, i) }))
  assert.equal(
    (await frames(pcapFile(many), readPcap, 64)).map(({ hex }) => hex.slice(0, 2)).join(''),
    many.map(({ timeMs }) => timeMs.toString(16).padStart(2, '0')).join(''),
  )
})

test('a pcap file that ends in mid-frame gives what is before, then says so', async () => {
  const file = pcapFile([...FRAMES, { timeMs: 0, bytes: new Uint8Array(20) }])
  for (const missing of [1, 25])
    await assert.rejects(frames(file.subarray(0, -missing), readPcap), /ends in the middle/)
})

test('a frame longer than any can be is damage, not a reason to ask for memory', async () => {
  const file = pcapFile([{ timeMs: 0, bytes: Uint8Array.of(1) }])
  file.writeUInt32LE(0xffff_fff0, 24 + 8)
  await assert.rejects(frames(file, readPcap), CaptureError)
})

test('pcapng is read in both byte orders and with the resolution that its interface tells', async () => {
  for (const littleEndian of [true, false]) {
    const micro = pcapngFile([{ timeUnits: 1_795_489_534_000_250n, bytes: Uint8Array.of(1, 2, 3) }], { littleEndian })
    assert.ok(isPcapng(micro.subarray(0, 4)))
    assert.deepEqual(await frames(micro, readPcapng), [
      { linkType: 1, timeMs: 1_795_489_534_000.25, hex: '010203', isCut: false },
    ])
    const nano = pcapngFile([{ timeUnits: 1_795_489_534_000_250_000n, bytes: Uint8Array.of(1) }], {
      littleEndian,
      resolution: 9,
      linkType: 276,
    })
    assert.deepEqual(await frames(nano, readPcapng), [
      { linkType: 276, timeMs: 1_795_489_534_000.25, hex: '01', isCut: false },
    ])
  }
})

test('a pcapng block that is damaged or cut off ends the file with a sentence', async () => {
  const file = pcapngFile([{ timeUnits: 1n, bytes: Uint8Array.of(1) }])
  await assert.rejects(frames(file.subarray(0, -2), readPcapng), /ends in the middle of a block/)
  file.writeUInt32LE(3, 4)
  await assert.rejects(frames(file, readPcapng), /a block of 3 bytes/)
})
