// Memory for encoded batches, used again: a new piece for each would make the garbage collector go through the whole heap every few dozen batches.

/** Smaller ones are not worth it, larger ones are not kept. */
const [SMALLEST, LARGEST] = [1 << 16, 1 << 20]
/** Bytes kept for later at most. */
const KEPT = 8 << 20

export class BufferPool {
  readonly #free: Buffer[] = []
  #bytes = 0

  /** At least so many bytes, from the first of an ArrayBuffer; what is in them is of others. */
  readonly take = (length: number): Buffer => {
    if (length < SMALLEST || length > LARGEST) return Buffer.allocUnsafeSlow(length)
    const at = this.#free.findIndex((buffer) => buffer.length >= length)
    if (at < 0) return Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(length)))
    const [buffer] = this.#free.splice(at, 1)
    this.#bytes -= buffer!.length
    return buffer!
  }

  /** Nobody reads these bytes any more: all of the ArrayBuffer that they are in may be taken. */
  give({ buffer }: Uint8Array): void {
    const { byteLength } = buffer
    if (byteLength < SMALLEST || byteLength > LARGEST || this.#bytes + byteLength > KEPT) return
    this.#free.push(Buffer.from(buffer))
    this.#bytes += byteLength
  }
}
