// One query over the archive: picks the files by time, runs, and runs again when a file was merged away before the first row.
// Interruptible, with a limit on DuckDB's time. Fails: throws QueryTimeoutError, the signal's reason, or DuckDB's error.
import type { DuckDBBlobValue, DuckDBDataChunk } from '@duckdb/node-api'
import type { ArchiveFile, Catalog } from './catalog.ts'
import type { DuckDBConnection, DuckDBValue, DuckDb } from './duckdb.ts'
import { sourceSql } from './source.ts'
import { EVERYTHING, timeWhere, type Where, type WhereParameter } from './where.ts'

export interface QueryScope {
  /** Flows active in [fromMs, toMs), epoch ms. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly where?: Where | undefined
  /** In place of `where`: conditions that exclude each other, of which one holds. Read one after the other. */
  readonly anyOf?: readonly Where[] | undefined
  /** Only the files of this day. */
  readonly day?: string | undefined
}

export interface QueryContext {
  readonly dataDir: string
  readonly catalog: Catalog
  readonly duckDb: DuckDb
  readonly timeLimitMs: number
  readonly signal?: AbortSignal | undefined
}

/** DuckDB worked on a query for longer than it may. */
export class QueryTimeoutError extends Error {
  override readonly name = 'QueryTimeoutError'
}

/** How often a query is begun again because its files were merged away. Merged files stay for a grace period, so once is rare. */
const TRIES = 3
const ASK_AGAIN_MS = 10
const MISSING_FILE = /no files found|no such file|cannot open file/i

/** Runs `SELECT` text made for a source relation and a condition; yields chunks as DuckDB produces them. */
export async function* runQuery(
  context: QueryContext,
  scope: QueryScope,
  selectSql: (source: string, condition: string) => string,
): AsyncGenerator<DuckDBDataChunk> {
  for (let attempt = 1; ; attempt++) {
    const files = findFiles(context.catalog, scope)
    let sent = false
    try {
      for await (const chunk of runOnce(context, files, scope, selectSql)) {
        sent = true
        yield chunk
      }
      return
    } catch (error) {
      const again = !sent && attempt < TRIES && MISSING_FILE.test((error as Error).message)
      if (!again) throw error
    }
  }
}

function findFiles(catalog: Catalog, { day, fromMs, toMs }: QueryScope): ArchiveFile[] {
  if (day === undefined) return catalog.filesBetween(fromMs, toMs)
  return catalog
    .filesOf(day)
    .filter(({ firstMs, lastMs }) => lastMs >= (fromMs ?? -Infinity) && firstMs < (toMs ?? Infinity))
}

async function* runOnce(
  context: QueryContext,
  files: ArchiveFile[],
  scope: QueryScope,
  selectSql: (source: string, condition: string) => string,
): AsyncGenerator<DuckDBDataChunk> {
  context.signal?.throwIfAborted()
  const { source, where } = unite(timedSource(context, files, scope), scope.anyOf ?? [scope.where ?? EVERYTHING])
  const connection = await context.duckDb.connect()
  const clock = watchTime(connection, context)
  try {
    const params = await bindable([...source.params, ...where.params])
    const result = await clock.run(connection.stream(selectSql(source.sql, where.sql), params))
    for (;;) {
      const chunk = await clock.run(result.fetchChunk())
      if (!chunk || chunk.rowCount === 0) return
      yield chunk
    }
  } finally {
    clock.stop()
    connection.closeSync()
  }
}

/** A relation of the flows of the span. Files that lie within it are read without asking each flow for its times, which is dear. */
function timedSource({ dataDir, catalog }: QueryContext, files: readonly ArchiveFile[], scope: QueryScope): Where {
  const { fromMs = -Infinity, toMs = Infinity } = scope
  const isWithin = ({ firstMs, lastMs }: ArchiveFile) => firstMs >= fromMs && lastMs < toMs
  const layouts = catalog.layouts()
  const [within, cut] = [files.filter(isWithin), files.filter((file) => !isWithin(file))]
  if (cut.length === 0) return { sql: sourceSql(dataDir, within, layouts), params: [] }
  const time = timeWhere(scope.fromMs, scope.toMs)
  const selects = [`SELECT * FROM ${sourceSql(dataDir, cut, layouts)} WHERE ${time.sql}`]
  if (within.length > 0) selects.unshift(`SELECT * FROM ${sourceSql(dataDir, within, layouts)}`)
  return { sql: `(${selects.join(' UNION ALL ')})`, params: time.params }
}

/** A relation and a condition that give the flows of all parts. The relation's parameters stand before those of the condition. */
function unite(source: Where, parts: readonly Where[]): { source: Where; where: Where } {
  if (parts.length === 1) return { source, where: parts[0]! }
  const selects = parts.map(({ sql }) => `SELECT * FROM ${source.sql} WHERE ${sql}`)
  const params = parts.flatMap((part) => [...source.params, ...part.params])
  return { source: { sql: `(${selects.join(' UNION ALL ')})`, params }, where: EVERYTHING }
}

/** Parameters as DuckDB takes them. */
export async function bindable(params: readonly WhereParameter[]): Promise<DuckDBValue[]> {
  const { DuckDBBlobValue } = await import('@duckdb/node-api')
  return params.map((value): DuckDBBlobValue | DuckDBValue =>
    value instanceof Uint8Array ? new DuckDBBlobValue(value) : value,
  )
}

/** Counts only the time that DuckDB works, not the time that the reader of the rows takes. */
function watchTime(connection: DuckDBConnection, { timeLimitMs, signal }: QueryContext) {
  let leftMs = timeLimitMs
  let timedOut = false
  // An interruption before DuckDB has begun (it may still be preparing the query) is forgotten: asked until it is heard.
  let asking: NodeJS.Timeout | undefined
  const interrupt = () => {
    connection.interrupt()
    asking ??= setInterval(() => connection.interrupt(), ASK_AGAIN_MS)
  }
  if (signal?.aborted) interrupt()
  signal?.addEventListener('abort', interrupt, { once: true })
  return {
    async run<T>(work: Promise<T>): Promise<T> {
      const startedMs = performance.now()
      const timer = setTimeout(() => {
        timedOut = true
        interrupt()
      }, leftMs)
      try {
        return await work
      } catch (error) {
        if (timedOut) throw new QueryTimeoutError(`the query took longer than ${timeLimitMs} ms`, { cause: error })
        signal?.throwIfAborted()
        throw error
      } finally {
        clearTimeout(timer)
        leftMs -= performance.now() - startedMs
      }
    },
    stop(): void {
      signal?.removeEventListener('abort', interrupt)
      clearInterval(asking)
    },
  }
}
