// One line of progress on stderr, written over itself. Only on a terminal: a file or a pipe never sees it.
import type { Writable } from 'node:stream'

export interface Progress extends Disposable {
  /** Shows this text, at most some times a second. */
  show(text: () => string): void
}

const INTERVAL_MS = 200
const CLEAR_LINE = '\r\u001b[K'

/** `afterMs`: what is done sooner shows nothing. */
export function createProgress(out: Writable & { isTTY?: boolean }, now: () => number, afterMs = 500): Progress {
  let shownAtMs = now() + afterMs - INTERVAL_MS
  let isShown = false
  return {
    show(text) {
      if (!out.isTTY || now() - shownAtMs < INTERVAL_MS) return
      shownAtMs = now()
      isShown = true
      out.write(`${CLEAR_LINE}${text()}`)
    },
    [Symbol.dispose]() {
      if (isShown) out.write(CLEAR_LINE)
      isShown = false
    },
  }
}
