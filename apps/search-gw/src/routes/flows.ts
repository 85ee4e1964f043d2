// Flows of any past moment: rows, sums, leaders, over time, as a file.
import { parse } from '@netbehave/filter'
import { filterWhere } from '@netbehave/history'
import {
  COUNT_FLOWS,
  EXPORT_FLOWS,
  HISTOGRAM_FLOWS,
  SANKEY_FLOWS,
  SEARCH_FLOWS,
  TOP_FLOWS,
} from '@netbehave/schema/api'
import type { Archive } from '../history/archive.ts'
import { readHistogram } from '../history/histogram.ts'
import { readSpan } from '../history/moment.ts'
import { readKey, readPage, writeKey } from '../history/page.ts'
import { toSankey } from '../history/sankey.ts'
import { streamFlows } from '../history/stream-flows.ts'
import type { Binder } from '../http/bind.ts'

export interface FlowNeighbours {
  readonly archive: Archive
  readonly now: () => number
}

export function bindFlows({ bind }: Binder, { archive, now }: FlowNeighbours): void {
  bind(SEARCH_FLOWS, async ({ query: { q, limit, order, after, ...span }, signal }) => {
    const startedAt = performance.now()
    const filter = parse(q)
    const key = after === undefined ? undefined : readKey(after)
    const { fromMs, toMs } = key ?? readSpan(span, now())
    const page = { fromMs, toMs, order: key?.order ?? order, limit, filter, signal }
    const { flows, next } = await archive.ask((history) => readPage(history, page, key), signal)
    return { fromMs, toMs, flows, next: next && writeKey(next), tookMs: tookMs(startedAt) }
  })

  bind(COUNT_FLOWS, async ({ query: { q, scaled, ...span }, signal }) => {
    const startedAt = performance.now()
    const query = { ...readSpan(span, now()), filter: parse(q), scaled, signal }
    const sums = await archive.ask((history) => history.count(query), signal)
    return { fromMs: query.fromMs, toMs: query.toMs, ...sums, tookMs: tookMs(startedAt) }
  })

  bind(TOP_FLOWS, async ({ query: { q, by, order, limit, scaled, ...span }, signal }) => {
    const startedAt = performance.now()
    const resolved = readSpan(span, now())
    const fields = by.split(',').map((name) => name.trim())
    const query = { ...resolved, filter: parse(q), fields, by: order, limit, scaled, signal }
    const top = await archive.ask((history) => history.top(query), signal)
    return {
      ...resolved,
      fields: [...top.fields],
      rows: top.rows.map(({ values, ...sums }) => ({ values: [...values], ...sums })),
      total: top.total,
      values: top.values,
      tookMs: tookMs(startedAt),
    }
  })

  bind(HISTOGRAM_FLOWS, async ({ query: { q, buckets, ...span }, signal }) => {
    const startedAt = performance.now()
    const resolved = readSpan(span, now())
    const filter = parse(q)
    using _place = await archive.gate.enter(signal)
    using context = await archive.context('question', signal)
    const histogram = await readHistogram(context, resolved, filter, buckets)
    return { ...resolved, ...histogram, tookMs: tookMs(startedAt) }
  })

  bind(SANKEY_FLOWS, async ({ query: { q, source, order, limit, ...span }, signal }) => {
    const startedAt = performance.now()
    const resolved = readSpan(span, now())
    const fields = [source, 'org', 'service']
    const query = { ...resolved, filter: parse(q), fields, by: order, limit, signal }
    const rows = await archive.ask((history) => history.stages(query), signal)
    return { ...resolved, ...toSankey(rows, fields, order), tookMs: tookMs(startedAt) }
  })

  bind(EXPORT_FLOWS, async ({ query: { q, format, order, ...span }, signal, response }) => {
    const { fromMs, toMs } = readSpan(span, now())
    const where = filterWhere(parse(q))
    using _place = await archive.gate.enter(signal)
    using context = await archive.context('file', signal)
    const fileName = `flows-${stamp(fromMs)}-${stamp(toMs)}.${format}`
    await streamFlows(response, context, { fromMs, toMs, where }, { format, order, fileName })
    return undefined
  })
}

const tookMs = (startedAt: number): number => Math.round(performance.now() - startedAt)

/** `20261124T120000Z`: nothing that a file name cannot hold. */
const stamp = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '')
