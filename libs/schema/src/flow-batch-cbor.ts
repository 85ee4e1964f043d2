// FlowBatch ⇄ bytes on the wire: CBOR (RFC 8949), typed arrays as RFC 8746 tags. In: a batch or foreign bytes.
// Fails: decoding foreign bytes throws FlowBatchError with the reason; the reader counts it and terminates the message.
import { Decoder, Encoder, setSizeLimits } from 'cbor-x'
import { FlowBatch, type FlowBatchFields, findBatchFault } from './flow-batch.ts'
import { TableTexts } from './text-table.ts'

// A message of at most 1 MB can claim an array of any length; without these limits the claim alone would take memory.
setSizeLimits({ maxArraySize: 65_535, maxMapSize: 65_535, maxObjectSize: 65_535 })

/** cbor-x's types lack this method, its documentation has it. */
type Reusing = Encoder & { useBuffer(buffer: Buffer): void }

const encoder = new Encoder({ useRecords: false, tagUint8Array: true }) as Reusing
/** Where the encoder writes: a buffer of its own would begin with 8 KB and be copied into larger ones for every batch. */
let scratch: Buffer | undefined
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true })

/** Bytes that are no valid batch: what is wrong with them. */
export class FlowBatchError extends Error {
  override readonly name = 'FlowBatchError'
}

/** The batch as bytes of their own, or at the beginning of what `allocate` gives: at least so many bytes, from the first of an ArrayBuffer. */
export function encodeFlowBatch(
  { fields }: FlowBatch,
  allocate: (length: number) => Buffer = Buffer.allocUnsafeSlow,
): Uint8Array {
  scratch ??= Buffer.allocUnsafeSlow(1 << 20)
  encoder.useBuffer(scratch)
  const { dict, ...rest } = fields
  const tables: [string, TableTexts][] = []
  const others: [string, unknown][] = []
  for (const [name, texts] of Object.entries(dict))
    if (texts instanceof TableTexts) tables.push([name, texts])
    else others.push([name, texts])
  if (tables.length > 0)
    return joinMaps(encoder.encode(rest), encoder.encode(Object.fromEntries(others)), tables, allocate)
  const encoded = encoder.encode(fields)
  const bytes = allocate(encoded.length)
  return bytes.subarray(0, encoded.copy(bytes))
}

/** CBOR: the encoder writes every map with a length of 16 bits; a short text; a list with a length of 16 bits. */
const [MAP, SHORT_TEXT, LIST] = [0xb9, 0x60, 0x99]
/** Bytes of the head of a map or a list. */
const HEAD = 3

/** The map of a batch from its members without `dict`, `dict` without the dictionaries that are encoded already, and those. */
function joinMaps(
  rest: Buffer,
  dict: Buffer,
  tables: readonly [string, TableTexts][],
  allocate: (length: number) => Buffer,
): Uint8Array {
  let length = rest.length + dict.length + 'dict'.length + 1
  for (const [name, { table, numbers }] of tables) length += name.length + 1 + HEAD + table.cborLength(numbers)
  const bytes = allocate(length)
  const view = new DataView(bytes.buffer)
  let at = 0
  const writeHead = (type: number, count: number) => {
    bytes[at] = type
    view.setUint16(at + 1, count)
    at += HEAD
  }
  const writeMap = (map: Buffer, more: number) => {
    writeHead(MAP, map.readUInt16BE(1) + more)
    at += map.copy(bytes, at, HEAD)
  }
  const writeKey = (key: string) => {
    bytes[at] = SHORT_TEXT | key.length
    at += 1 + bytes.write(key, at + 1, 'latin1')
  }
  writeMap(rest, 1)
  writeKey('dict')
  writeMap(dict, tables.length)
  for (const [name, { table, numbers }] of tables) {
    writeKey(name)
    writeHead(LIST, numbers.length)
    at = table.writeCbor(numbers, view, at)
  }
  return bytes.subarray(0, at)
}

/** Bytes → batch, checked. Throws FlowBatchError. */
export function decodeFlowBatch(bytes: Uint8Array): FlowBatch {
  let fields: Partial<FlowBatchFields>
  try {
    fields = decoder.decode(bytes as Buffer)
  } catch (cause) {
    throw new FlowBatchError(`not CBOR: ${(cause as Error).message}`, { cause })
  }
  const fault = findBatchFault(fields)
  if (fault) throw new FlowBatchError(`not a flow batch: ${fault}`)
  return new FlowBatch(fields as FlowBatchFields)
}
