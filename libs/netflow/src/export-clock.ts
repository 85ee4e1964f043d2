// NetFlow 9 tells its time in whole seconds (RFC 3954 §5.1), so times counted from it are up to a second early: earlier than the answer to
// the question for the very address. But each header also tells the uptime in ms, and header time - uptime is never later than the true start
// of the exporter and within a second of it: the latest of many is nearly exact.

/** How long a header counts: clocks drift against each other. */
const WINDOW_MS = 60_000
const SECOND_MS = 1000

export class ExportClock {
  /** The latest start that headers of this window, and of the one before, tell; epoch ms. */
  #startMs = Number.NEGATIVE_INFINITY
  #startBeforeMs = Number.NEGATIVE_INFINITY
  #windowEndsMs = Number.NEGATIVE_INFINITY

  /** How much later than its header says a datagram was exported: 0 to 999 ms. */
  lateMs(headerMs: number, uptimeMs: number): number {
    const startMs = headerMs - uptimeMs
    const known = Math.max(this.#startMs, this.#startBeforeMs)
    // A restart, an uptime that wrapped, or a clock that was set: all before says nothing about now.
    if (startMs > known + SECOND_MS || startMs <= known - SECOND_MS) {
      this.#startBeforeMs = Number.NEGATIVE_INFINITY
      this.#startMs = startMs
      this.#windowEndsMs = headerMs + WINDOW_MS
      return 0
    }
    if (headerMs >= this.#windowEndsMs) {
      this.#startBeforeMs = this.#startMs
      this.#startMs = startMs
      this.#windowEndsMs = headerMs + WINDOW_MS
    } else if (startMs > this.#startMs) this.#startMs = startMs
    return Math.max(this.#startMs, this.#startBeforeMs) - startMs
  }
}
