// FlowBatch ⇄ bytes on the wire: CBOR (RFC 8949), typed arrays as RFC 8746 tags. In: a batch or foreign bytes.
// Fails: decoding foreign bytes throws FlowBatchError with the reason; the reader counts it and terminates the message.
import { Decoder, Encoder, setSizeLimits } from 'cbor-x'
import { FlowBatch, type FlowBatchFields, findBatchFault } from './flow-batch.ts'

// A message of at most 1 MB can claim an array of any length; without these limits the claim alone would take memory.
setSizeLimits({ maxArraySize: 65_535, maxMapSize: 65_535, maxObjectSize: 65_535 })

const encoder = new Encoder({ useRecords: false, tagUint8Array: true })
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true })

/** Bytes that are no valid batch: what is wrong with them. */
export class FlowBatchError extends Error {
  override readonly name = 'FlowBatchError'
}

/** The batch as bytes of their own. */
export function encodeFlowBatch(batch: FlowBatch): Uint8Array {
  return encoder.encode(batch.fields)
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
