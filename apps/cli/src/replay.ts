// Saved datagrams, sent again to a collector: as fast as in the capture, or at a steady rate. Every exporter of a capture
// sends from a socket of its own. Fails: CommandError for a file, an address, and when nobody listens there.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { CaptureError } from './capture/frame.ts'
import { readDatagrams, type SkippedFrames } from './capture/read-datagrams.ts'
import { CommandError, describeSystemError, EXIT, systemCode } from './exit-codes.ts'
import { formatHostPort, type HostPort } from './listen-address.ts'

export interface ReplayOptions {
  readonly files: readonly string[]
  readonly to: HostPort
  /** Datagrams a second. */
  readonly rate?: number | undefined
  /** How many times as fast as in the capture; in place of `rate`. */
  readonly speed?: number | undefined
  /** A local address to send from, so that the collector takes it for the exporter's. */
  readonly sendFrom?: string | undefined
  readonly stop: AbortSignal
  /** Told after every datagram. */
  readonly onSent?: (sent: ReplayResult) => void
}

export interface ReplayResult {
  datagrams: number
  bytes: number
  exporters: number
  /** The system refused them: nobody listens there. */
  refused: number
  seconds: number
  skippedFrames: SkippedFrames
}

/** Datagrams a second when neither rate nor speed is given: what a small box takes in without loss. */
export const DEFAULT_RATE = 5_000
/** Sockets at most; exporters beyond share them. */
const MAX_SOCKETS = 64
/** A pause of a capture is not waited for longer. */
const LONGEST_PAUSE_MS = 60_000
/** Waiting for less than this is not worth a timer; the next wait makes up for it. */
const SHORTEST_WAIT_MS = 2

export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { files, to, stop } = options
  const startedAt = performance.now()
  const result: ReplayResult = { datagrams: 0, bytes: 0, exporters: 0, refused: 0, seconds: 0, skippedFrames: {} }
  await using sockets = createSockets(options, () => result.refused++)
  const pace = createPace(options)
  try {
    for (const path of files) {
      for await (const { bytes, timeMs, from } of readDatagrams(path, result.skippedFrames)) {
        const waitMs = pace(timeMs)
        if (waitMs >= SHORTEST_WAIT_MS) await pause(waitMs, stop)
        if (stop.aborted) return finish()
        await sockets.send(bytes, from ? `${from.ip} ${from.port}` : '')
        result.datagrams++
        result.bytes += bytes.length
        result.exporters = sockets.count
        options.onSent?.(result)
      }
    }
  } catch (error) {
    throw explain(error, to)
  }
  return finish()

  function finish(): ReplayResult {
    result.seconds = (performance.now() - startedAt) / 1000
    return result
  }
}

/** How long to wait before the next datagram, given its time in the capture. */
export function createPace(
  { rate = DEFAULT_RATE, speed }: Pick<ReplayOptions, 'rate' | 'speed'>,
  now: () => number = () => performance.now(),
): (timeMs: number | undefined) => number {
  const startedAt = now()
  let sent = 0
  let lastTimeMs: number | undefined
  /** Ms of capture that lie behind, pauses cut. */
  let captureMs = 0
  return (timeMs) => {
    const dueMs = speed === undefined ? (sent++ / rate) * 1000 : dueAt(timeMs, speed)
    return startedAt + dueMs - now()
  }

  function dueAt(timeMs: number | undefined, times: number): number {
    if (timeMs !== undefined) {
      // Files may follow each other in any order: time never runs back.
      const passedMs = lastTimeMs === undefined ? 0 : Math.max(0, timeMs - lastTimeMs)
      captureMs += Math.min(passedMs, LONGEST_PAUSE_MS * times)
      lastTimeMs = timeMs
    }
    return captureMs / times
  }
}

function createSockets({ to, sendFrom }: ReplayOptions, onRefused: () => void) {
  const open = new Map<string, Promise<Socket>>()
  let last: Socket | undefined

  async function openSocket(): Promise<Socket> {
    const socket = createSocket(isIPv6(to.host) ? 'udp6' : 'udp4')
    if (sendFrom !== undefined) {
      socket.bind(0, sendFrom)
      await once(socket, 'listening')
    }
    socket.connect(to.port, to.host)
    await once(socket, 'connect')
    // An ICMP "port unreachable" for an earlier datagram comes back as an error of the socket.
    socket.on('error', onRefused)
    last = socket
    return socket
  }

  return {
    get count() {
      return open.size
    },
    async send(bytes: Uint8Array, exporter: string): Promise<void> {
      if (!open.has(exporter) && open.size < MAX_SOCKETS) open.set(exporter, openSocket())
      const socket = await (open.get(exporter) ?? [...open.values()][0]!)
      await new Promise<void>((resolve, reject) => {
        socket.send(bytes, (error) => {
          if (!error) resolve()
          else if (systemCode(error) === 'ECONNREFUSED') resolve(onRefused())
          else reject(error)
        })
      })
    },
    async [Symbol.asyncDispose]() {
      // The answer to the newest datagram may still be on its way through the loopback.
      if (last) await new Promise((resolve) => setImmediate(resolve))
      for (const socket of await Promise.allSettled(open.values())) {
        if (socket.status === 'fulfilled') socket.value.close()
      }
    },
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      stop.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    stop.addEventListener('abort', done, { once: true })
  })
}

function explain(error: unknown, to: HostPort): unknown {
  if (error instanceof CaptureError) return new CommandError(error.message, EXIT.data, { cause: error })
  const { path, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (syscall === 'bind') {
    return new CommandError(`cannot send from that address: ${describeSystemError(error)}`, EXIT.usage, {
      cause: error,
    })
  }
  if (path !== undefined || syscall === 'read') {
    const file = path ?? 'a file'
    return new CommandError(`${file} cannot be read: ${describeSystemError(error)}`, EXIT.noInput, { cause: error })
  }
  if (!systemCode(error)) return error
  return new CommandError(`cannot send to ${formatHostPort(to)}: ${(error as Error).message}`, EXIT.unavailable, {
    cause: error,
  })
}
