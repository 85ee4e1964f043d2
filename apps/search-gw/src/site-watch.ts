// Sites with a server of their own: which they are says the hub's stream of raw flows, how they are the snapshots of their collectors.
// Fails: never; while the broker does not answer, what was known stays.
import { type Broker, sitesOf } from '@netbehave/broker'
import type { SiteReport, StatsSnapshot } from '@netbehave/schema'

const ASK_MS = 10_000
const TIMEOUT_MS = 2_000
const STREAM_INFO = '$JS.API.STREAM.INFO.FLOWS_RAW'

export class SiteWatch implements Disposable {
  readonly #broker: Broker
  readonly #now: () => number
  readonly #timer: NodeJS.Timeout
  readonly #watchedSinceMs: number
  readonly #heardMs = new Map<string, number>()
  #sites: SiteReport[] = []

  constructor(broker: Broker, now: () => number) {
    this.#broker = broker
    this.#now = now
    this.#watchedSinceMs = now()
    this.#timer = setInterval(() => void this.#ask(), ASK_MS)
    this.#timer.unref()
    broker.connected.then(
      () => this.#ask(),
      () => {},
    )
  }

  /** A snapshot of any app; that of a collector is a sign of life of its site. */
  hear({ app, site }: StatsSnapshot): void {
    if (app === 'collector' && this.#sites.some(({ name }) => name === site)) this.#heardMs.set(site, this.#now())
  }

  report(): SiteReport[] {
    return this.#sites.map((site) => ({ ...site, heardMs: this.#heardMs.get(site.name) ?? null }))
  }

  async #ask(): Promise<void> {
    if (!this.#broker.isConnected) return
    const connection = await this.#broker.connected
    const message = await connection.request(STREAM_INFO, '', { timeout: TIMEOUT_MS }).catch(() => undefined)
    const info = message?.json() as (Parameters<typeof sitesOf>[0] & { error?: unknown }) | undefined
    if (!info?.config) return
    const before = new Map(this.#sites.map((site) => [site.name, site]))
    this.#sites = sitesOf(info).map(({ name, keepBytes, waiting }) => {
      const known = before.get(name)
      return {
        name,
        keepBytes,
        waiting,
        waitingSinceMs: waiting === 0 ? null : (known?.waitingSinceMs ?? this.#now()),
        watchedSinceMs: known?.watchedSinceMs ?? (before.size === 0 ? this.#watchedSinceMs : this.#now()),
        heardMs: null,
      }
    })
    for (const name of this.#heardMs.keys())
      if (!this.#sites.some((site) => site.name === name)) this.#heardMs.delete(name)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
