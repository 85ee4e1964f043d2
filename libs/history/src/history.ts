// The archive as those see it who read: search, count, days. Opened beside a running archiver or without one.
// In: the data directory. Out: Flow objects, sums, summaries of days. Loads DuckDB with the first query.
import type { DuckDBDataChunk } from '@duckdb/node-api'
import type { Ast } from '@netbehave/filter'
import type { Flow } from '@netbehave/schema'
import type { Catalog, DaySummary } from './catalog.ts'
import { openCatalogToRead } from './catalog.ts'
import { boundByStart } from './cutoff.ts'
import { checkDay, paths } from './day.ts'
import { type DuckDb, openDuckDb } from './duckdb.ts'
import { type ExportOptions, exportDay } from './export.ts'
import { chunkToFlows } from './flow-row.ts'
import { PARQUET_COLUMN_NAMES } from './layout.ts'
import { type QueryContext, type QueryScope, runQuery } from './query.ts'
import { splitSides } from './sides.ts'
import { readStages, type StagesRow, stagesSql } from './stages.ts'
import { type FlowSums, sumsSql, toSums } from './sums.ts'
import { readTop, readTopFields, type Top, TopError, type TopOrder, topSql } from './top.ts'
import { type DayVerdict, verifyDay } from './verify.ts'
import { EVERYTHING, filterWhere, joinWhere, type Where } from './where.ts'

export interface HistoryOptions {
  readonly dataDir: string
  /** DuckDB's memory, not counting about 60 MB of program. */
  readonly memoryLimitMb?: number
  readonly threads?: number
  /** How long DuckDB may work on one query. */
  readonly timeLimitMs?: number
}

export interface Query {
  /** Flows that were active at some moment of [fromMs, toMs), epoch ms. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** Flows that match (libs/filter). */
  readonly filter?: Ast | undefined
  /** A further condition, of the caller's own making. */
  readonly where?: Where | undefined
  readonly signal?: AbortSignal | undefined
}

export interface SearchQuery extends Query {
  /** Flows at most; without it, all. */
  readonly limit?: number | undefined
  /** By the start of the flow, newest first unless told otherwise. `any` streams at once. */
  readonly order?: 'newest' | 'oldest' | 'any' | undefined
}

export interface SumQuery extends Query {
  /** Bytes and packets times the sampling rate of their flow; without it, as exported. Flows are counted, never scaled. */
  readonly scaled?: boolean | undefined
}

export interface TopQuery extends SumQuery {
  /** Names or aliases of fields of the filter language; either-side ones count a flow on both its sides. */
  readonly fields: readonly string[]
  /** What is compared; bytes unless told otherwise. */
  readonly by?: TopOrder | undefined
  /** Values at most, 10 unless told otherwise. */
  readonly limit?: number | undefined
}

export interface History extends AsyncDisposable {
  /** Flows that match, as DuckDB finds them. Leaving the loop interrupts the query. Throws QueryTimeoutError. */
  search(query: SearchQuery): AsyncIterable<Flow>
  count(query: SumQuery): Promise<FlowSums>
  /** The values with the largest sums. Throws TopError, QueryTimeoutError. */
  top(query: TopQuery): Promise<Top>
  /**
   * Sums over combinations of the leaders of each field. A text of either side is the destination's, else the source's; other fields
   * are of one side. Throws TopError, QueryTimeoutError.
   */
  stages(query: TopQuery): Promise<StagesRow[]>
  /** Every day that has flows, oldest first. */
  days(): DaySummary[]
  /** One day; undefined when it has no flows. Throws DayError. */
  dayInfo(day: string): DaySummary | undefined
  /** Reads every file of a day and compares it with the catalogue. */
  verifyDay(day: string): Promise<DayVerdict>
  /** Writes a day to one file; returns how many flows (or rows of the daily database) and bytes it has. */
  exportDay(day: string, options: ExportOptions): Promise<{ rows: number; bytes: number }>
}

