// Step tell-silence: an exporter that sends nothing for long is told on the stream EVENTS, and that it sends again. In: what the decoder
// knows of exporters. Out: `ExporterEvent`s through the publisher, which repeats until the stream has them. Fails: never.
import type { Publisher } from '@netbehave/broker'
import { type ExporterEvent, type ExporterReport, SUBJECTS } from '@netbehave/schema'
import { lastSeen } from './siblings.ts'

export interface SilenceOptions {
  readonly reports: () => readonly Pick<ExporterReport, 'ip' | 'lastSeenMs'>[]
  readonly publisher: Publisher
  readonly site: string
  /** So long without a datagram is silence; 0: nothing is told. */
  readonly silentAfterMs: number
  readonly startedMs: number
  readonly counters: SilenceCounters
}

export interface SilenceCounters {
  silent: number
  back: number
}

/** Look at all exporters now. */
export type TellSilence = (nowMs: number) => void

/** How often it is looked, at most and at least. */
const LOOK_MS = { least: 100, most: 10_000 }

export const lookIntervalMs = (silentAfterMs: number): number =>
  Math.min(LOOK_MS.most, Math.max(LOOK_MS.least, silentAfterMs / 10))

export function createTellSilence(options: SilenceOptions): TellSilence {
  const { reports, publisher, site, silentAfterMs, startedMs, counters } = options
  /** Those that are silent, with what was last seen of them. The decoder knows no more exporters than its limit. */
  const silent = new Map<string, number>()

  return (nowMs) => {
    if (silentAfterMs === 0) return
    const seen = lastSeen(reports())
    for (const [ip, lastSeenMs] of seen) {
      const toldMs = silent.get(ip)
      // Saved state may be old: whoever sends is heard again within the time, counted from our start.
      if (toldMs === undefined && nowMs - Math.max(lastSeenMs, startedMs) >= silentAfterMs) {
        silent.set(ip, lastSeenMs)
        counters.silent++
        const isTold = tell(
          SUBJECTS.exporterSilent(site),
          `silent-${site}-${token(ip)}-${lastSeenMs}`,
          ip,
          lastSeenMs,
          nowMs,
        )
        // The ring had no room for it: told at the next look.
        void isTold.then((told) => told || silent.delete(ip))
      } else if (toldMs !== undefined && lastSeenMs > toldMs) {
        silent.delete(ip)
        counters.back++
        void tell(SUBJECTS.exporterBack(site), `back-${site}-${token(ip)}-${toldMs}`, ip, toldMs, lastSeenMs)
      }
    }
    for (const ip of silent.keys()) if (!seen.has(ip)) silent.delete(ip)
  }

  function tell(subject: string, id: string, exporter: string, lastSeenMs: number, atMs: number): Promise<boolean> {
    const event: ExporterEvent = { id, site, exporter, atMs, lastSeenMs }
    return publisher.push({ subject, id, bytes: new TextEncoder().encode(JSON.stringify(event)), flows: 0 })
  }
}

const token = (ip: string): string => ip.replaceAll(/[^0-9A-Za-z.]/g, '-')
