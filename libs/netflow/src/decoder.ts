// A datagram in; rows in the builder, and what was wrong with it, out. NetFlow 1, 5, 7, 9 and IPFIX over UDP. No socket, clock,
// broker or logger; nothing that a sender puts into a datagram makes it throw.
import type { FlowBatchBuilder } from '@netbehave/schema'
import { type AdoptResult, adoptState } from './adopt-state.ts'
import { allZero, u16, u32 } from './bytes.ts'
import { DatagramContext, type DecodeResult } from './datagram-context.ts'
import { decodeFixed, headerTimeMs } from './decode-fixed.ts'
import { ExporterStore } from './exporter-store.ts'
import { fixedLayouts } from './fixed-layouts.ts'
import { type DecoderLimits, withLimits } from './limits.ts'
import { PROBLEMS } from './problems.ts'
import { uptimeSince } from './read-options.ts'
import { type DecoderReport, interfacesOf, report } from './report.ts'
import { type RestoreResult, restoreState, saveState } from './saved-state.ts'
import { IPFIX, NETFLOW_9 } from './template.ts'
import { trackSequence } from './track-sequence.ts'
import { walkSets } from './walk-sets.ts'

/** Where a datagram came from. */
export interface DatagramSource {
  /** Address of the exporter, as text; one spelling for each. */
  ip: string
  port: number
}

export interface Decoder {
  /**
   * Appends the datagram's flows to the builder. `onFull` is called, also in mid-datagram, whenever the builder has no room
   * left, and must empty it; what it throws is passed on. `receivedMs` (epoch ms) is what times are checked against: for old
   * captures pass `exportTimeMs(datagram)`. The result is reused by the next call. Never throws by itself.
   */
  decode(
    datagram: Uint8Array,
    from: DatagramSource,
    receivedMs: number,
    builder: FlowBatchBuilder,
    onFull: () => void,
  ): DecodeResult
  /** Every exporter and domain that is remembered. */
  reports(): DecoderReport[]
  /** Interface names that an exporter's options records told, by SNMP index. */
  interfaces(ip: string): ReadonlyMap<number, { name: string; description: string }>
  /** Counted up whenever something that `saveState` keeps has changed. */
  readonly stateVersion: number
  /** Templates, sampling and interface names as plain JSON, for `restoreState` after a restart. */
  saveState(): unknown
  /** Takes over a saved state, before the first datagram. All of it, or nothing and the reason. */
  restoreState(json: unknown): RestoreResult
  /** Does data wait for templates? */
  readonly isAwaiting: boolean
  /**
   * Takes the templates that data waits for, with the sampling of their exporters, out of what another decoder saved, and appends that
   * data's flows as `decode` does. How many, or the reason why the state cannot be used; nothing is taken then.
   */
  adoptState(json: unknown, receivedMs: number, builder: FlowBatchBuilder, onFull: () => void): AdoptResult
  /** An exporter was heard elsewhere meanwhile: its next sequence number is compared with none before. */
  startAfresh(ip: string): void
}

const NO_DATAGRAM = new Uint8Array(0)
const HEADER_BYTES_V9 = 20
const HEADER_BYTES_IPFIX = 16

export interface DecoderOptions {
  /**
   * Counts the times of NetFlow 9 from when datagrams left to the ms, which is learned from many of them, and not from the whole seconds
   * of their headers. For live input; a single datagram decodes as it says.
   */
  readonly learnExportTime?: boolean
}

