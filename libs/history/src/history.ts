// The archive as those see it who read: search, count, days. Opened beside a running archiver or without one.
// In: the data directory. Out: Flow objects, sums, summaries of days. Loads DuckDB with the first query.
import type { Flow } from '@netbehave/schema'
import type { Catalog, DaySummary } from './catalog.ts'
import { openCatalogToRead } from './catalog.ts'
import { checkDay, paths } from './day.ts'
import { type DuckDb, openDuckDb } from './duckdb.ts'
import { type ExportOptions, exportDay } from './export.ts'
import { chunkToFlows } from './flow-row.ts'
import { PARQUET_COLUMN_NAMES } from './layout.ts'
import { type QueryContext, type QueryScope, runQuery } from './query.ts'
import { type DayVerdict, verifyDay } from './verify.ts'
import { type Conditions, conditionsToWhere, joinWhere, type Where } from './where.ts'

export interface HistoryOptions {
  readonly dataDir: string
  /** DuckDB's memory, not counting about 60 MB of program. */
  readonly memoryLimitMb?: number
  readonly threads?: number
  /** How long DuckDB may work on one query. */
  readonly timeLimitMs?: number
}

export interface Query extends Conditions {
  /** Flows that were active at some moment of [fromMs, toMs), epoch ms. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** A further condition, already built (the filter language). */
  readonly where?: Where | undefined
  readonly signal?: AbortSignal | undefined
}

export interface SearchQuery extends Query {
  /** Flows at most; without it, all. */
  readonly limit?: number | undefined
  /** By the start of the flow, newest first unless told otherwise. `any` streams at once. */
  readonly order?: 'newest' | 'oldest' | 'any' | undefined
}

/** Exact below 2^53, saturating above. */
export interface FlowSums {
  flows: number
  bytes: number
  packets: number
}

export interface History extends AsyncDisposable {
  /** Flows that match, as DuckDB finds them. Leaving the loop interrupts the query. Throws ConditionError, QueryTimeoutError. */
  search(query: SearchQuery): AsyncIterable<Flow>
  count(query: Query): Promise<FlowSums>
  /** Every day that has flows, oldest first. */
  days(): DaySummary[]
  /** One day; undefined when it has no flows. Throws DayError. */
  dayInfo(day: string): DaySummary | undefined
  /** Reads every file of a day and compares it with the catalogue. */
  verifyDay(day: string): Promise<DayVerdict>
  /** Writes a day to one file; returns how many flows (or rows of the daily database) and bytes it has. */
  exportDay(day: string, options: ExportOptions): Promise<{ rows: number; bytes: number }>
}

const DEFAULTS = { memoryLimitMb: 200, threads: 2, timeLimitMs: 30_000 }
/** A day is exported or verified as a whole; that may take longer than a query. */
const WHOLE_DAY_LIMIT_MS = 3_600_000
const ORDERS = { newest: 'ORDER BY first_ms DESC', oldest: 'ORDER BY first_ms', any: '' } as const
const COLUMN_LIST = PARQUET_COLUMN_NAMES.join(', ')

/** Opens the archive in a data directory; it may be empty, and may begin to exist later. */
export function openHistory(options: HistoryOptions): History {
  const { dataDir, memoryLimitMb, threads, timeLimitMs } = { ...DEFAULTS, ...options }
  let catalog: Catalog | undefined
  let opening: Promise<DuckDb> | undefined

  const openedCatalog = (): Catalog | undefined => (catalog ??= openCatalogToRead(dataDir))
  const openedDuckDb = (): Promise<DuckDb> =>
    (opening ??= openDuckDb({
      directories: [paths.flows(dataDir)],
      temporaryDirectory: `${paths.temporary(dataDir)}/query-${process.pid}`,
      memoryLimitMb,
      threads,
    }))
  const contextFor = async (limitMs: number, signal?: AbortSignal): Promise<QueryContext | undefined> => {
    const found = openedCatalog()
    return found && { dataDir, catalog: found, duckDb: await openedDuckDb(), timeLimitMs: limitMs, signal }
  }

  async function* search(query: SearchQuery): AsyncGenerator<Flow> {
    const scope = scopeOf(query)
    const { limit, order = 'newest' } = query
    const tail = `${ORDERS[order]} ${limit === undefined ? '' : `LIMIT ${checkLimit(limit)}`}`
    const context = await contextFor(timeLimitMs, query.signal)
    if (!context) return
    const select = (source: string, where: string) => `SELECT ${COLUMN_LIST} FROM ${source} WHERE ${where} ${tail}`
    for await (const chunk of runQuery(context, scope, select)) yield* chunkToFlows(chunk)
  }

  async function count(query: Query): Promise<FlowSums> {
    const scope = scopeOf(query)
    const sums: FlowSums = { flows: 0, bytes: 0, packets: 0 }
    const context = await contextFor(timeLimitMs, query.signal)
    if (!context) return sums
    const select = (source: string, where: string) =>
      `SELECT count(*), coalesce(sum(bytes), 0), coalesce(sum(packets), 0) FROM ${source} WHERE ${where}`
    for await (const chunk of runQuery(context, scope, select)) {
      const [flows, bytes, packets] = chunk.getRowValues(0)
      return { flows: Number(flows), bytes: saturate(bytes), packets: saturate(packets) }
    }
    return sums
  }

  async function wholeDay<T>(day: string, work: (context: QueryContext) => Promise<T>): Promise<T> {
    const context = openedCatalog()?.daySummary(checkDay(day)) && (await contextFor(WHOLE_DAY_LIMIT_MS))
    if (!context) throw new NoSuchDayError(`there are no flows of ${day}`)
    return work(context)
  }

  return {
    search,
    count,
    days: () => openedCatalog()?.days() ?? [],
    dayInfo: (day) => openedCatalog()?.daySummary(checkDay(day)),
    verifyDay: (day) => wholeDay(day, (context) => verifyDay(context, day)),
    exportDay: (day, exportOptions) => wholeDay(day, (context) => exportDay(context, day, exportOptions)),
    async [Symbol.asyncDispose]() {
      catalog?.[Symbol.dispose]()
      catalog = undefined
      const duckDb = await opening
      opening = undefined
      duckDb?.[Symbol.dispose]()
    },
  }
}

/** The archive has nothing of a day. */
export class NoSuchDayError extends Error {
  override readonly name = 'NoSuchDayError'
}

function scopeOf(query: Query): QueryScope {
  const where = joinWhere([conditionsToWhere(query), query.where ?? { sql: 'true', params: [] }], 'AND')
  return { fromMs: query.fromMs, toMs: query.toMs, where }
}

function checkLimit(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 0) throw new RangeError(`${limit} is no limit: write a whole number`)
  return limit
}

function saturate(sum: unknown): number {
  return Math.min(Number(sum), Number.MAX_SAFE_INTEGER)
}
