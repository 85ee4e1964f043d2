// Seeded fuzzing of the decoder: any number of mutated datagrams through one decoder, from a few addresses, ports and times.
// For each: it returns, it does not throw, it takes at most 5 ms, and its bytes are accounted for (DecodeResult).
import { FlowBatchBuilder } from '@netbehave/schema'
import { createDecoder, type Decoder, exportTimeMs } from '../decoder.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { fuzzCorpus } from './corpus.ts'
import { mutate } from './mutate.ts'

/** No datagram may take longer. */
export const MAX_DATAGRAM_MS = 5
/** A datagram slower than this is decoded again, three times, and its fastest time counts: other programs share the machine. */
const SLOW_MS = 0.5
const REPEATS = 3

export interface FuzzOptions {
  count: number
  seed: number
  /** A clock that never goes back, in ms with fractions. */
  clock: () => number
  /** Called after each 10,000 datagrams. */
  onProgress?: (done: number, decoder: Decoder) => void
}

export interface FuzzReport {
  datagrams: number
  flows: number
  optionsRecords: number
  problems: number
  slowestMs: number
}

/** A datagram that broke the decoder: its bytes, number and seed are in it, so that it can become a test. */
export class FuzzFailure extends Error {
  readonly datagram: Buffer
  readonly seed: number
  readonly index: number

  constructor(why: string, datagram: Buffer, seed: number, index: number, cause?: unknown) {
    super(`seed ${seed}, datagram ${index}: ${why}`, { cause })
    this.name = 'FuzzFailure'
    this.datagram = datagram
    this.seed = seed
    this.index = index
  }
}

/** Throws a FuzzFailure at the first datagram that breaks a promise. */
export function fuzz({ count, seed, clock, onProgress }: FuzzOptions): FuzzReport {
  const corpus = fuzzCorpus()
  const random = seededRandom(seed)
  const decoder = createDecoder()
  const builder = new FlowBatchBuilder()
  const empty = () => builder.clear()
  const report: FuzzReport = { datagrams: 0, flows: 0, optionsRecords: 0, problems: 0, slowestMs: 0 }
  let nowMs = Date.UTC(2026, 0, 6)
  for (let index = 0; index < count; index++) {
    const datagram = mutate(random.pick(corpus), random, corpus)
    const from = { ip: `192.0.2.${random.below(20)}`, port: 2055 + random.below(3) }
    nowMs += random.below(50)
    const receivedMs = random.next() < 0.5 ? (exportTimeMs(datagram) ?? nowMs) : nowMs
    const fail = (why: string, cause?: unknown) => new FuzzFailure(why, datagram, seed, index, cause)
    let elapsedMs = Number.POSITIVE_INFINITY
    for (let run = 0; run < 1 + REPEATS && elapsedMs > SLOW_MS; run++) {
      const beforeMs = clock()
      let result: ReturnType<Decoder['decode']>
      try {
        result = decoder.decode(datagram, from, receivedMs, builder, empty)
      } catch (cause) {
        throw fail('threw', cause)
      }
      elapsedMs = Math.min(elapsedMs, clock() - beforeMs)
      const { decodedBytes, paddingBytes, heldBytes, skippedBytes } = result
      if (Math.min(decodedBytes, paddingBytes, heldBytes, skippedBytes) < 0) throw fail('negative byte count')
      if (decodedBytes + paddingBytes + heldBytes + skippedBytes !== datagram.length)
        throw fail('bytes unaccounted for')
      if (skippedBytes > 0 && result.problemCount === 0) throw fail('bytes skipped without a problem')
      if (run > 0) continue
      report.flows += result.appended
      report.optionsRecords += result.optionsRecords
      report.problems += result.problemCount
    }
    report.slowestMs = Math.max(report.slowestMs, elapsedMs)
    if (elapsedMs > MAX_DATAGRAM_MS) throw fail(`took ${elapsedMs.toFixed(1)} ms`)
    checkRows(builder, fail)
    report.datagrams++
    if (report.datagrams % 10_000 === 0) onProgress?.(report.datagrams, decoder)
  }
  return report
}

/** The newest rows are believable: their times are numbers and in order, their exporter is known. */
function checkRows(builder: FlowBatchBuilder, fail: (why: string) => FuzzFailure): void {
  const { first, last, exporter } = builder.rows
  for (let row = Math.max(0, builder.length - 50); row < builder.length; row++) {
    if (!(first[row]! <= last[row]! && first[row]! >= 0)) throw fail(`times ${first[row]} to ${last[row]}`)
    if (exporter[row] === 0) throw fail('a row without exporter')
  }
}
