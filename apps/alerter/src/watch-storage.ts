// Disk or archive in trouble, from the snapshots of archivers: full, nearly full, not writing, silent. In: snapshots, the time.
// Out: findings. Fails: never.
import type { StatsSnapshot } from '@netbehave/schema'
import { KINDS } from './kinds.ts'
import type { Notice } from './notice.ts'
import { metricOf } from './snapshot-metrics.ts'
import { formatSpan, formatTime, oneLine } from './text.ts'
import type { Finding } from './watch-loss.ts'

export interface StorageOptions {
  readonly minFreeBytes: number
  /** An archiver that says nothing for so long is in trouble. */
  readonly appSilentMs: number
  readonly timeZone: string
  /** Sites watched at most. */
  readonly limit: number
}

/** Without any snapshot for so long, our own included, it is the broker that is away and no app. */
const DEAF_MS = 30_000
const MIB = 1024 * 1024

interface SiteState {
  instance: string
  lastMs: number
  failures: number
  flushes: number
  isFailing: boolean
  freeBytes: number | undefined
}

export class StorageWatch {
  readonly #options: StorageOptions
  readonly #sites = new Map<string, SiteState>()
  #heardMs = Number.NEGATIVE_INFINITY
  /** Since when snapshots come without a gap. */
  #hearingSinceMs = 0
  /** Sites for which there was no room. */
  unwatched = 0

  constructor(options: StorageOptions) {
    this.#options = options
  }

  /** Any app's snapshot. */
  onSnapshot(snapshot: StatsSnapshot, nowMs: number): Finding[] {
    if (nowMs - this.#heardMs > DEAF_MS) this.#hearingSinceMs = nowMs
    this.#heardMs = nowMs
    if (snapshot.app !== 'archiver') return []
    const { site, instance } = snapshot
    const known = this.#sites.get(site)
    if (!known && this.#sites.size >= this.#options.limit) {
      this.unwatched++
      return []
    }
    const failures = metricOf(snapshot, 'netbehave_archiver_write_failures_total') ?? 0
    const flushes = metricOf(snapshot, 'netbehave_archiver_write_flushes_total') ?? 0
    const free = metricOf(snapshot, 'netbehave_archiver_disk_free_bytes') ?? -1
    const freeBytes = free >= 0 ? free : undefined
    const isFailing = isNowFailing(known, failures, flushes)
    const state = { instance, lastMs: nowMs, failures, flushes, isFailing, freeBytes }
    this.#sites.set(site, state)
    const isFull = metricOf(snapshot, 'netbehave_archiver_disk_full') === 1
    const isLow = freeBytes !== undefined && freeBytes < this.#options.minFreeBytes
    return [
      this.#finding(site, state, 'silent', false, nowMs),
      this.#finding(site, state, 'full', isFull, nowMs),
      this.#finding(site, state, 'low', isLow, nowMs),
      this.#finding(site, state, 'failing', isFailing, nowMs),
    ]
  }

  /** Archivers that say nothing any more. */
  onTick(nowMs: number): Finding[] {
    if (nowMs - this.#heardMs > DEAF_MS) return []
    return [...this.#sites].flatMap(([site, state]) => {
      const silentMs = nowMs - Math.max(state.lastMs, this.#hearingSinceMs)
      return silentMs > this.#options.appSilentMs ? [this.#finding(site, state, 'silent', true, nowMs)] : []
    })
  }

  #finding(site: string, state: SiteState, trouble: Trouble, isTrouble: boolean, nowMs: number): Finding {
    const key = `storage ${site} ${trouble}`
    const { timeZone } = this.#options
    return { key, begin: isTrouble ? (id) => describeTrouble(id, site, state, trouble, timeZone, nowMs) : undefined }
  }
}

/** Failing from a failure on until a flush went well without another. */
function isNowFailing(known: SiteState | undefined, failures: number, flushes: number): boolean {
  if (!known || failures < known.failures) return failures > 0 && flushes === 0
  if (failures > known.failures) return true
  return known.isFailing && flushes <= known.flushes
}

type Trouble = 'silent' | 'full' | 'low' | 'failing'

const SENTENCES: Readonly<Record<Trouble, { trouble: string; advice: string }>> = {
  silent: {
    trouble: 'the archiver says nothing any more',
    advice: 'Flows wait in the broker for a day. Look whether it runs: netbehave status, and its log.',
  },
  full: {
    trouble: 'the disk is nearly full and no day is left to remove',
    advice: 'Make room on its disk, or let it keep less: archiver.keepDays, archiver.maxBytes.',
  },
  low: {
    trouble: 'little is free on its disk',
    advice: 'Make room on its disk, or let it keep less: archiver.keepDays, archiver.maxBytes.',
  },
  failing: {
    trouble: 'flows cannot be written',
    advice: 'Flows wait in the broker for a day. The log of the archiver says why it cannot write.',
  },
}

function describeTrouble(
  id: string,
  site: string,
  { instance, freeBytes, lastMs }: SiteState,
  trouble: Trouble,
  timeZone: string,
  nowMs: number,
): Notice {
  const { trouble: sentence, advice } = SENTENCES[trouble]
  const since = trouble === 'silent' ? `, since ${formatSpan(nowMs - lastMs)}` : ''
  return {
    id,
    kind: 'storage',
    severity: KINDS.storage.severity,
    site,
    atMs: nowMs,
    scope: '',
    about: undefined,
    facts: {
      trouble: `${sentence}${since}`,
      site: oneLine(site),
      instance: oneLine(instance),
      free: freeBytes === undefined ? 'not known' : `${Math.floor(freeBytes / MIB)} MiB`,
      advice,
      time: formatTime(nowMs, timeZone),
    },
  }
}
