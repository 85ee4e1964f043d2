// The first step of "the newest N that match": when did the N-th begin? Asking DuckDB for the newest N whole flows makes it read
// every column of every flow that matches; this reads the start and the columns of the condition, and what follows reads a few.
// Mostly the N-th is near the end: short spans are asked first, of which the row groups' times rule out most of an archive.
import type { ArchiveFile } from './catalog.ts'
import { type QueryContext, type QueryScope, runQuery } from './query.ts'
import { joinWhere, type Where } from './where.ts'

/** Larger limits are answered in one step. */
const LIMIT_WITH_CUTOFF = 10_000

/** Spans that are asked before the whole, as parts of it. */
const PARTS = [1 / 1024, 1 / 32]
/** A span with fewer flows is not worth a query of its own: a run of a closed day is a million. */
const PART_ROWS = 250_000

type SearchOrder = 'newest' | 'oldest'

/** The same scope, bounded to flows that can be among the first `limit` in this order; undefined when nothing matches. */
export async function boundByStart(
  context: QueryContext,
  scope: QueryScope,
  order: SearchOrder,
  limit: number,
  partRows = PART_ROWS,
): Promise<QueryScope | undefined> {
  if (limit === 0) return undefined
  if (limit > LIMIT_WITH_CUTOFF) return scope
  const files = context.catalog.filesBetween(scope.fromMs, scope.toMs)
  for (const startMs of partStarts(files, scope, order, partRows)) {
    const found = await findStart(context, within(scope, order, startMs), order, limit)
    if (found.flows === limit) return within(scope, order, found.startMs!)
  }
  const { startMs } = await findStart(context, scope, order, limit)
  return startMs === null ? undefined : within(scope, order, startMs)
}

/** Where spans of the files' time begin (for the oldest: end), the shortest first. Epoch ms. */
export function partStarts(
  files: readonly ArchiveFile[],
  { fromMs = -Infinity, toMs = Infinity }: Pick<QueryScope, 'fromMs' | 'toMs'>,
  order: SearchOrder,
  partRows = PART_ROWS,
): bigint[] {
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  const firstMs = Math.max(fromMs, Math.min(...files.map((file) => file.firstMs)))
  const lastMs = Math.min(toMs, Math.max(...files.map((file) => file.lastMs)))
  if (rows === 0 || lastMs <= firstMs) return []
  return PARTS.filter((part) => rows * part >= partRows).map((part) => {
    const span = (lastMs - firstMs) * part
    return BigInt(Math.round(order === 'newest' ? lastMs - span : firstMs + span))
  })
}

/** The start of the `limit`-th flow, or of the last where there are fewer; and how many there are, at most `limit`. */
async function findStart(context: QueryContext, scope: QueryScope, order: SearchOrder, limit: number) {
  const first = order === 'newest' ? `max(first_ms, ${limit})` : `min(first_ms, ${limit})`
  const cutoff = order === 'newest' ? 'list_min' : 'list_max'
  const select = (source: string, where: string) =>
    `SELECT ${cutoff}(starts), len(starts) FROM (SELECT ${first} AS starts FROM ${source} WHERE ${where})`
  for await (const chunk of runQuery(context, scope, select)) {
    const [startMs, flows] = chunk.getRowValues(0)
    return { startMs: startMs as bigint | null, flows: Number(flows ?? 0) }
  }
  return { startMs: null, flows: 0 }
}

function within(scope: QueryScope, order: SearchOrder, startMs: bigint): QueryScope {
  const bound: Where = { sql: `first_ms ${order === 'newest' ? '>=' : '<='} ?::BIGINT`, params: [startMs] }
  return { ...scope, where: scope.where ? joinWhere([scope.where, bound], 'AND') : bound }
}
