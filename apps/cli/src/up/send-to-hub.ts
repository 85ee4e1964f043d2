// The line from a site to the hub: what the site's streams hold goes over it, and it is told when the line is gone and when it is back. In:
// the site's own nats-server. Fails: never; without a hub everything is kept here.
import { open } from 'node:fs/promises'
import { type Broker, connectBroker, createForwarder, publishStats } from '@netbehave/broker'
import type { ForwarderReport } from '@netbehave/schema'
import type { Log } from '@netbehave/service'
import { explainLineFault } from './line-fault.ts'

export interface SendToHubOptions {
  /** The site's own nats-server, and the folder with its keys. */
  readonly server: { readonly url: string; readonly keys: string; readonly keeper: Broker }
  readonly site: string
  readonly instance: string
  /** HOST:PORT. */
  readonly hub: string
  /** In words: what is kept here while the hub is away. */
  readonly keeps: string
  /** nats-server's own log, which knows why there is no line. */
  readonly serverLog: string
  readonly log: Log
  readonly now: () => number
  readonly onChange: (state: HubState) => void
}

export interface HubState {
  readonly isThere: boolean
  /** Since when it is so, epoch ms. */
  readonly sinceMs: number
}

/** The first line takes some seconds. */
const PATIENCE_MS = 15_000

export function sendToHub(options: SendToHubOptions): AsyncDisposable {
  const { server, site, instance, hub, log, now } = options
  const line = connectBroker({ brokerUrl: server.url, brokerKeys: server.keys, instance, site }, 'leaf', log)
  const startedMs = now()
  let state: HubState | undefined
  let told = ''

  const forwarder = createForwarder({
    site,
    keeper: server.keeper,
    line,
    onAnswer: () => {
      const isFirst = state === undefined
      if (!found(true)) return
      told = ''
      log.info({ hub }, `${isFirst ? 'connected to the hub' : 'the hub is back:'} ${hub}`)
    },
    onAway: () => void tellAway(),
    onFault: (error) => tell(`what is kept here is not on its way to the hub ${hub}: ${error.message}; trying again`),
    onOlderCopy: (stream) =>
      log.warn(
        { stream },
        `the stream ${stream} is an older copy of what this box has sent already: what is in it is sent once more`,
      ),
  })
  const stats = publishStats(line, {
    ...{ app: 'forwarder', site, instance, startedMs, now },
    metrics: async () => [],
    report: (): ForwarderReport => ({ waiting: forwarder.waiting }),
  })

  async function tellAway(): Promise<void> {
    if (state === undefined && now() - startedMs < PATIENCE_MS) return
    const why = explainLineFault(await lastLines(options.serverLog))
    found(false)
    tell(
      `no line to the hub ${hub}${why && ` (${why})`}: flows are kept here, ${options.keeps}, and sent when it is back`,
    )
  }

  /** Once, until there is other news. */
  function tell(sentence: string): void {
    if (sentence !== told) log.warn({ hub }, sentence)
    told = sentence
  }

  /** Is it news? */
  function found(isThere: boolean): boolean {
    if (state?.isThere === isThere) return false
    state = { isThere, sinceMs: now() }
    options.onChange(state)
    return true
  }

  return {
    async [Symbol.asyncDispose]() {
      stats[Symbol.dispose]()
      await forwarder[Symbol.asyncDispose]()
      await line[Symbol.asyncDispose]()
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
