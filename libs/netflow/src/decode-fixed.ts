// A NetFlow 1, 5 or 7 datagram → rows.
import { appendFixed } from './append-records.ts'
import { u16, u32 } from './bytes.ts'
import type { DatagramContext } from './datagram-context.ts'
import type { ExporterStore } from './exporter-store.ts'
import type { FixedLayout } from './fixed-layouts.ts'
import { trackSequence } from './track-sequence.ts'

const HEADER_V5_SAMPLING = 22

/** The datagram is at least as long as its header. */
export function decodeFixed(context: DatagramContext, store: ExporterStore, layout: FixedLayout, ip: string): void {
  const { version, headerBytes, program } = layout
  const { result, bytes, length } = context
  const announced = u16(bytes, 2)
  const uptimeMs = u32(bytes, 4)
  const headerMs = headerTimeMs(bytes)
  const engine = version === 5 ? u16(bytes, 20) : 0
  const domain = store.domain(ip, version, engine, context.receivedMs)
  context.enter(domain)
  context.setClock(headerMs, uptimeMs)
  if (version === 5) domain.headerRate = Math.max(1, u16(bytes, HEADER_V5_SAMPLING) & 0x3fff)
  context.defaultRate = domain.headerRate
  context.run.samplers = undefined

  const present = Math.floor((length - headerBytes) / program.stride)
  const count = Math.min(announced, present)
  const appended = count > 0 ? appendFixed(context, program, headerBytes, count) : 0
  domain.flows += appended
  const end = headerBytes + appended * program.stride
  result.decodedBytes += end
  const rest = length - end
  if (announced !== present || appended !== count) {
    if (announced > present || rest > 0) context.count('count-mismatch')
    result.skippedBytes += rest
  } else result.paddingBytes += rest
  const known = announced <= present && version !== 1
  trackSequence(domain, context.port, version === 1 ? 0 : u32(bytes, 16), known ? announced : -1, headerMs, uptimeMs)
}

/** The header's seconds and nanoseconds, epoch ms. */
export const headerTimeMs = (bytes: Uint8Array): number =>
  u32(bytes, 8) * 1000 + Math.floor(Math.min(u32(bytes, 12), 999_999_999) / 1_000_000)
