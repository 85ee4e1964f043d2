// The flush: staged flows become one Parquet file per day. DuckDB pulls them through a table function that copies memory into
// its vectors; no table in between, that would copy every flow twice more. Texts are ENUMs or ready-made strings. In: staged flows. Out: files on disk, synced and renamed, that nobody knows yet.
// Fails: throws; nothing half-written stays.
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  BIGINT,
  BLOB,
  DuckDBTableFunction,
  type DuckDBType,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  UUID,
  VARCHAR,
} from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'
import { copyOptions, type DuckDBConnection, type FileLayout, PARQUET_COLUMNS, quote } from '@netbehave/history'
import { addressOrder } from './address-order.ts'
import {
  AddressColumn,
  CHUNK_ROWS,
  type NumberColumn,
  type RowOrder,
  TextColumn,
  type VectorData,
} from './staged-column.ts'
import { dictionaryOf, type StagedFlows, stagedName } from './staged-flows.ts'
import { createStringTable } from './string-table.ts'

type LogicalType = ReturnType<typeof bindings.create_enum_type>

/** A column as DuckDB sees it. */
interface VectorColumn {
  readonly name: string
  readonly type: LogicalType
  chunk(order: RowOrder, from: number, rows: number): VectorData
}

export interface FilePlan {
  /** The file's final path. */
  readonly path: string
  /** Position in `StagedFlows.days`. */
  readonly day: number
  /** Goes into the file's own metadata, so that a lost catalogue can be made again from the files. */
  readonly metadata: string
}

export interface WrittenFile {
  /** Size on disk. */
  readonly bytes: number
  readonly rows: number
}

/**
 * Rows of a row group of a flush. DuckDB holds one for each thread, uncompressed: 400 bytes a flow. Its allocator keeps what
 * each of Node's four pool threads once had, so the memory of a flush is four times that: 66 MB here, 380 MB with 262,144.
 */
export const FLUSH_LAYOUT: FileLayout = { groupRows: 40_960 }

/**
 * Texts up to which a dictionary becomes an ENUM, written with one byte or two a row and no text looked at again. DuckDB writes
 * every value of an ENUM into every row group, so a larger one goes as VARCHAR, of which a row group has what it uses.
 */
const ENUM_TEXTS = 1024

export interface FlowWriter {
  /** Writes a file for each plan; the answer is in the same order. One call at a time. */
  write(flows: StagedFlows, plans: readonly FilePlan[]): Promise<WrittenFile[]>
}

/** Prepares a connection to write staged flows. */
export function createFlowWriter(connection: DuckDBConnection): FlowWriter {
  let columns: readonly VectorColumn[] = []
  let order: RowOrder = new Uint32Array()
  let next = 0

  // The wrapper's own callbacks would turn every value of an ENUM into a JavaScript text, for each vector; these do not.
  const tableFunction = DuckDBTableFunction.create({
    name: 'staged_flows',
    bindFunction: none,
    initFunction: none,
    mainFunction: none,
  })
  const { table_function: pull } = tableFunction
  bindings.table_function_set_bind(pull, (info) => {
    for (const { name, type } of columns) bindings.bind_add_result_column(info, name, type)
  })
  bindings.table_function_set_init(pull, () => {
    next = 0
  })
  bindings.table_function_set_function(pull, (_info, chunk) => {
    const rows = Math.min(CHUNK_ROWS, order.length - next)
    bindings.data_chunk_set_size(chunk, rows)
    if (rows === 0) return
    columns.forEach((column, i) => {
      copyVector(bindings.data_chunk_get_vector(chunk, i), column.chunk(order, next, rows))
    })
    next += rows
  })
  connection.registerTableFunction(tableFunction)

  return {
    async write(flows, plans) {
      columns = vectorColumns(flows)
      order = addressOrder(flows)
      const written: WrittenFile[] = []
      for (const plan of plans) {
        const condition = flows.days.length > 1 ? `WHERE day_position = ${plan.day}` : ''
        const select = `SELECT ${fileColumns(columns).join(', ')} FROM staged_flows() ${condition}`
        written.push(await writeParquet(connection, select, plan.path, plan.metadata, FLUSH_LAYOUT))
      }
      columns = []
      return written
    },
  }
}

