// Step publish: a full batch becomes bytes and goes to the stream of raw flows. In: a builder. Fails: never here; the
// publisher repeats, and when it must drop it counts.
import type { Publisher } from '@netbehave/broker'
import { encodeFlowBatch, type FlowBatch, SUBJECTS } from '@netbehave/schema'

/** Size that a message should not exceed (docs/flow-batch.md); a larger batch is sent in two halves. */
export const MESSAGE_BYTES = 256 * 1024

/**
 * Sends batches of one collector. `idPrefix` is unique to this start of the collector, so ids never repeat; and nobody can guess it, or another
 * collector could use its ids first and have the stream take its batches for duplicates.
 */
export function createBatchSender(publisher: Publisher, site: string, idPrefix: string): (batch: FlowBatch) => void {
  const subject = SUBJECTS.flowsRaw(site)

  function send(batch: FlowBatch, part: string): void {
    const bytes = encodeFlowBatch(batch)
    if (bytes.length > MESSAGE_BYTES && batch.length > 1) {
      const half = batch.length >> 1
      send(batch.select(range(0, half)), `${part}a`)
      send(batch.select(range(half, batch.length)), `${part}b`)
      return
    }
    void publisher.push({ subject, id: `${idPrefix}-${batch.fields.seq}${part}`, bytes, flows: batch.length })
  }
  return (batch) => send(batch, '')
}

const range = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, i) => from + i)
