// Where batches are kept. The archive of this machine is one; a column store that spans machines would be another.
import type { FlowBatch } from '@netbehave/schema'

/** `duplicate`: archived already, or waiting for the flush; nothing was done. */
export type WriteOutcome = 'staged' | 'duplicate'

export interface Sink {
  /** Must `flush` come before a batch of so many flows of this stream can be written? */
  mustFlushBefore(flows: number, streamCreatedMs: number): boolean
  /**
   * Takes a batch in memory; it is kept for good once a `flush` begun later has resolved. Sequences are those of the
   * stream, counted from 1 for each stream; `streamCreatedMs` tells streams of one name apart.
   */
  write(batch: FlowBatch, sequence: number, streamCreatedMs: number): WriteOutcome
  /** Makes everything written so far lasting. Rejects when it cannot; nothing is lost, the next call tries again. */
  flush(): Promise<void>
  /** The largest sequence that is kept for good; 0 when none is. */
  lastSequence(streamCreatedMs: number): number
}
