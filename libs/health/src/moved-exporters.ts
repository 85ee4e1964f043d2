// Where several collectors share a port an exporter comes from one to another, and both know it. In: what the collectors say. Out: without
// what a collector knows of exporters that another one of the site hears now.
import type { ExporterReport } from '@netbehave/schema'

/** Heard so much later elsewhere, it is there now; an exporter that sends from several ports may be in both places. */
const MOVED_MS = 60_000

export function withoutMoved<T>(
  rows: readonly T[],
  read: (row: T) => { readonly site: string; readonly exporter: ExporterReport },
): T[] {
  const newest = new Map<string, number>()
  const keyOf = (row: T): string => {
    const { site, exporter } = read(row)
    return `${site} ${exporter.ip} ${exporter.version} ${exporter.domain}`
  }
  for (const row of rows) {
    const { lastSeenMs } = read(row).exporter
    newest.set(keyOf(row), Math.max(lastSeenMs, newest.get(keyOf(row)) ?? 0))
  }
  return rows.filter((row) => newest.get(keyOf(row))! - read(row).exporter.lastSeenMs < MOVED_MS)
}
