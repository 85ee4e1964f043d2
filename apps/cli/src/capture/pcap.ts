// The pcap file format, as tcpdump and Wireshark write it: frames with their time. In: a file that begins with its magic.
// Source: draft-ietf-opsawg-pcap. Both byte orders, microseconds and nanoseconds.
//   file header, 24 bytes:  magic(4) major(2) minor(2) reserved(8) snaplen(4) linktype(4, low 16 bits)
//   each frame, 16 bytes:   seconds(4) fraction(4) captured length(4) original length(4), then the captured bytes
import type { ByteSource } from './byte-source.ts'
import { CaptureError, type Frame, MAX_FRAME_BYTES } from './frame.ts'

const HEADER_BYTES = 24
const FRAME_HEADER_BYTES = 16
const MAGIC_MICROSECONDS = 0xa1b2c3d4
const MAGIC_NANOSECONDS = 0xa1b23c4d

/** Do these 4 bytes begin a pcap file? */
export const isPcap = (bytes: Uint8Array): boolean => readMagic(bytes) !== undefined

/** Throws CaptureError when the file ends in mid-frame or a frame cannot be. */
export async function* readPcap(source: ByteSource): AsyncGenerator<Frame> {
  const header = await source.take(HEADER_BYTES)
  const magic = readMagic(header)
  if (magic === undefined || header.length < HEADER_BYTES) throw new CaptureError(`${source.path} is no pcap file`)
  const { littleEndian, fractionsPerMs } = magic
  const linkType = view(header).getUint32(20, littleEndian) & 0xffff
  for (;;) {
    const frameHeader = await source.take(FRAME_HEADER_BYTES)
    if (frameHeader.length === 0) return
    if (frameHeader.length < FRAME_HEADER_BYTES) throw cutOff(source)
    const fields = view(frameHeader)
    const timeMs = fields.getUint32(0, littleEndian) * 1000 + fields.getUint32(4, littleEndian) / fractionsPerMs
    const length = fields.getUint32(8, littleEndian)
    const originalLength = fields.getUint32(12, littleEndian)
    if (length > MAX_FRAME_BYTES) throw new CaptureError(`${source.path} has a frame of ${length} bytes: it is damaged`)
    const bytes = await source.take(length)
    if (bytes.length < length) throw cutOff(source)
    yield { linkType, timeMs, bytes, isCut: length < originalLength }
  }
}

function readMagic(bytes: Uint8Array): { littleEndian: boolean; fractionsPerMs: number } | undefined {
  if (bytes.length < 4) return undefined
  for (const littleEndian of [true, false]) {
    const magic = view(bytes).getUint32(0, littleEndian)
    if (magic === MAGIC_MICROSECONDS) return { littleEndian, fractionsPerMs: 1e3 }
    if (magic === MAGIC_NANOSECONDS) return { littleEndian, fractionsPerMs: 1e6 }
  }
  return undefined
}

const cutOff = ({ path }: ByteSource): CaptureError => new CaptureError(`${path} ends in the middle of a frame`)
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