/** Throws on an unknown or impossible limit. */
export function createDecoder(limits: Partial<DecoderLimits> = {}, options: DecoderOptions = {}): Decoder {
  const { learnExportTime = false } = options
  const allLimits = withLimits(limits)
  const context = new DatagramContext(allLimits)
  const store = new ExporterStore(allLimits, (problem) => context.count(problem))
  const layouts = fixedLayouts()

  function decode(
    datagram: Uint8Array,
    from: DatagramSource,
    receivedMs: number,
    builder: FlowBatchBuilder,
    onFull: () => void,
  ): DecodeResult {
    context.begin(datagram, builder, onFull, from.port, receivedMs)
    const { result } = context
    const version = datagram.length >= 2 ? u16(datagram, 0) : -1
    const layout = layouts.get(version)
    const headerBytes =
      version === NETFLOW_9 ? HEADER_BYTES_V9 : version === IPFIX ? HEADER_BYTES_IPFIX : layout?.headerBytes
    if (headerBytes === undefined || datagram.length < headerBytes) {
      context.count(version >= 0 && headerBytes === undefined ? 'unknown-version' : 'short-datagram')
      result.skippedBytes = datagram.length
      return result
    }
    if (version === NETFLOW_9) decodeNetflow9(from.ip)
    else if (version === IPFIX) decodeIpfix(from.ip)
    else decodeFixed(context, store, layout!, from.ip)
    finish(receivedMs)
    return result
  }

  function decodeNetflow9(ip: string): void {
    const { bytes, length } = context
    const uptimeMs = u32(bytes, 4)
    const headerMs = u32(bytes, 8) * 1000
    const domain = store.domain(ip, NETFLOW_9, u32(bytes, 16), context.receivedMs)
    context.enter(domain)
    context.setClock(headerMs, uptimeMs, learnExportTime ? domain.exportClock.lateMs(headerMs, uptimeMs) : 0)
    context.result.decodedBytes += HEADER_BYTES_V9
    walkSets(context, store, bytes, HEADER_BYTES_V9, length, u16(bytes, 2))
    trackSequence(domain, context.port, u32(bytes, 12), context.recordsKnown ? context.records : -1, headerMs, uptimeMs)
  }

  /** Messages may follow each other in one payload: each says its own length. */
  function decodeIpfix(ip: string): void {
    const { result, bytes, length } = context
    let at = 0
    let messagesLeft = allLimits.maxMessagesPerDatagram
    while (messagesLeft > 0 && length - at >= HEADER_BYTES_IPFIX && u16(bytes, at) === IPFIX) {
      messagesLeft--
      const messageBytes = u16(bytes, at + 2)
      const headerMs = u32(bytes, at + 4) * 1000
      const domain = store.domain(ip, IPFIX, u32(bytes, at + 12), context.receivedMs)
      context.enter(domain)
      context.setClock(headerMs, uptimeSince(domain.systemInitMs, headerMs))
      const end = Math.min(at + Math.max(messageBytes, HEADER_BYTES_IPFIX), length)
      if (messageBytes < HEADER_BYTES_IPFIX || at + messageBytes > length) context.count('message-length')
      result.decodedBytes += HEADER_BYTES_IPFIX
      walkSets(context, store, bytes, at + HEADER_BYTES_IPFIX, end, 0)
      const whole = context.recordsKnown && at + messageBytes === end
      trackSequence(domain, context.port, u32(bytes, at + 8), whole ? context.records : -1, headerMs, -1)
      at = end
    }
    const rest = length - at
    if (rest === 0) return
    if (rest < 4 || allZero(bytes, at, length)) {
      result.paddingBytes += rest
      return
    }
    context.count(messagesLeft === 0 ? 'datagram-limit' : 'trailing-bytes')
    result.skippedBytes += rest
  }

  function finish(receivedMs: number): void {
    const { domain, result } = context
    domain.datagrams++
    domain.clockSkewMs = receivedMs - context.run.headerMs
    if (result.problemCount === 0) return
    for (const problem of PROBLEMS) domain.problems[problem] += result.problems[problem]
  }

  return {
    decode,
    reports: () => report(store),
    interfaces: (ip) => interfacesOf(store, ip),
    get stateVersion() {
      return store.version
    },
    saveState: () => saveState(store),
    restoreState: (json) => restoreState(store, json),
    get isAwaiting() {
      return store.held.bytes > 0
    },
    adoptState(json, receivedMs, builder, onFull) {
      context.begin(NO_DATAGRAM, builder, onFull, 0, receivedMs)
      return adoptState(context, store, json)
    },
    startAfresh: (ip) => store.startAfresh(ip),
  }
}

/** The export time in a datagram's header, epoch ms: the `receivedMs` for old captures. Undefined when it has none. */
export function exportTimeMs(datagram: Uint8Array): number | undefined {
  const version = datagram.length >= 2 ? u16(datagram, 0) : -1
  if (version === IPFIX) return datagram.length >= 8 ? u32(datagram, 4) * 1000 : undefined
  if (version === NETFLOW_9) return datagram.length >= 12 ? u32(datagram, 8) * 1000 : undefined
  if (version === 1 || version === 5 || version === 7) return datagram.length >= 16 ? headerTimeMs(datagram) : undefined
  return undefined
}
