// Where sealed columns get their arrays from: fresh ones, or one block that is used again for every batch.

export interface ColumnMemory {
  uint8(length: number): Uint8Array
  uint16(length: number): Uint16Array
  uint32(length: number): Uint32Array
  int32(length: number): Int32Array
  float64(length: number): Float64Array
}

/** Arrays that belong to the batch alone. */
export const freshMemory: ColumnMemory = {
  uint8: (length) => new Uint8Array(length),
  uint16: (length) => new Uint16Array(length),
  uint32: (length) => new Uint32Array(length),
  int32: (length) => new Int32Array(length),
  float64: (length) => new Float64Array(length),
}

const ALIGNMENT = 8

/**
 * One block for the columns of one batch after the other. A batch sealed into it is valid until `reset`: for a sender that
 * encodes it at once. Without it every batch leaves 200 KB outside V8's heap, and V8 answers that with full collections.
 */
export class ReusedMemory implements ColumnMemory {
  #block = new ArrayBuffer(256 * 1024)
  #used = 0

  /** The batch before is no longer needed. */
  reset(): void {
    // What did not fit had arrays of its own; the next batch is likely as large.
    if (this.#used > this.#block.byteLength) this.#block = new ArrayBuffer(this.#used)
    this.#used = 0
  }

  uint8(length: number): Uint8Array {
    const at = this.#take(length)
    return at < 0 ? new Uint8Array(length) : new Uint8Array(this.#block, at, length)
  }

  uint16(length: number): Uint16Array {
    const at = this.#take(length * 2)
    return at < 0 ? new Uint16Array(length) : new Uint16Array(this.#block, at, length)
  }

  uint32(length: number): Uint32Array {
    const at = this.#take(length * 4)
    return at < 0 ? new Uint32Array(length) : new Uint32Array(this.#block, at, length)
  }

  int32(length: number): Int32Array {
    const at = this.#take(length * 4)
    return at < 0 ? new Int32Array(length) : new Int32Array(this.#block, at, length)
  }

  float64(length: number): Float64Array {
    const at = this.#take(length * 8)
    return at < 0 ? new Float64Array(length) : new Float64Array(this.#block, at, length)
  }

  /** Offset in the block; -1 when it is full. */
  #take(bytes: number): number {
    const at = this.#used
    this.#used += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    return this.#used > this.#block.byteLength ? -1 : at
  }
}