/** Runs a query into a Parquet file that appears under its name only when it is whole and on the disk. */
export async function writeParquet(
  connection: DuckDBConnection,
  select: string,
  path: string,
  metadata: string,
  layout: FileLayout,
): Promise<WrittenFile> {
  const temporary = `${path}.tmp`
  await mkdir(dirname(path), { recursive: true })
  try {
    const result = await connection.run(
      `COPY (${select}) TO ${quote(temporary)} (${copyOptions(layout)}, KV_METADATA {netbehave: ${quote(metadata)}})`,
    )
    await sync(temporary)
    await rename(temporary, path)
    await sync(dirname(path))
    return { bytes: (await stat(path)).size, rows: Number((await result.getRows())[0]?.[0]) }
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

const none = (): void => {}

function vectorColumns(flows: StagedFlows): VectorColumn[] {
  const types = new Map([...flows.dictionaries].map(([name, { texts }]) => [name, textVector(texts)]))
  const columns: VectorColumn[] = []
  if (flows.days.length > 1) {
    columns.push({
      name: 'day_position',
      type: TYPES.UTINYINT,
      chunk: (order, from, rows) => flows.dayOf.chunk(order, from, rows),
    })
  }
  for (const column of PARQUET_COLUMNS) {
    const staged = flows.columns.get(stagedName(column))
    const { name, part } = column
    if (!staged) continue
    if (staged instanceof AddressColumn) {
      if (part === 'ipv4')
        columns.push({ name, type: TYPES.UINTEGER, chunk: (order, from, rows) => staged.chunkIpv4(order, from, rows) })
      else if (staged.hasIpv6)
        columns.push({ name, type: TYPES.UUID, chunk: (order, from, rows) => staged.chunkIpv6(order, from, rows) })
    } else if (staged instanceof TextColumn) {
      const texts = types.get(dictionaryOf(column))
      if (!texts) continue
      columns.push({ name, type: texts.type, chunk: (order, from, rows) => texts.chunk(order, from, rows, staged) })
    } else {
      columns.push({
        name,
        type: TYPES[column.type],
        chunk: (order, from, rows) => (staged as NumberColumn).chunk(order, from, rows),
      })
    }
  }
  return columns
}

const logical = (type: DuckDBType): LogicalType => type.toLogicalType().logical_type
const TYPES = {
  BIGINT: logical(BIGINT),
  UINTEGER: logical(UINTEGER),
  USMALLINT: logical(USMALLINT),
  UTINYINT: logical(UTINYINT),
  BLOB: logical(BLOB),
  VARCHAR: logical(VARCHAR),
  UUID: logical(UUID),
} as const

type TextVector = (order: RowOrder, from: number, rows: number, column: TextColumn) => VectorData

/** How the texts of a dictionary go to DuckDB; not at all without texts. */
function textVector(texts: readonly string[]): { type: LogicalType; chunk: TextVector } | undefined {
  if (texts.length === 0) return undefined
  if (texts.length > ENUM_TEXTS) {
    const table = createStringTable(texts)
    return {
      type: TYPES.VARCHAR,
      chunk: (order, from, rows, column) => column.chunkStrings(order, from, rows, table.words),
    }
  }
  const width = texts.length <= 0xff ? 1 : 2
  return {
    type: bindings.create_enum_type(texts),
    chunk: (order, from, rows, column) => column.chunk(order, from, rows, width),
  }
}

/** What the file's columns are in terms of these; those that the flush has no value of are constants. */
function fileColumns(columns: readonly VectorColumn[]): string[] {
  const present = new Set(columns.map(({ name }) => name))
  return PARQUET_COLUMNS.map(({ name, part, absent }) => {
    if (!present.has(name)) return `${absent} AS ${name}`
    return part === 'ipv6' ? `${name}::BLOB AS ${name}` : name
  })
}

function copyVector(vector: ReturnType<typeof bindings.data_chunk_get_vector>, { data, validity }: VectorData): void {
  bindings.copy_data_to_vector(vector, 0, data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
  if (!validity) return
  bindings.vector_ensure_validity_writable(vector)
  const { buffer, byteOffset, byteLength } = validity
  bindings.copy_data_to_vector_validity(vector, 0, buffer as ArrayBuffer, byteOffset, byteLength)
}