const DEFAULT_TOP = 10
/** What a reader can still look at, and the rows that DuckDB keeps sorted. */
export const MAX_TOP = 100_000
/** Leaders of one field; all combinations of them may come. */
export const MAX_STAGE_VALUES = 50
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
      keepsMemory: true,
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
    const isBounded = limit !== undefined && order !== 'any'
    const bounded = isBounded ? await boundByStart(context, scope, order, limit) : scope
    if (!bounded) return
    const select = (source: string, where: string) => `SELECT ${COLUMN_LIST} FROM ${source} WHERE ${where} ${tail}`
    for await (const chunk of runQuery(context, bounded, select)) yield* chunkToFlows(chunk)
  }

  async function count({ scaled = false, ...query }: SumQuery): Promise<FlowSums> {
    const parts = splitSides(query.filter ?? { kind: 'all' })
    const scope = { ...scopeOf(query), where: undefined, anyOf: parts.map((filter) => whereOf({ ...query, filter })) }
    const context = await contextFor(timeLimitMs, query.signal)
    if (!context) return toSums(0, 0, 0, 0)
    const select = (source: string, where: string) => `SELECT ${sumsSql(scaled)} FROM ${source} WHERE ${where}`
    for await (const chunk of runQuery(context, scope, select)) {
      const [flows, bytes, packets, sampled] = chunk.getRowValues(0)
      return toSums(flows, bytes, packets, sampled)
    }
    return toSums(0, 0, 0, 0)
  }

  async function top({ fields, by = 'bytes', limit = DEFAULT_TOP, scaled = false, ...query }: TopQuery): Promise<Top> {
    const keys = readTopFields(fields)
    if (checkLimit(limit) < 1 || limit > MAX_TOP) throw new TopError(`ask for 1 to ${MAX_TOP} values`)
    const context = await contextFor(timeLimitMs, query.signal)
    if (!context) return readTop(keys, [])
    const chunks: DuckDBDataChunk[] = []
    const select = topSql(keys, by, limit, scaled)
    for await (const chunk of runQuery(context, scopeOf(query), select)) chunks.push(chunk)
    return readTop(keys, chunks)
  }

  async function stages({ fields, by = 'bytes', limit = DEFAULT_TOP, ...query }: TopQuery): Promise<StagesRow[]> {
    const keys = readTopFields(fields)
    const either = keys.find(({ sides, type }) => sides && type !== 'text')
    if (either) throw new TopError(`${either.name} is of either side; name src.${either.name} or dst.${either.name}`)
    if (checkLimit(limit) < 1 || limit > MAX_STAGE_VALUES) throw new TopError(`ask for 1 to ${MAX_STAGE_VALUES} values`)
    const context = await contextFor(timeLimitMs, query.signal)
    if (!context) return []
    const chunks: DuckDBDataChunk[] = []
    for await (const chunk of runQuery(context, scopeOf(query), stagesSql(keys, by, limit))) chunks.push(chunk)
    return readStages(keys, chunks)
  }

  async function wholeDay<T>(day: string, work: (context: QueryContext) => Promise<T>): Promise<T> {
    const context = openedCatalog()?.daySummary(checkDay(day)) && (await contextFor(WHOLE_DAY_LIMIT_MS))
    if (!context) throw new NoSuchDayError(`there are no flows of ${day}`)
    return work(context)
  }

  return {
    search,
    count,
    top,
    stages,
    days: () => openedCatalog()?.days() ?? [],
    dayInfo: (day) => openedCatalog()?.daySummary(checkDay(day)),
    verifyDay: (day) => wholeDay(day, (context) => verifyDay(context, day)),
    exportDay: (day, exportOptions) => wholeDay(day, (context) => exportDay(context, day, exportOptions)),
    async [Symbol.asyncDispose]() {
      catalog?.[Symbol.dispose]()
      catalog = undefined
      const duckDb = await opening
      opening = undefined
      await duckDb?.giveBack()
      duckDb?.[Symbol.dispose]()
    },
  }
}

/** The archive has nothing of a day. */
export class NoSuchDayError extends Error {
  override readonly name = 'NoSuchDayError'
}

function scopeOf(query: Query): QueryScope {
  return { fromMs: query.fromMs, toMs: query.toMs, where: whereOf(query) }
}

const whereOf = ({ filter, where = EVERYTHING }: Query): Where => joinWhere([filterWhere(filter), where], 'AND')

function checkLimit(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 0) throw new RangeError(`${limit} is no limit: write a whole number`)
  return limit
}
