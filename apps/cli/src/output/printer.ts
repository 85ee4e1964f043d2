// Writes many lines to stdout: gathered to larger pieces, and waiting when the reader is slow.
import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Characters gathered before they are written. */
const PIECE = 32_768

export interface Printer {
  /** One line, without its end. Await it in loops: it waits while the reader is slow. */
  line(text: string): Promise<void> | undefined
  /** Writes what is gathered. */
  flush(): Promise<void>
}

export function createPrinter(out: Writable): Printer {
  let gathered = ''
  async function flush(): Promise<void> {
    const text = gathered
    gathered = ''
    if (text !== '' && !out.write(text)) await once(out, 'drain')
  }
  return {
    line(text) {
      gathered += `${text}\n`
      return gathered.length >= PIECE ? flush() : undefined
    },
    flush,
  }
}
