// A batch that arrived, and the JSON of those of its flows that somebody watches: made once, however many watch.
import type { FlowBatch } from '@netbehave/schema'

export class BatchRows {
  readonly batch: FlowBatch
  readonly arrivedMs: number
  readonly #texts = new Map<number, string>()

  constructor(batch: FlowBatch, arrivedMs: number) {
    this.batch = batch
    this.arrivedMs = arrivedMs
  }

  /** Flow `i` as JSON. */
  text(i: number): string {
    let text = this.#texts.get(i)
    if (text === undefined) {
      text = JSON.stringify(this.batch.row(i))
      this.#texts.set(i, text)
    }
    return text
  }

  /** Start of flow `i`, epoch ms. */
  startMs(i: number): number {
    return this.batch.times('first')[i]!
  }
}
