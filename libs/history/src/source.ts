// Files of the catalogue as one SQL relation with today's columns, whatever layout they were written with.
import type { ArchiveFile } from './catalog.ts'
import { paths } from './day.ts'
import { quote } from './duckdb.ts'
import { PARQUET_COLUMNS } from './layout.ts'

/** Column names by layout id, as `Catalog.layouts` gives them. */
export type Layouts = ReadonlyMap<number, readonly string[]>

/** A relation of all flows in these files, to stand after FROM. Columns that a file lacks hold their "no value". */
export function sourceSql(dataDir: string, files: readonly ArchiveFile[], layouts: Layouts): string {
  const byLayout = Map.groupBy(files, ({ layout }) => layout)
  if (byLayout.size === 0) return `(SELECT ${PARQUET_COLUMNS.map(absentSql).join(', ')} WHERE false)`
  const parts = [...byLayout].map(([layout, group]) => {
    const present = new Set(layouts.get(layout))
    const columns = PARQUET_COLUMNS.map((column) => (present.has(column.name) ? column.name : absentSql(column)))
    const list = group.map(({ path }) => quote(paths.file(dataDir, path))).join(', ')
    return `SELECT ${columns.join(', ')} FROM read_parquet([${list}])`
  })
  return `(${parts.join(' UNION ALL ')})`
}

const absentSql = ({ name, absent }: { name: string; absent: string }): string => `${absent} AS ${name}`
