// How the rows of a large closed day lie, so that the archiver and the benchmark of searches write the same.
// Rows stand in runs of about a million by time, each sorted by address, in row groups of 262,144. So an address is in few row
// groups, a moment in the few of its run, and names and ports have a dictionary, with a bloom filter, in each
// (docs/decisions/013-closed-days-sorted.md).

/** How a file's rows are cut, and how its texts are kept. */
export interface FileLayout {
  readonly groupRows: number
  /** Different values up to which a column of a row group is a dictionary with a bloom filter; default: a fifth of the rows. */
  readonly dictionaryValues?: number
}

/**
 * A dictionary is what makes a search skip a row group, or decide once for a value and not once for a row; DuckDB's own limit is
 * a fifth of the rows, and names and ports are more.
 */
export const CLOSED_LAYOUT: FileLayout = { groupRows: 262_144, dictionaryValues: 131_072 }

/** Flows of a run, about. Longer runs make an address or a name quicker to find, shorter ones a moment. */
const RUN_ROWS = 1_048_576

/** What stands behind ORDER BY for a day of so many flows. */
export function closedOrderSql({ startMs, endMs, rows }: { startMs: number; endMs: number; rows: number }): string {
  const runs = Math.max(1, Math.round(rows / RUN_ROWS))
  const runMs = Math.ceil((endMs - startMs) / runs)
  // Starts outside of the day (clock skew) are in the first run or the last.
  const run = `greatest(0, least(${runs - 1}, (first_ms - ${startMs}) // ${runMs}))`
  return `${run}, src_ip4 NULLS FIRST, src_ip6, dst_ip4 NULLS FIRST, dst_ip6, first_ms`
}

/** Options of COPY. */
export function copyOptions({ groupRows, dictionaryValues }: FileLayout): string {
  const dictionary = dictionaryValues === undefined ? '' : `, DICTIONARY_SIZE_LIMIT ${dictionaryValues}`
  return `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows}${dictionary}`
}
