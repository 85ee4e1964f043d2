// When a line was logged, as exactly as is known and never later than it was. In: the line's own time, and the moments at which its log
// was read to the end before. Out: epoch ms.
//
// dnsmasq logs whole seconds. A line that was not there at the read before was logged after that read: within the line's second the
// later of the two is taken. A flow follows an answer within milliseconds, and must not come before it.

const SECOND_MS = 1000

export class LineClock {
  #lastSecondMs = Number.NaN
  #lastMs = 0

  /** `readMs`: when the log was last seen to have nothing more than what stands before this line; 0: not known. */
  timeOf(stampMs: number, isWholeSecond: boolean, readMs: number): number {
    if (!isWholeSecond) return stampMs
    let ms = readMs > stampMs && readMs < stampMs + SECOND_MS ? readMs : stampMs
    // Lines stand in their order.
    if (stampMs === this.#lastSecondMs && this.#lastMs > ms) ms = this.#lastMs
    this.#lastSecondMs = stampMs
    this.#lastMs = ms
    return ms
  }
}
