// Many flows as text, as fast as the reader takes them: CSV or a line of JSON each. Leaving interrupts DuckDB.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  CSV_COLUMNS,
  chunkToFlows,
  csvLine,
  PARQUET_COLUMN_NAMES,
  type QueryContext,
  type QueryScope,
  runQuery,
} from '@netbehave/history'
import type { Response } from 'express'

export type TextFormat = 'csv' | 'ndjson'
const MEDIA: Readonly<Record<TextFormat, string>> = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' }
const ORDERS = { newest: 'ORDER BY first_ms DESC', oldest: 'ORDER BY first_ms', any: '' } as const
const COLUMN_LIST = PARQUET_COLUMN_NAMES.join(', ')
/** Who takes nothing for so long has left without saying so. */
const STALLED_MS = 60_000

export interface StreamOptions {
  readonly format: TextFormat
  readonly order: keyof typeof ORDERS
  readonly fileName: string
}

/** Sends the flows of a scope as the answer. A fault after the first byte breaks the connection off, so that half a file is not taken for a whole. */
export async function streamFlows(
  response: Response,
  context: QueryContext | undefined,
  scope: QueryScope,
  { format, order, fileName }: StreamOptions,
): Promise<void> {
  const select = (source: string, where: string) =>
    `SELECT ${COLUMN_LIST} FROM ${source} WHERE ${where} ${ORDERS[order]}`
  const chunks = context ? runQuery(context, scope, select) : undefined
  // The first chunk is asked for before anything is sent: what is wrong with the question is told as a problem.
  const first = await chunks?.next()
  response.status(200).set({
    'Content-Type': MEDIA[format],
    'Content-Disposition': `attachment; filename="${fileName}"`,
    'Cache-Control': 'no-store',
  })
  response.setTimeout(STALLED_MS, () => response.destroy())
  const line = format === 'csv' ? csvLine : JSON.stringify
  async function* texts(): AsyncGenerator<string> {
    try {
      if (format === 'csv') yield `${CSV_COLUMNS.join(',')}\n`
      for (let next = first; next && !next.done; next = await chunks?.next()) {
        yield chunkToFlows(next.value)
          .map((flow) => `${line(flow)}\n`)
          .join('')
      }
    } finally {
      await chunks?.return(undefined)
    }
  }
  await pipeline(Readable.from(texts(), { highWaterMark: 1 }), response)
}
