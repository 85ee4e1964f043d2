// Sites with a server of their own: which they are says the hub's stream of raw flows, how they are their own snapshots.
// Fails: never; while the broker does not answer, what was known stays.
import { type Broker, sitesOf } from '@netbehave/broker'
import { ForwarderReport, type SiteReport, type StatsSnapshot } from '@netbehave/schema'

const ASK_MS = 10_000
const TIMEOUT_MS = 2_000
const STREAM_INFO = '$JS.API.STREAM.INFO.FLOWS_RAW'

export class SiteWatch implements Disposable {
  readonly #broker: Broker
  readonly #now: () => number
  readonly #timer: NodeJS.Timeout
  readonly #watchedSinceMs: number
  readonly #heardMs = new Map<string, number>()
  readonly #waiting = new Map<string, { readonly messages: number; readonly sinceMs: number }>()
  #sites: Omit<SiteReport, 'heardMs' | 'waiting' | 'waitingSinceMs'>[] = []

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

  /** A snapshot of any app; that of a collector is a sign of life of its site, and that of its forwarder says what waits there. */
  hear({ app, site, report }: StatsSnapshot): void {
    if (!this.#sites.some(({ name }) => name === site)) return
    if (app === 'collector') this.#heardMs.set(site, this.#now())
    if (app !== 'forwarder') return
    const messages = ForwarderReport.safeParse(report).data?.waiting ?? 0
    if (messages === 0) this.#waiting.delete(site)
    else this.#waiting.set(site, { messages, sinceMs: this.#waiting.get(site)?.sinceMs ?? this.#now() })
  }

  report(): SiteReport[] {
    return this.#sites.map((site) => {
      const waiting = this.#waiting.get(site.name)
      return {
        ...site,
        heardMs: this.#heardMs.get(site.name) ?? null,
        waiting: waiting?.messages ?? 0,
        waitingSinceMs: waiting?.sinceMs ?? null,
      }
    })
  }

  async #ask(): Promise<void> {
    if (!this.#broker.isConnected) return
    const connection = await this.#broker.connected
    const message = await connection.request(STREAM_INFO, '', { timeout: TIMEOUT_MS }).catch(() => undefined)
    const info = message?.json() as (Parameters<typeof sitesOf>[0] & { error?: unknown }) | undefined
    if (!info?.config) return
    const before = new Map(this.#sites.map((site) => [site.name, site]))
    this.#sites = sitesOf(info).map(({ name, keepBytes }) => {
      const known = before.get(name)
      const watchedSinceMs = known?.watchedSinceMs ?? (before.size === 0 ? this.#watchedSinceMs : this.#now())
      return { name, keepBytes, watchedSinceMs }
    })
    for (const heard of [this.#heardMs, this.#waiting])
      for (const name of heard.keys()) if (!this.#sites.some((site) => site.name === name)) heard.delete(name)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
