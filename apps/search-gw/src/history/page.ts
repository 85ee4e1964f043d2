// Flows a page at a time, by key: the start of the last flow, and how many flows with that same start were given. Flows that begin in
// one millisecond are put in a fixed order, so that no flow is given twice or left out. In: a query, where the page before ended.
import type { History, SearchQuery } from '@netbehave/history'
import type { Flow } from '@netbehave/schema'
import { z } from 'zod'
import { ApiError } from '../http/problem.ts'
import type { ResolvedSpan } from './moment.ts'

export type Order = 'newest' | 'oldest'

/** Where a page ended. Span and order go along, so that "the last hour" stays the same hour. */
export interface PageKey extends ResolvedSpan {
  readonly order: Order
  /** Start of the last flow. */
  readonly startMs: number
  /** Flows with that start that were given; null: all of them. */
  readonly given: number | null
}

/** Flows with one start that are put in order; with more a filter must help. */
export const MAX_SAME_START = 20_000

const Key = z.tuple([
  z.number(),
  z.number(),
  z.enum(['newest', 'oldest']),
  z.int(),
  z.int().min(0).max(MAX_SAME_START).nullable(),
])

export const writeKey = ({ fromMs, toMs, order, startMs, given }: PageKey): string =>
  Buffer.from(JSON.stringify([fromMs, toMs, order, startMs, given])).toString('base64url')

export function readKey(text: string): PageKey {
  try {
    const [fromMs, toMs, order, startMs, given] = Key.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return { fromMs, toMs, order, startMs, given }
  } catch {
    throw new ApiError(400, 'after is not the `next` of a page')
  }
}

export interface PageQuery extends ResolvedSpan, Pick<SearchQuery, 'filter' | 'signal'> {
  readonly order: Order
  readonly limit: number
}

export interface Page {
  readonly flows: Flow[]
  readonly next: PageKey | null
}

export async function readPage(history: History, query: PageQuery, after: PageKey | undefined): Promise<Page> {
  const { limit, order, fromMs, toMs } = query
  const flows: Flow[] = []
  const keyAt = (startMs: number, given: number | null): PageKey => ({ fromMs, toMs, order, startMs, given })
  if (after && after.given !== null) {
    const same = await sameStart(history, query, after.startMs)
    flows.push(...same.slice(after.given, after.given + limit))
    const given = after.given + flows.length
    if (given < same.length) return { flows, next: keyAt(after.startMs, given) }
    if (flows.length === limit) return { flows, next: keyAt(after.startMs, null) }
  }
  const left = limit - flows.length
  const found = await collect(history.search({ ...query, where: beyond(after, order), limit: left + 1 }))
  if (found.length <= left) return { flows: [...flows, ...sorted(found)], next: null }
  const { firstMs: lastStart } = found[left - 1]!
  const whole = found.filter(({ firstMs }) => firstMs !== lastStart)
  if (found[left]!.firstMs !== lastStart) {
    const same = sorted(found.slice(0, left).filter(({ firstMs }) => firstMs === lastStart))
    const before = whole.filter((flow) => flow !== found[left])
    return { flows: [...flows, ...before, ...same], next: keyAt(lastStart, null) }
  }
  // The page ends among flows with one start: which of them DuckDB gave is chance, so all are asked for and put in order.
  const same = (await sameStart(history, query, lastStart)).slice(0, left - whole.length)
  return { flows: [...flows, ...whole, ...same], next: keyAt(lastStart, same.length) }
}

function beyond(after: PageKey | undefined, order: Order): SearchQuery['where'] {
  if (!after) return undefined
  return { sql: `first_ms ${order === 'newest' ? '<' : '>'} ?::BIGINT`, params: [BigInt(after.startMs)] }
}

async function sameStart(history: History, query: PageQuery, startMs: number): Promise<Flow[]> {
  const where = { sql: 'first_ms = ?::BIGINT', params: [BigInt(startMs)] }
  const flows = await collect(history.search({ ...query, where, order: 'any', limit: MAX_SAME_START + 1 }))
  if (flows.length > MAX_SAME_START)
    throw new ApiError(
      422,
      `more than ${MAX_SAME_START} flows begin at ${new Date(startMs).toISOString()}; add a condition`,
    )
  return sorted(flows)
}

/** By their text: any order does, as long as it is always the same. Equal ones cannot be told apart, so their order does not matter. */
function sorted(flows: readonly Flow[]): Flow[] {
  if (flows.some(({ firstMs }) => firstMs !== flows[0]?.firstMs)) return [...flows]
  const keyed = flows.map((flow) => ({ flow, key: JSON.stringify(flow) }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ flow }) => flow)
}

async function collect(found: AsyncIterable<Flow>): Promise<Flow[]> {
  const flows: Flow[] = []
  for await (const flow of found) flows.push(flow)
  return flows
}
