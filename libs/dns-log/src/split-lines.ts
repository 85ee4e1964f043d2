// Bytes in pieces → lines. In: pieces of a log in their order. Out: each line as text with the position behind it. A line longer than
// the limit is passed over as it comes, so that no more than one limit of it is ever held.

export const MAX_LINE_BYTES = 8192

/** Takes a line without its end; `position` counts bytes from where the splitter began, up to behind the line's end. */
export type OnLine = (line: string, position: number) => void

export class LineSplitter {
  /** Lines passed over because they were too long. */
  tooLong = 0
  /** Position behind the last whole line. */
  position: number
  /** Is a line being passed over that has not ended yet? Its beginning is behind `position`. */
  isSkipping: boolean
  readonly #maxBytes: number
  #rest: Buffer = Buffer.alloc(0)

  constructor({ position = 0, isSkipping = false, maxBytes = MAX_LINE_BYTES } = {}) {
    this.position = position
    this.isSkipping = isSkipping
    this.#maxBytes = maxBytes
  }

  /** Bytes behind `position` that are no whole line yet. */
  get restBytes(): number {
    return this.#rest.length
  }

  push(piece: Buffer, onLine: OnLine): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece
    let start = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      this.position += end + 1 - start
      if (this.isSkipping) this.isSkipping = false
      else if (end - start > this.#maxBytes) this.tooLong++
      else {
        const stop = end > start && bytes[end - 1] === 13 ? end - 1 : end
        onLine(bytes.toString('latin1', start, stop), this.position)
      }
      start = end + 1
    }
    const left = bytes.length - start
    if (this.isSkipping || left > this.#maxBytes) {
      if (!this.isSkipping) this.tooLong++
      this.isSkipping = true
      this.position += left
      this.#rest = Buffer.alloc(0)
    } else this.#rest = Buffer.from(bytes.subarray(start))
  }

  /** Forgets a line that has not ended. Returns whether there was one. */
  dropRest(): boolean {
    const hadRest = this.#rest.length > 0 || this.isSkipping
    this.position += this.#rest.length
    this.#rest = Buffer.alloc(0)
    this.isSkipping = false
    return hadRest
  }
}
