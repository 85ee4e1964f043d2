// What one filter of one socket matches: counted always, sent at a capped rate, the newest kept. In: batches, the time. Out: rows to
// send when asked. Knows no socket.
import type { CompiledFilter } from '@netbehave/filter'
import type { BatchRows } from './batch-rows.ts'

export interface Gap {
  readonly flows: number
  readonly fromMs: number
  readonly toMs: number
}

export interface Second {
  /** Matches that were not sent, dropped or while paused, with the span of their starts. */
  readonly gap: Gap | null
  readonly dropped: number
  readonly lagMs: number | null
}

/** How many rows may go out at once after a pause, in seconds of the rate. */
const BURST_S = 0.5

export class Subscription {
  readonly filter: CompiledFilter
  readonly rowsPerSecond: number
  readonly #burst: number
  /** The newest matches since the last sending, as a ring. */
  readonly #ring: { rows: BatchRows; i: number }[] = []
  #oldest = 0
  #tokens: number
  #tokensMs: number
  paused = false
  matched = 0
  sent = 0
  dropped = 0
  skipped = 0
  #gap: { flows: number; fromMs: number; toMs: number } | undefined
  #droppedBefore = 0
  #lagMs: number | null = null

  constructor(filter: CompiledFilter, rowsPerSecond: number, nowMs: number) {
    this.filter = filter
    this.rowsPerSecond = rowsPerSecond
    this.#burst = Math.max(1, Math.ceil(rowsPerSecond * BURST_S))
    this.#tokens = this.#burst
    this.#tokensMs = nowMs
  }

  get hasRows(): boolean {
    return this.#ring.length > 0
  }

  offer(rows: BatchRows): void {
    const { batch } = rows
    const matches = this.filter.bind(batch)
    let matched = 0
    for (let i = 0; i < batch.length; i++) {
      if (!matches(i)) continue
      matched++
      if (this.paused) this.#miss(rows, i)
      else this.#keep(rows, i)
    }
    this.matched += matched
    this.#lagMs = Math.max(0, rows.arrivedMs - batch.fields.received)
  }

  /** A batch that nobody looked at, because there was no time. */
  skip(flows: number): void {
    this.skipped += flows
  }

  #keep(rows: BatchRows, i: number): void {
    if (this.#ring.length < this.#burst) {
      this.#ring.push({ rows, i })
      return
    }
    const gone = this.#ring[this.#oldest]!
    this.#drop(gone.rows, gone.i)
    this.#ring[this.#oldest] = { rows, i }
    this.#oldest = (this.#oldest + 1) % this.#burst
  }

  #drop(rows: BatchRows, i: number): void {
    this.dropped++
    this.#miss(rows, i)
  }

  #miss(rows: BatchRows, i: number): void {
    const startMs = rows.startMs(i)
    this.#gap ??= { flows: 0, fromMs: startMs, toMs: startMs }
    this.#gap.flows++
    if (startMs < this.#gap.fromMs) this.#gap.fromMs = startMs
    if (startMs > this.#gap.toMs) this.#gap.toMs = startMs
  }

  /** The newest rows that the rate allows, the newest last; the others are dropped. With `isFull` all are. */
  take(nowMs: number, isFull: boolean): string[] {
    const ring = [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)]
    this.#ring.length = 0
    this.#oldest = 0
    this.#tokens = Math.min(
      this.#burst,
      this.#tokens + (Math.max(0, nowMs - this.#tokensMs) / 1000) * this.rowsPerSecond,
    )
    this.#tokensMs = nowMs
    const allowed = isFull ? 0 : Math.min(ring.length, Math.floor(this.#tokens))
    const first = ring.length - allowed
    for (let k = 0; k < first; k++) this.#drop(ring[k]!.rows, ring[k]!.i)
    this.#tokens -= allowed
    this.sent += allowed
    return ring.slice(first).map(({ rows, i }) => rows.text(i))
  }

  /** What happened since the last call, for the second's `stat`. */
  takeSecond(): Second {
    const second = { gap: this.#gap ?? null, dropped: this.dropped - this.#droppedBefore, lagMs: this.#lagMs }
    this.#droppedBefore = this.dropped
    this.#gap = undefined
    this.#lagMs = null
    return second
  }
}
