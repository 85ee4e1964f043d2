// The first step of "the newest N that match": when did the N-th begin? Asking DuckDB for the newest N whole flows makes it read
// every column of every flow that matches; this reads the start and the columns of the condition, and what follows reads a few.
import { type QueryContext, type QueryScope, runQuery } from './query.ts'
import { joinWhere, type Where } from './where.ts'

/** Larger limits are answered in one step. */
const LIMIT_WITH_CUTOFF = 10_000

/** The same scope, bounded to flows that can be among the first `limit` in this order; undefined when nothing matches. */
export async function boundByStart(
  context: QueryContext,
  scope: QueryScope,
  order: 'newest' | 'oldest',
  limit: number,
): Promise<QueryScope | undefined> {
  if (limit === 0) return undefined
  if (limit > LIMIT_WITH_CUTOFF) return scope
  const cutoff = order === 'newest' ? `list_min(max(first_ms, ${limit}))` : `list_max(min(first_ms, ${limit}))`
  for await (const chunk of runQuery(
    context,
    scope,
    (source, where) => `SELECT ${cutoff} FROM ${source} WHERE ${where}`,
  )) {
    const [start] = chunk.getRowValues(0)
    if (start === null) return undefined
    const bound: Where = { sql: `first_ms ${order === 'newest' ? '>=' : '<='} ?::BIGINT`, params: [start as bigint] }
    return { ...scope, where: scope.where ? joinWhere([scope.where, bound], 'AND') : bound }
  }
  return undefined
}
