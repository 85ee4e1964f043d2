// A log file that grows, is rotated and is cut, read from where it was left. In: its path, what was saved. Out: pieces of bytes in their
// order, and when another file or a cut begins. Fails: never; what cannot be read is tried again, counted and told in `onError`.
//
// The file is known again by the bytes before the place (`before`), not by its name, and by its inode while there are none: so it is found after a rename
// (log.1, log-20261124), after copy-and-truncate, and a file that was cut and has grown past the place is not taken for the same.
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Bytes before the place that are remembered. */
export const BEFORE_BYTES = 64
const PIECE_BYTES = 65_536
/** Rotation is looked for so often, while there is nothing to read. */
const LOOK_MS = 500
/** Rotated files that are looked at for the place. */
const MAX_ROTATED = 100

export interface LogPlace {
  /** In the file as it is now. */
  readonly offset: number
  readonly before: Buffer
  /** Tells at offset 0; empty: not known. */
  readonly inode: string
}

export interface LogFileCounters {
  bytes: number
  rotations: number
  truncations: number
  /** The place was nowhere: what was written between is lost to us. */
  lost: number
  errors: number
}

/** `bytes` are overwritten by the next read. */
export type Piece = { kind: 'bytes'; bytes: Buffer; isAll: boolean } | { kind: 'fresh' } | { kind: 'idle' }

