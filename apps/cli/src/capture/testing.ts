// For tests: captures and frames, written byte by byte from the formats' layouts.

export interface PcapOptions {
  littleEndian?: boolean
  nanoseconds?: boolean
  linkType?: number
}

/** A pcap file of frames at times (epoch ms). */
export function pcapFile(
  frames: readonly { timeMs: number; bytes: Uint8Array; originalLength?: number }[],
  { littleEndian = true, nanoseconds = false, linkType = 1 }: PcapOptions = {},
): Buffer {
  const header = new DataView(new ArrayBuffer(24))
  header.setUint32(0, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, littleEndian)
  header.setUint16(4, 2, littleEndian)
  header.setUint16(6, 4, littleEndian)
  header.setUint32(16, 262_144, littleEndian)
  header.setUint32(20, linkType, littleEndian)
  const parts = [Buffer.from(header.buffer)]
  for (const { timeMs, bytes, originalLength = bytes.length } of frames) {
    const frame = new DataView(new ArrayBuffer(16))
    frame.setUint32(0, Math.floor(timeMs / 1000), littleEndian)
    frame.setUint32(4, Math.round((timeMs % 1000) * (nanoseconds ? 1e6 : 1e3)), littleEndian)
    frame.setUint32(8, bytes.length, littleEndian)
    frame.setUint32(12, originalLength, littleEndian)
    parts.push(Buffer.from(frame.buffer), Buffer.from(bytes))
  }
  return Buffer.concat(parts)
}

/** A pcapng file with one interface; units of a microsecond, or of the resolution given as if_tsresol. */
export function pcapngFile(
  frames: readonly { timeUnits: bigint; bytes: Uint8Array }[],
  {
    littleEndian = true,
    resolution,
    linkType = 1,
  }: { littleEndian?: boolean; resolution?: number; linkType?: number } = {},
): Buffer {
  const u16 = (value: number) => number(value, 2, littleEndian)
  const u32 = (value: number) => number(value, 4, littleEndian)
  const block = (type: number, body: Buffer) => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)])
    return Buffer.concat([u32(type), u32(padded.length + 12), padded, u32(padded.length + 12)])
  }
  const section = block(0x0a0d0d0a, Buffer.concat([u32(0x1a2b3c4d), u16(1), u16(0), Buffer.alloc(8, 255)]))
  const option = resolution === undefined ? [] : [u16(9), u16(1), Buffer.from([resolution, 0, 0, 0]), u16(0), u16(0)]
  const description = block(1, Buffer.concat([u16(linkType), u16(0), u32(0), ...option]))
  const packets = frames.map(({ timeUnits, bytes }) =>
    block(
      6,
      Buffer.concat([
        ...[u32(0), u32(Number(timeUnits >> 32n)), u32(Number(timeUnits & 0xffffffffn))],
        ...[u32(bytes.length), u32(bytes.length), bytes],
      ]),
    ),
  )
  return Buffer.concat([section, description, ...packets])
}

function number(value: number, bytes: 2 | 4, littleEndian: boolean): Buffer {
  const view = new DataView(new ArrayBuffer(bytes))
  if (bytes === 2) view.setUint16(0, value, littleEndian)
  else view.setUint32(0, value, littleEndian)
  return Buffer.from(view.buffer)
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

/** A UDP datagram from port 40000 to 2055. */
export function udp(payload: Uint8Array): Buffer {
  const header = hex('9c40 0807 0000 0000')
  header.writeUInt16BE(8 + payload.length, 4)
  return Buffer.concat([header, payload])
}

/** IPv4 from 192.0.2.1 to 192.0.2.2. `fragment`: flags and offset. */
export function ipv4(payload: Uint8Array, { protocol = 17, fragment = 0, options = 0 } = {}): Buffer {
  const header = hex(
    `4${(5 + options).toString(16)}00 0000 0001 0000 40 11 0000 c0000201 c0000202 ${'01010101'.repeat(options)}`,
  )
  header.writeUInt16BE(header.length + payload.length, 2)
  header.writeUInt16BE(fragment, 6)
  header[9] = protocol
  return Buffer.concat([header, payload])
}

/** IPv6 from 2001:db8::1 to 2001:db8::2; `next` is the number of what `payload` begins with. */
export function ipv6(payload: Uint8Array, next = 17): Buffer {
  const header = hex(`60000000 0000 11 40 20010db8000000000000000000000001 20010db8000000000000000000000002`)
  header.writeUInt16BE(payload.length, 4)
  header[6] = next
  return Buffer.concat([header, payload])
}

/** Ethernet; `tags`: VLAN tags in hexadecimal before the type. */
export function ethernet(payload: Uint8Array, type: 0x0800 | 0x86dd | 0x0806 = 0x0800, tags = ''): Buffer {
  return Buffer.concat([hex(`020000000002 020000000001 ${tags} ${type.toString(16).padStart(4, '0')}`), payload])
}

/** A NetFlow 5 header that announces no flow. */
export const NETFLOW_5 = hex('0005 0000 00000001 6500 0000 00000000 00000000 00 00 0000')
