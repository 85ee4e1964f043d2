// IANA's bootstrap files: those that are shipped, or newer ones that were fetched into DATA/whois. A file that cannot be right never
// takes the place of one that is. In: the folder, and where to fetch from. Fails: never; what goes wrong is counted and logged.
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BootstrapState } from '@netbehave/schema'
import type { LimitedLog } from '@netbehave/service'
import type { z } from 'zod'
import type { Family } from './address-range.ts'
import { type Bootstrap, BootstrapError, parseBootstrap, toBaseUrl } from './bootstrap.ts'
import { follow } from './follow.ts'
import type { Http } from './http.ts'

export interface RefreshOptions {
  readonly directory: string
  readonly http: Http
  /** `ipv4.json` and `ipv6.json` are below it. */
  readonly bootstrapUrl: string
  /** Age at which a file is fetched anew; 0: never. */
  readonly refreshMs: number
  readonly maxRedirects: number
  readonly limitedLog: LimitedLog
  readonly now: () => number
}

export interface BootstrapFiles extends AsyncDisposable {
  readonly counters: { fetched: number; failed: number }
  of(family: Family): Bootstrap
  state(): { ipv4: z.infer<typeof BootstrapState>; ipv6: z.infer<typeof BootstrapState> }
  /** Fetches what is due, now and from time to time. */
  start(): void
  /** Fetches what is due. */
  refresh(): Promise<void>
}

const CHECK_MS = 3_600_000
const FAMILIES: readonly Family[] = [4, 6]
const fileName = (family: Family) => `ipv${family}.json`

interface Current {
  readonly bootstrap: Bootstrap
  readonly fetchedMs: number | null
}

export function openBootstrapFiles(options: RefreshOptions): BootstrapFiles {
  const { directory, http, refreshMs, maxRedirects, limitedLog, now } = options
  const counters = { fetched: 0, failed: 0 }
  const stop = new AbortController()
  const current = new Map<Family, Current>(FAMILIES.map((family) => [family, load(family)]))
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  function load(family: Family): Current {
    const shipped = { bootstrap: readShipped(family), fetchedMs: null }
    const path = join(directory, fileName(family))
    if (!existsSync(path)) return shipped
    try {
      const bootstrap = parseBootstrap(readFileSync(path, 'utf8'), family)
      const isNewer = Date.parse(bootstrap.publication) >= Date.parse(shipped.bootstrap.publication)
      return isNewer ? { bootstrap, fetchedMs: Math.floor(statSync(path).mtimeMs) } : shipped
    } catch (error) {
      complain(family, (error as Error).message)
      return shipped
    }
  }

  async function fetchOne(family: Family): Promise<void> {
    const url = new URL(fileName(family), toBaseUrl(options.bootstrapUrl))
    const answer = await follow(http, url, { maxRedirects, signal: stop.signal })
    if (stop.signal.aborted) return
    try {
      if (answer.kind !== 'answer' || answer.status !== 200)
        throw new BootstrapError(answer.kind === 'problem' ? answer.why : `it was answered with ${describe(answer)}`)
      const bootstrap = parseBootstrap(answer.body, family)
      if (Date.parse(bootstrap.publication) < Date.parse(current.get(family)!.bootstrap.publication))
        throw new BootstrapError(`it is older (${bootstrap.publication}) than what is here`)
      write(family, answer.body)
      current.set(family, { bootstrap, fetchedMs: now() })
      counters.fetched++
    } catch (error) {
      counters.failed++
      complain(family, `${url.href}: ${(error as Error).message}`)
    }
  }

  function write(family: Family, text: string): void {
    const path = join(directory, fileName(family))
    mkdirSync(directory, { recursive: true })
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }

  function complain(family: Family, why: string): void {
    const sentence = `IANA's list of who answers for IPv${family} blocks was not taken, the last good one stays: ${why}`
    limitedLog('refresh', { step: 'refresh' }, sentence)
  }

  async function refresh(): Promise<void> {
    for (const family of FAMILIES) {
      const { fetchedMs } = current.get(family)!
      if (fetchedMs === null || now() - fetchedMs >= refreshMs) await fetchOne(family)
    }
  }

  function refreshInBackground(): void {
    running ??= refresh().finally(() => {
      running = undefined
    })
  }

  return {
    counters,
    of: (family) => current.get(family)!.bootstrap,
    state() {
      const of = (family: Family) => {
        const { bootstrap, fetchedMs } = current.get(family)!
        return { publication: bootstrap.publication.slice(0, 64), fetchedMs }
      }
      return { ipv4: of(4), ipv6: of(6) }
    },
    refresh,
    start() {
      if (refreshMs === 0) return
      refreshInBackground()
      timer = setInterval(refreshInBackground, CHECK_MS).unref()
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      stop.abort()
      await running
    },
  }
}

/** The copy in this repository: `bootstrap/README.md` says where it is from. */
export const readShipped = (family: Family): Bootstrap =>
  parseBootstrap(readFileSync(new URL(`bootstrap/${fileName(family)}`, import.meta.url), 'utf8'), family)

const describe = (answer: { kind: string; status?: number }): string =>
  answer.kind === 'answer' ? `status ${answer.status}` : 'nothing'
