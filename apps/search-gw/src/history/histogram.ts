// Flows over time: sums by bucket, empty ones too. In: a span, a filter, how many buckets at most.
import type { Ast } from '@netbehave/filter'
import {
  type FlowSums,
  filterWhere,
  type QueryContext,
  runQuery,
  splitSides,
  sumsSql,
  toSums,
} from '@netbehave/history'
import type { FlowHistogram } from '@netbehave/schema/api'
import type { ResolvedSpan } from './moment.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Widths that people can read off an axis. */
const WIDTHS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR_MS),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY_MS),
]

/** The narrowest width that cuts the span in at most so many buckets that begin at multiples of it. */
export function bucketWidth({ fromMs, toMs }: ResolvedSpan, buckets: number): number {
  const fits = (width: number) => Math.ceil(toMs / width) - Math.floor(fromMs / width) <= buckets
  const known = WIDTHS_MS.find(fits)
  if (known) return known
  let width = WIDTHS_MS.at(-1)!
  while (!fits(width)) width *= 2
  return width
}

export async function readHistogram(
  context: QueryContext | undefined,
  span: ResolvedSpan,
  filter: Ast,
  most: number,
): Promise<Pick<FlowHistogram, 'bucketMs' | 'buckets' | 'total'>> {
  // One bucket cannot be aligned to anything but the span.
  const bucketMs = most === 1 ? span.toMs - span.fromMs : bucketWidth(span, most)
  const startMs = most === 1 ? span.fromMs : Math.floor(span.fromMs / bucketMs) * bucketMs
  const count = Math.max(1, Math.ceil((span.toMs - startMs) / bucketMs))
  const buckets = Array.from({ length: count }, (_, i) => ({
    startMs: startMs + i * bucketMs,
    flows: 0,
    bytes: 0,
    packets: 0,
  }))
  const total: FlowSums = { flows: 0, bytes: 0, packets: 0 }
  if (!context) return { bucketMs, buckets, total }
  const bucket = `greatest(0, (first_ms - ${Math.floor(startMs)}) // ${Math.max(1, Math.floor(bucketMs))})`
  const select = (source: string, where: string) =>
    `SELECT ${bucket} AS bucket, ${sumsSql(false)} FROM ${source} WHERE ${where} GROUP BY 1`
  const anyOf = splitSides(filter).map(filterWhere)
  for await (const chunk of runQuery(context, { ...span, anyOf }, select)) {
    for (const [at, flows, bytes, packets, sampled] of chunk.getRows()) {
      const into = buckets[Math.min(Number(at), count - 1)]!
      const sums = toSums(flows, bytes, packets, sampled)
      for (const name of ['flows', 'bytes', 'packets'] as const) {
        into[name] += sums[name]
        total[name] += sums[name]
      }
      if (sums.sampledFlows) total.sampledFlows = (total.sampledFlows ?? 0) + sums.sampledFlows
    }
  }
  return { bucketMs, buckets, total }
}
