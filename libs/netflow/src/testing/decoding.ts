// A decoder with a builder behind it, for tests: decode datagrams, read flows as objects.
import { type Flow, FlowBatchBuilder } from '@netbehave/schema'
import { createDecoder, type Decoder, exportTimeMs } from '../decoder.ts'
import type { DecoderLimits } from '../limits.ts'
import { PROBLEMS, type Problem } from '../problems.ts'

export interface DecodedDatagram {
  flows: Flow[]
  optionsRecords: number
  /** Those above 0. */
  problems: Partial<Record<Problem, number>>
  bytes: { decoded: number; padding: number; held: number; skipped: number }
}

export interface DecodingBench {
  decoder: Decoder
  /**
   * Decodes one datagram. Without `receivedMs` the datagram's own export time is the receive time, as in `netbehave decode`.
   * Fails unless every byte is accounted for, and skipped bytes have a problem.
   */
  decode(datagram: Uint8Array, options?: { ip?: string; port?: number; receivedMs?: number }): DecodedDatagram
}

export function decodingBench(limits: Partial<DecoderLimits> = {}, rowsPerBatch = 4096): DecodingBench {
  const decoder = createDecoder(limits)
  const builder = new FlowBatchBuilder(rowsPerBatch)
  return {
    decoder,
    decode(datagram, { ip = '192.0.2.1', port = 2055, receivedMs = exportTimeMs(datagram) ?? 0 } = {}) {
      const flows: Flow[] = []
      const takeFlows = () => {
        const batch = builder.seal({ site: 'test', collector: 'test', seq: 0, received: receivedMs })
        for (let i = 0; i < batch.fields.n; i++) flows.push(batch.row(i))
      }
      const result = decoder.decode(datagram, { ip, port }, receivedMs, builder, takeFlows)
      takeFlows()
      const problems: Partial<Record<Problem, number>> = {}
      for (const problem of PROBLEMS) if (result.problems[problem] > 0) problems[problem] = result.problems[problem]
      const { decodedBytes: decoded, paddingBytes: padding, heldBytes: held, skippedBytes: skipped } = result
      if (decoded + padding + held + skipped !== datagram.length) {
        throw new Error(
          `of ${datagram.length} bytes ${decoded} decoded, ${padding} padding, ${held} held, ${skipped} skipped`,
        )
      }
      if (skipped > 0 && result.problemCount === 0) throw new Error(`${skipped} bytes skipped without a problem`)
      if (flows.length !== result.appended) throw new Error(`${result.appended} appended, ${flows.length} rows`)
      return { flows, optionsRecords: result.optionsRecords, problems, bytes: { decoded, padding, held, skipped } }
    },
  }
}