export class LogFile {
  readonly path: string
  readonly counters: LogFileCounters = { bytes: 0, rotations: 0, truncations: 0, lost: 0, errors: 0 }
  readonly #now: () => number
  readonly #onError: (error: Error) => void
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES + BEFORE_BYTES)
  #handle: FileHandle | undefined
  #saved: LogPlace | undefined
  #offset: number
  #before: Buffer
  #lookedMs = 0
  /** Another file has our path: this one is read to its end, then that one. */
  #isOld = false

  constructor(path: string, saved: LogPlace | undefined, now: () => number, onError: (error: Error) => void) {
    this.path = path
    this.#saved = saved
    this.#offset = saved?.offset ?? 0
    this.#before = saved?.before ?? Buffer.alloc(0)
    this.#now = now
    this.#onError = onError
  }

  /** Of the file that is being read; empty: none is. */
  inode = ''

  get isOpen(): boolean {
    return this.#handle !== undefined
  }

  /** What comes next. `fresh`: what follows is the beginning of a file. `isAll`: there was no more at this moment. */
  async read(): Promise<Piece> {
    try {
      return await this.#read()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.counters.errors++
        this.#onError(error as Error)
      }
      return { kind: 'idle' }
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  async #read(): Promise<Piece> {
    if (!this.#handle && (await this.#openSaved()) === 'fresh') return { kind: 'fresh' }
    const again = Math.min(BEFORE_BYTES, this.#before.length, this.#offset)
    const { bytesRead } = await this.#handle!.read(this.#buffer, 0, PIECE_BYTES + again, this.#offset - again)
    const isSame =
      bytesRead >= again && this.#buffer.subarray(0, again).equals(this.#before.subarray(this.#before.length - again))
    if (!isSame) return this.#onCut()
    if (bytesRead > again) {
      const bytes = this.#buffer.subarray(again, bytesRead)
      this.#offset += bytes.length
      this.#before = lastBytes(this.#before, bytes, BEFORE_BYTES)
      this.counters.bytes += bytes.length
      return { kind: 'bytes', bytes, isAll: bytes.length < PIECE_BYTES }
    }
    if (this.#isOld) {
      await this.#openNext()
      return { kind: 'fresh' }
    }
    if (this.#now() - this.#lookedMs >= LOOK_MS) await this.#look()
    // Read once more before the next file: the writer may have written between our read and its own reopening.
    return this.#isOld ? this.#read() : { kind: 'idle' }
  }

  /** The file became shorter, or is another one below the same number. What was cut off may be in a copy. */
  async #onCut(): Promise<Piece> {
    this.counters.truncations++
    const copy = await this.#findRotated({ offset: this.#offset, before: this.#before, inode: '' })
    await this.close()
    if (copy) {
      await this.#use(copy)
      this.#isOld = true
      return this.#read()
    }
    await this.#use(await open(this.path, 'r'))
    this.#begin()
    return { kind: 'fresh' }
  }

  async #use(handle: FileHandle): Promise<void> {
    this.#handle = handle
    this.inode = await inodeOf(handle)
  }

  #begin(): void {
    this.#offset = 0
    this.#before = Buffer.alloc(0)
    this.#isOld = false
  }

  /** Does our path name another file by now, in which there is something? Until then the writer may still write to this one. */
  async #look(): Promise<void> {
    this.#lookedMs = this.#now()
    const [ours, named] = await Promise.all([this.#handle!.stat(), stat(this.path)])
    this.#isOld = (named.ino !== ours.ino || named.dev !== ours.dev) && named.size > 0
  }

  /** The first opening: where the place is. */
  async #openSaved(): Promise<'fresh' | undefined> {
    const saved = this.#saved
    const current = await open(this.path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' || !saved) throw error
      return undefined
    })
    if (current && (!saved || (await isPlace(current, saved)))) {
      await this.#use(current)
      return undefined
    }
    const rotated = saved && (await this.#findRotated(saved))
    if (rotated) {
      await current?.close()
      await this.#use(rotated)
      this.#isOld = current !== undefined
      return undefined
    }
    if (!current) throw Object.assign(new Error(`${this.path} is not there`), { code: 'ENOENT' })
    this.counters.lost++
    await this.#use(current)
    this.#begin()
    return 'fresh'
  }

  /** The rotated file that has the place; newest first. */
  async #findRotated(place: LogPlace): Promise<FileHandle | undefined> {
    for (const { path } of await this.#rotated()) {
      const handle = await open(path, 'r')
      if (await isPlace(handle, place)) return handle
      await handle.close()
    }
    return undefined
  }

  /** Names as logrotate and dnsmasq's users give them: log.1, log-20261124, log.2026-11-24. Not compressed ones. */
  async #rotated(): Promise<{ path: string; mtimeMs: number; ino: number }[]> {
    const folder = dirname(this.path)
    const begin = basename(this.path)
    const names = (await readdir(folder)).filter(
      (name) => name.startsWith(begin) && /^[.-]\d[\d.-]*$/.test(name.slice(begin.length)),
    )
    const found = await Promise.all(
      names.slice(0, MAX_ROTATED).map(async (name) => {
        const path = join(folder, name)
        const { mtimeMs, ino } = await stat(path)
        return { path, mtimeMs, ino }
      }),
    )
    return found.sort((a, b) => b.mtimeMs - a.mtimeMs)
  }

  /** The file that was written after this one: a rotated one when several rotations were missed, else that of our path. */
  async #openNext(): Promise<void> {
    const ours = await this.#handle!.stat()
    const named = await stat(this.path)
    const between = (await this.#rotated()).filter(
      ({ ino, mtimeMs }) => ino !== ours.ino && ino !== named.ino && mtimeMs > ours.mtimeMs,
    )
    const next = await open(between.at(-1)?.path ?? this.path, 'r')
    await this.close()
    await this.#use(next)
    this.counters.rotations++
    this.#begin()
    this.#isOld = between.length > 0
  }
}

/** A copy of the last `length` bytes of two pieces that follow each other. */
export function lastBytes(before: Buffer, bytes: Buffer, length: number): Buffer {
  if (bytes.length >= length) return Buffer.from(bytes.subarray(-length))
  return Buffer.concat([before.subarray(-(length - bytes.length)), bytes])
}

async function inodeOf(handle: FileHandle): Promise<string> {
  const { dev, ino } = await handle.stat({ bigint: true })
  return `${dev}:${ino}`
}

async function isPlace(handle: FileHandle, { offset, before, inode }: LogPlace): Promise<boolean> {
  if (offset === 0) return inode === (await inodeOf(handle))
  const found = Buffer.alloc(before.length)
  const { bytesRead } = await handle.read(found, 0, before.length, offset - before.length)
  return bytesRead === before.length && found.equals(before)
}
