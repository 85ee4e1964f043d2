// DuckDB, loaded when it is first needed (an idle process pays nothing), locked down to the directories that it may touch.
// Fails: throws what DuckDB throws.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api'

export type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'

export interface DuckDbOptions {
  /** Directories that queries may read and write; everything else is refused. */
  readonly directories: readonly string[]
  /** Where DuckDB puts what does not fit its memory; made when needed. */
  readonly temporaryDirectory: string
  /** DuckDB's own limit, not counting about 60 MB of program. */
  readonly memoryLimitMb: number
  readonly threads: number
  /** Must rows come out in the order of the files? Costs memory. */
  readonly preserveOrder?: boolean
  /**
   * Does memory stay until `giveBack`? Else it goes back to the system while nothing runs, and a query that comes a second later spends
   * a third of its time on getting it again.
   */
  readonly keepsMemory?: boolean
}

export interface ConnectOptions {
  /**
   * Sorts in pieces that may go to disk, also where all rows would fit the memory: for what is written sorted. By itself DuckDB
   * keeps rows that just fit, and has no memory left to write them (docs/decisions/013-closed-days-sorted.md).
   */
  readonly sortsOnDisk?: boolean
}

export interface DuckDb extends Disposable {
  /** A connection of its own; one query at a time runs on it. Close it with `closeSync`. */
  connect(options?: ConnectOptions): Promise<DuckDBConnection>
  /** Lets memory that was kept go back to the system, within seconds; closing the database alone does not. */
  giveBack(): Promise<void>
}

/** DuckDB has no other name for it: a setting of each connection, and a matter of memory only. */
const SORTS_ON_DISK = 'debug_force_external'
/** Of the allocator of the whole process: threads that give back what nobody uses. */
const GIVES_BACK = 'allocator_background_threads'

/** Opens a database in memory whose settings cannot be changed any more, but for these two: no extensions, no other files, no network. */
export async function openDuckDb(options: DuckDbOptions): Promise<DuckDb> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  // DuckDB makes the folder itself, but not the one above it. Who may only read has none, and can do without until a query
  // needs more than its memory.
  await mkdir(dirname(options.temporaryDirectory), { recursive: true }).catch(() => {})
  const instance: DuckDBInstance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryLimitMb}MB`,
    threads: String(options.threads),
    temp_directory: options.temporaryDirectory,
    preserve_insertion_order: String(options.preserveOrder ?? false),
    [GIVES_BACK]: String(!options.keepsMemory),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  // In this order: the list cannot be set once access is off, and nothing can be set once the settings are locked.
  const directories = [...options.directories, options.temporaryDirectory].map((path) => quote(`${path}/`))
  await connection.run(`SET allowed_directories = [${directories.join(', ')}]`)
  await connection.run('SET enable_external_access = false')
  await connection.run(`SET allowed_configs = ['${SORTS_ON_DISK}', '${GIVES_BACK}']`)
  await connection.run('SET lock_configuration = true')
  connection.closeSync()
  return {
    async connect({ sortsOnDisk = false } = {}) {
      const opened = await instance.connect()
      if (sortsOnDisk) await opened.run(`SET ${SORTS_ON_DISK} = true`)
      return opened
    },
    async giveBack() {
      const opened = await instance.connect()
      await opened.run(`SET ${GIVES_BACK} = true`)
      opened.closeSync()
    },
    [Symbol.dispose]: () => instance.closeSync(),
  }
}

/** Did a query need more than `memoryLimitMb`? */
export const isOutOfMemory = (error: unknown): boolean => (error as Error).message.startsWith('Out of Memory Error')

/** Text as an SQL literal. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The first row of an answer. */
export async function queryRow(
  connection: DuckDBConnection,
  sql: string,
  params: DuckDBValue[] = [],
): Promise<readonly DuckDBValue[]> {
  const rows = await (await connection.run(sql, params)).getRows()
  return rows[0] ?? []
}
