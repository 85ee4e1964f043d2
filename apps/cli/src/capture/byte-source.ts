// A file read from front to end in pieces of any size, so that a capture of gigabytes needs one small buffer.
import { type FileHandle, open } from 'node:fs/promises'

const BUFFER_BYTES = 1024 * 1024

export interface ByteSource extends AsyncDisposable {
  readonly path: string
  /**
   * The next `length` bytes, and moves past them; fewer when the file ends before. They are overwritten by a later call.
   * Throws RangeError above the buffer's size, and the operating system's error.
   */
  take(length: number): Promise<Uint8Array>
  /** The same without moving. */
  peek(length: number): Promise<Uint8Array>
}

/** Throws the operating system's error. */
export async function openByteSource(path: string, bufferBytes = BUFFER_BYTES): Promise<ByteSource> {
  const file: FileHandle = await open(path, 'r')
  const buffer = new Uint8Array(bufferBytes)
  let start = 0
  let end = 0
  let atEnd = false

  async function peek(length: number): Promise<Uint8Array> {
    if (length > bufferBytes) throw new RangeError(`${length} bytes asked for, ${bufferBytes} is the most`)
    if (end - start < length && !atEnd) {
      buffer.copyWithin(0, start, end)
      end -= start
      start = 0
      while (end < length && !atEnd) {
        const { bytesRead } = await file.read(buffer, end, bufferBytes - end)
        if (bytesRead === 0) atEnd = true
        end += bytesRead
      }
    }
    return buffer.subarray(start, Math.min(start + length, end))
  }

  return {
    path,
    peek,
    async take(length) {
      const bytes = await peek(length)
      start += bytes.length
      return bytes
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}
