// A row of Parquet columns → Flow, as FlowBatch.row makes it. In: a chunk of DuckDB's with PARQUET_COLUMNS in order.
import type { DuckDBBlobValue, DuckDBDataChunk } from '@duckdb/node-api'
import { columnSpec, type Flow, formatIpv4, formatIpv6, formatMac } from '@netbehave/schema'
import { PARQUET_COLUMNS, type ParquetColumn } from './layout.ts'

type Put = (flow: Record<string, unknown>, value: unknown) => void

/** Members that every Flow has, also when they hold the value of an exporter that does not tell. */
const REQUIRED = new Set(['firstMs', 'lastMs', 'srcPort', 'dstPort', 'protocol', 'bytes', 'packets', 'sampling'])

const PUTS: readonly Put[] = PARQUET_COLUMNS.map(putOf)

/** The flows of a chunk. Values that a flow does not have are left out. */
export function chunkToFlows(chunk: DuckDBDataChunk): Flow[] {
  const flows: Record<string, unknown>[] = Array.from({ length: chunk.rowCount }, () => ({
    site: '',
    firstMs: 0,
    lastMs: 0,
    srcIp: '0.0.0.0',
    dstIp: '0.0.0.0',
  }))
  PUTS.forEach((put, i) => {
    const values = chunk.getColumnValues(i)
    for (let row = 0; row < flows.length; row++) {
      const value = values[row]
      if (value !== null && value !== undefined) put(flows[row]!, value)
    }
  })
  return flows as unknown as Flow[]
}

function putOf({ column, part }: ParquetColumn): Put {
  const name = column === 'site' ? 'site' : (columnSpec(column).json ?? column)
  switch (part) {
    case 'ipv4':
      return (flow, value) => {
        flow[name] = formatIpv4(value as number)
      }
    case 'ipv6':
      return (flow, value) => {
        flow[name] = formatIpv6((value as DuckDBBlobValue).bytes)
      }
    case 'mac':
      return (flow, value) => {
        flow[name] = formatMac((value as DuckDBBlobValue).bytes)
      }
    case 'text':
    case 'exporter':
      return (flow, value) => {
        flow[name] = value
      }
    case 'domain':
      return (flow, value) => {
        if (flow.exporter !== undefined) flow.exporterDomain = value
      }
    case 'version':
      return (flow, value) => {
        if (flow.exporter !== undefined) flow.exporterVersion = value
      }
    case 'value': {
      const absent = column === 'site' ? 0 : (columnSpec(column).absent ?? 0)
      const required = REQUIRED.has(name)
      return (flow, value) => {
        const number = Number(value)
        if (required || number !== absent) flow[name] = number
      }
    }
  }
}
