// The line from a site to the hub, as the site sees it: asked for over and over, told when it is gone and when it is back; and what the hub
// has for good is removed here. In: the connection of the site's keeper. Fails: never; the next question comes anyway.
import { open } from 'node:fs/promises'
import { askArrived, type Broker, removeArrived } from '@netbehave/broker'
import type { Log } from '@netbehave/service'
import { explainLineFault } from './line-fault.ts'
import { aborted, wait } from './wait.ts'

export interface WatchHubOptions {
  readonly keeper: Broker
  readonly site: string
  /** HOST:PORT. */
  readonly hub: string
  /** In words: what is kept here while the hub is away. */
  readonly keeps: string
  /** Folder of the site's streams. */
  readonly store: string
  /** nats-server's own log, which knows why there is no line. */
  readonly serverLog: string
  readonly log: Log
  readonly now: () => number
  readonly onChange: (state: HubState) => void
  readonly askMs?: number
}

export interface HubState {
  readonly isThere: boolean
  /** Since when it is so, epoch ms. */
  readonly sinceMs: number
}

/** The answer holds the last message of this site whole, up to 256 KiB: not too often. */
const ASK_MS = 30_000
const ANSWER_MS = 10_000
/** While the first line is made it is asked more often; after so long without, it is told. */
const FIRST = { everyMs: 1_000, patienceMs: 15_000 }
/** What the hub has for so long is on its disk. */
const SETTLED_MS = 60_000

export function watchHub(options: WatchHubOptions): AsyncDisposable {
  const { keeper, site, hub, log, now, askMs = ASK_MS } = options
  const stopping = new AbortController()
  const beganMs = now()
  let state: HubState | undefined
  let toldWhy = ''
  let isStrangeTold = false
  let arrived: { sequence: number; atMs: number } | undefined

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await Promise.race([ask(), aborted(stopping.signal)])
      await wait(state === undefined ? FIRST.everyMs : askMs, stopping.signal)
    }
  }

  async function ask(): Promise<void> {
    try {
      const sequence = await askArrived(await keeper.connected, site, ANSWER_MS)
      found(true)
      await removeSettled()
      if (sequence !== undefined) arrived ??= { sequence, atMs: now() }
    } catch {
      const isFirst = state === undefined
      if (stopping.signal.aborted || (isFirst && now() - beganMs < FIRST.patienceMs)) return
      const why = explainLineFault(await lastLines(options.serverLog))
      if (!found(false) && why === toldWhy) return
      toldWhy = why
      const keeps = `flows are kept here, ${options.keeps}, and sent when it is back`
      log.warn({ hub }, `no line to the hub ${hub}${why && ` (${why})`}: ${keeps}`)
    }
  }

  async function removeSettled(): Promise<void> {
    if (!arrived || now() - arrived.atMs < SETTLED_MS) return
    const { sequence } = arrived
    arrived = undefined
    try {
      const removed = await removeArrived(await keeper.connected, site, sequence)
      if (removed !== undefined || isStrangeTold) return
      isStrangeTold = true
      log.error(
        { sequence },
        `the hub has later flows of ${site} than this box ever had, so it waits for later ones still: was the clock wrong when the data folder was made? Stop, remove ${options.store}, and start again`,
      )
    } catch (error) {
      log.warn({ err: error }, `what the hub has was not removed here: ${(error as Error).message}; trying again`)
    }
  }

  /** Is it news? */
  function found(isThere: boolean): boolean {
    if (state?.isThere === isThere) return false
    if (isThere) log.info({ hub }, `${state === undefined ? 'connected to the hub' : 'the hub is back:'} ${hub}`)
    state = { isThere, sinceMs: now() }
    options.onChange(state)
    return true
  }

  const watching = watch()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await watching
    },
  }
}

const TAIL_BYTES = 16_384

/** `up to 10 GiB`. */
export const keptInWords = (keepMiB: number): string =>
  `up to ${keepMiB < 1024 ? `${keepMiB} MiB` : `${Math.round(keepMiB / 102.4) / 10} GiB`}`

async function lastLines(path: string): Promise<string[]> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    const position = Math.max(0, size - TAIL_BYTES)
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(TAIL_BYTES), position })
    return buffer.subarray(0, bytesRead).toString().split('\n')
  } catch {
    return [] // no log yet
  }
}
