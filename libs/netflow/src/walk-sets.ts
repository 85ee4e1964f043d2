// The sets of a NetFlow 9 datagram or an IPFIX message: definitions, records, or nothing we know.
//
//   NetFlow 9 header, 20 bytes (RFC 3954 §5.1)      IPFIX header, 16 bytes (RFC 7011 §3.1)
//    0 version = 9   2 count                         0 version = 10  2 length of the message
//    4 sysUptime ms  8 export time, s                4 export time, s
//   12 sequence     16 source id                     8 sequence     12 observation domain
//   set: 0 id  2 length, its own 4 bytes included   template 0, options 1 (v9); 2, 3 (IPFIX); data ≥ 256
import { allZero, u16 } from './bytes.ts'
import type { DatagramContext } from './datagram-context.ts'
import { decodeDataSet } from './decode-data-set.ts'
import type { ExporterStore } from './exporter-store.ts'
import { readTemplates } from './read-templates.ts'
import { NETFLOW_9 } from './template.ts'

const SET_HEADER_BYTES = 4
const FIRST_DATA_SET_ID = 256

/**
 * Decodes the sets from `at` to `end`.
 * @param announced NetFlow 9: the header's count, else 0
 */
export function walkSets(
  context: DatagramContext,
  store: ExporterStore,
  bytes: Uint8Array,
  at: number,
  end: number,
  announced: number,
): void {
  const { result } = context
  const templateSetId = context.domain.version === NETFLOW_9 ? 0 : 2
  let sets = 0
  let dataSets = 0
  while (end - at >= SET_HEADER_BYTES) {
    const id = u16(bytes, at)
    const length = u16(bytes, at + 2)
    // length counts its own 4-byte header (RFC 3954 §5.2); below 4 the loop would never advance.
    if (length < SET_HEADER_BYTES) {
      stopAt(context, bytes, at, end)
      return
    }
    if (announced > 0 && sets >= announced && beyondCount(context, bytes, at, end, announced, dataSets)) {
      context.count('count-mismatch')
      result.skippedBytes += end - at
      return
    }
    if (context.setsLeft === 0) {
      context.count('datagram-limit')
      result.skippedBytes += end - at
      context.recordsKnown = false
      return
    }
    context.setsLeft--
    sets++
    let setEnd = at + length
    const truncated = setEnd > end
    if (truncated) {
      context.count('set-truncated')
      setEnd = end
    }
    const contents = at + SET_HEADER_BYTES
    if (id >= FIRST_DATA_SET_ID) {
      dataSets++
      readData(context, store, id, bytes, contents, setEnd, truncated)
    } else if (id === templateSetId || id === templateSetId + 1) {
      result.decodedBytes += SET_HEADER_BYTES
      readTemplates(context, store, id === templateSetId ? 'data' : 'options', bytes, contents, setEnd)
    } else {
      context.count('set-id')
      result.skippedBytes += setEnd - at
    }
    at = setEnd
  }
  result.paddingBytes += end - at
}

/** A length that cannot be: a zero tail is padding (Cisco ACI, Palo Alto 8.1), everything else unreadable. */
function stopAt(context: DatagramContext, bytes: Uint8Array, at: number, end: number): void {
  if (allZero(bytes, at, end)) {
    context.result.paddingBytes += end - at
    return
  }
  context.count('set-length')
  context.result.skippedBytes += end - at
  context.recordsKnown = false
}

function readData(
  context: DatagramContext,
  store: ExporterStore,
  id: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  truncated: boolean,
): void {
  const { result, domain, port } = context
  const template = domain.template(id, port)
  if (template !== undefined) {
    result.decodedBytes += SET_HEADER_BYTES
    store.use(template)
    template.lastSeenMs = context.receivedMs
    decodeDataSet(context, store, template, bytes, at, end, truncated)
    return
  }
  context.count('template-missing')
  context.recordsKnown = false
  const wholeSet = end - at + SET_HEADER_BYTES
  if (end > at && context.heldSetsLeft > 0) {
    context.heldSetsLeft--
    if (store.held.hold(domain, id, port, bytes, at, end, context.receivedMs, context.run)) {
      result.heldBytes += wholeSet
      return
    }
  }
  context.count('held-dropped')
  result.skippedBytes += wholeSet
}

/**
 * Are the sets from `at` on beyond what a NetFlow 9 header announced? RFC 3954 §5.1: count is the number of records,
 * definitions included. Exporters also count sets, data sets, or data records alone (older softflowd); the sets are beyond it
 * only when no reading covers them. README.md, "Where we differ".
 */
function beyondCount(
  context: DatagramContext,
  bytes: Uint8Array,
  at: number,
  end: number,
  announced: number,
  dataSets: number,
): boolean {
  if (context.records + context.definitions < announced || !context.recordsKnown) return false
  let dataRecords = context.records
  while (end - at >= SET_HEADER_BYTES) {
    const id = u16(bytes, at)
    const length = u16(bytes, at + 2)
    if (length < SET_HEADER_BYTES) break
    if (id >= FIRST_DATA_SET_ID) {
      const template = context.domain.template(id, context.port)
      if (template === undefined || template.isVariable) return false
      dataRecords += Math.floor((Math.min(length, end - at) - SET_HEADER_BYTES) / template.recordBytes)
      dataSets++
    }
    at += length
  }
  return dataRecords !== announced && dataSets !== announced
}
