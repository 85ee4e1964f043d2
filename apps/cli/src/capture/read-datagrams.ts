// A file → the NetFlow and IPFIX datagrams in it: a capture (pcap, pcapng), or a file that is one datagram.
// Fails: the operating system's error; CaptureError, after the datagrams before the damage.
import { type ByteSource, openByteSource } from './byte-source.ts'
import { CaptureError } from './frame.ts'
import { isPcap, readPcap } from './pcap.ts'
import { isPcapng, readPcapng } from './pcapng.ts'
import { findUdp, type NoDatagram } from './udp.ts'

export interface CapturedDatagram {
  /** Overwritten when the next datagram is read. */
  readonly bytes: Uint8Array
  /** When it was captured, epoch ms; undefined for a file that is one datagram. */
  readonly timeMs: number | undefined
  /** Who sent it; undefined for a file that is one datagram. */
  readonly from: { readonly ip: string; readonly port: number } | undefined
}

/** Frames that gave no datagram, by reason. `other`: UDP, but neither NetFlow nor IPFIX. */
export type SkippedFrames = Partial<Record<NoDatagram | 'other', number>>

/** The largest UDP payload. */
const MAX_DATAGRAM_BYTES = 65_535
const VERSIONS = [1, 5, 7, 9, 10]
/** The shortest header, that of NetFlow 1 and of IPFIX. */
const MIN_DATAGRAM_BYTES = 16

/** Counts into `skipped` what it leaves out. */
export async function* readDatagrams(path: string, skipped: SkippedFrames): AsyncGenerator<CapturedDatagram> {
  await using source = await openByteSource(path)
  const start = await source.peek(4)
  if (isPcap(start) || isPcapng(start)) yield* readCapture(source, isPcap(start), skipped)
  else yield await readWhole(source)
}

async function* readCapture(
  source: ByteSource,
  isClassic: boolean,
  skipped: SkippedFrames,
): AsyncGenerator<CapturedDatagram> {
  for await (const frame of isClassic ? readPcap(source) : readPcapng(source)) {
    const found = findUdp(frame)
    const reason = typeof found === 'string' ? found : looksLikeFlows(found.payload) ? undefined : 'other'
    if (typeof found === 'string' || reason !== undefined) {
      const key = reason as NoDatagram | 'other'
      skipped[key] = (skipped[key] ?? 0) + 1
      continue
    }
    yield { bytes: found.payload, timeMs: frame.timeMs, from: { ip: found.srcIp, port: found.srcPort } }
  }
}

async function readWhole(source: ByteSource): Promise<CapturedDatagram> {
  const bytes = await source.take(MAX_DATAGRAM_BYTES + 1)
  if (bytes.length > MAX_DATAGRAM_BYTES) {
    throw new CaptureError(
      `${source.path} is neither a capture (pcap, pcapng) nor one datagram: it is longer than ${MAX_DATAGRAM_BYTES} bytes`,
    )
  }
  return { bytes, timeMs: undefined, from: undefined }
}

/** Other traffic in a capture is told apart by the version number that every datagram begins with. */
function looksLikeFlows(payload: Uint8Array): boolean {
  return payload.length >= MIN_DATAGRAM_BYTES && VERSIONS.includes((payload[0]! << 8) | payload[1]!)
}
