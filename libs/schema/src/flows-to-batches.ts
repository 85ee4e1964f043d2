// Flows as people have them (JSON lines of `netbehave search`) → batches, for what works on columns. Not for the hot path.
import { parseAddressBytes, parseMac } from './address.ts'
import { COLUMN_NAMES, type ColumnName, columnSpec } from './columns.ts'
import type { ExporterEntry } from './dictionary.ts'
import type { Flow } from './flow.ts'
import type { FlowBatch } from './flow-batch.ts'
import { BATCH_FLOWS, FlowBatchBuilder } from './flow-batch-builder.ts'

/**
 * The same flows in the same order, as batches of one site and at most 4,096 flows. Throws RangeError for an address or MAC
 * that is none; everything else the schema `Flow` has checked before.
 */
export function* flowsToBatches(flows: Iterable<Flow>): Generator<FlowBatch> {
  const builder = new FlowBatchBuilder(BATCH_FLOWS)
  const exporters = new Map<string, ExporterEntry>()
  let site = ''
  let seq = 0
  const seal = () => builder.seal({ site, collector: '', seq: seq++, received: 0 })
  for (const flow of flows) {
    if (builder.length > 0 && (builder.full || flow.site !== site)) yield seal()
    site = flow.site
    putFlow(builder, flow, exporters)
    builder.commit(1)
  }
  if (builder.length > 0) yield seal()
}

function putFlow(builder: FlowBatchBuilder, flow: Flow, exporters: Map<string, ExporterEntry>): void {
  const row = builder.length
  for (const column of COLUMN_NAMES) {
    const value = (flow as Record<string, unknown>)[columnSpec(column).json ?? column]
    if (value === undefined) continue
    builder.touch(column)
    if (column === 'exporter') builder.rows.exporter[row] = builder.exporters.add(exporterOf(flow, exporters))
    else putValue(builder, column, row, value as number | string)
  }
}

function putValue(builder: FlowBatchBuilder, column: ColumnName, row: number, value: number | string): void {
  const { kind, dictionary } = columnSpec(column)
  if (kind === 'address') {
    const bytes = parseAddressBytes(String(value))
    if (!bytes) throw new RangeError(`"${value}" is no address`)
    builder.rows[column as 'srcIp'].set6(row, bytes, 0)
  } else if (kind === 'mac') {
    const bytes = parseMac(String(value))
    if (!bytes) throw new RangeError(`"${value}" is no MAC`)
    builder.rows[column as 'srcMac'].set(bytes, row * bytes.length)
  } else if (kind === 'index') {
    builder.rows[column as 'srcName'][row] = builder.dictionaries[dictionary as 'name'].add(String(value))
  } else builder.rows[column as 'bytes'][row] = Number(value)
}

/** One object for each exporter and domain, as the builder's dictionary wants it. */
function exporterOf(flow: Flow, exporters: Map<string, ExporterEntry>): ExporterEntry {
  const entry = { ip: flow.exporter!, domain: flow.exporterDomain ?? 0, version: flow.exporterVersion ?? 0 }
  const key = `${entry.ip} ${entry.domain} ${entry.version}`
  const known = exporters.get(key) ?? entry
  exporters.set(key, known)
  return known
}
