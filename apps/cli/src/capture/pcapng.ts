// The pcapng file format, Wireshark's own. In: a file that begins with a section header block. Frames with their time.
// Source: draft-ietf-opsawg-pcapng. Every block: type(4) total length(4) body, padded to 4, total length(4) again.
//   section header 0x0A0D0D0A: byte-order magic(4) …            interface description 1: linktype(2) reserved(2) snaplen(4) options
//   enhanced packet 6: interface(4) time high(4) low(4) captured(4) original(4) bytes      simple packet 3: original(4) bytes
import type { ByteSource } from './byte-source.ts'
import { CaptureError, type Frame, MAX_FRAME_BYTES } from './frame.ts'

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const OPTION_END = 0
const OPTION_TIME_RESOLUTION = 9
/** A frame with its block's own fields and options. */
const MAX_BLOCK_BYTES = MAX_FRAME_BYTES + 65_536

interface Interface {
  linkType: number
  unitsPerMs: number
}

/** Do these 4 bytes begin a pcapng file? The type of a section header reads the same in both byte orders. */
export const isPcapng = (bytes: Uint8Array): boolean => bytes.length >= 4 && view(bytes).getUint32(0) === SECTION_HEADER

/** Throws CaptureError when the file ends in mid-block or a block cannot be. */
export async function* readPcapng(source: ByteSource): AsyncGenerator<Frame> {
  let littleEndian = true
  let interfaces: Interface[] = []
  let lastMs = 0
  for (;;) {
    const start = await source.peek(12)
    if (start.length === 0) return
    if (start.length < 12) throw cutOff(source)
    const isSection = isPcapng(start)
    if (isSection) {
      littleEndian = view(start).getUint32(8, true) === BYTE_ORDER_MAGIC
      interfaces = []
    }
    const type = view(start).getUint32(0, littleEndian)
    const blockBytes = view(start).getUint32(4, littleEndian)
    if (blockBytes < 12 || blockBytes > MAX_BLOCK_BYTES) {
      throw new CaptureError(`${source.path} has a block of ${blockBytes} bytes: it is damaged`)
    }
    const block = await source.take(blockBytes)
    if (block.length < blockBytes) throw cutOff(source)
    const body = block.subarray(8, blockBytes - 4)
    if (type === INTERFACE_DESCRIPTION) interfaces.push(readInterface(body, littleEndian))
    const frame = readFrame(type, body, interfaces, littleEndian, lastMs)
    if (!frame) continue
    lastMs = frame.timeMs
    yield frame
  }
}

function readInterface(body: Uint8Array, littleEndian: boolean): Interface {
  const fields = view(body)
  const description = { linkType: body.length >= 2 ? fields.getUint16(0, littleEndian) : -1, unitsPerMs: 1000 }
  for (let at = 8; at + 4 <= body.length; ) {
    const code = fields.getUint16(at, littleEndian)
    const length = fields.getUint16(at + 2, littleEndian)
    if (code === OPTION_END) break
    // if_tsresol: a power of ten, or with the top bit set of two; units in a second.
    if (code === OPTION_TIME_RESOLUTION && length >= 1 && at + 4 < body.length) {
      const resolution = body[at + 4]!
      description.unitsPerMs = (resolution & 128 ? 2 ** (resolution & 127) : 10 ** resolution) / 1000
    }
    at += 4 + Math.ceil(length / 4) * 4
  }
  return description
}

function readFrame(
  type: number,
  body: Uint8Array,
  interfaces: readonly Interface[],
  littleEndian: boolean,
  lastMs: number,
): Frame | undefined {
  const fields = view(body)
  if (type === ENHANCED_PACKET && body.length >= 20) {
    const description = interfaces[fields.getUint32(0, littleEndian)]
    if (!description) return undefined
    const units = fields.getUint32(4, littleEndian) * 2 ** 32 + fields.getUint32(8, littleEndian)
    const bytes = body.subarray(20, 20 + fields.getUint32(12, littleEndian))
    const isCut = bytes.length < fields.getUint32(16, littleEndian)
    return { linkType: description.linkType, timeMs: units / description.unitsPerMs, bytes, isCut }
  }
  if (type === SIMPLE_PACKET && body.length >= 4 && interfaces[0]) {
    const originalLength = fields.getUint32(0, littleEndian)
    const bytes = body.subarray(4, 4 + originalLength)
    return { linkType: interfaces[0].linkType, timeMs: lastMs, bytes, isCut: bytes.length < originalLength }
  }
  return undefined
}

const cutOff = ({ path }: ByteSource): CaptureError => new CaptureError(`${path} ends in the middle of a block`)
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
