// For tests: a batch of flows as the enricher publishes it, made from members of Flow. Members that are left out have no value.
import {
  type ColumnName,
  columnSpec,
  type Flow,
  type FlowBatch,
  FlowBatchBuilder,
  parseAddress,
  parseMac,
} from '@netbehave/schema'

const TIMES: Readonly<Record<string, ColumnName>> = { firstMs: 'first', lastMs: 'last' }

export function makeBatch(flows: readonly Partial<Flow>[], receivedMs: number): FlowBatch {
  const builder = new FlowBatchBuilder(flows.length)
  flows.forEach((flow, row) => {
    for (const [member, value] of Object.entries(flow)) {
      if (value === undefined) continue
      const column = TIMES[member] ?? (member as ColumnName)
      builder.touch(column)
      setValue(builder, column, row, value)
    }
  })
  builder.commit(flows.length)
  return builder.seal({ site: 'home', collector: 'test', seq: 1, received: receivedMs })
}

function setValue(builder: FlowBatchBuilder, column: ColumnName, row: number, value: string | number): void {
  const { kind, dictionary } = columnSpec(column)
  const rows = builder.rows as unknown as Record<string, number[]>
  if (dictionary === 'exporter') {
    rows[column]![row] = builder.exporters.add({ ip: String(value), domain: 0, version: 9 })
  } else if (kind === 'index') rows[column]![row] = builder.dictionaries[dictionary!].add(String(value))
  else if (kind === 'mac') builder.rows[column as 'srcMac'].set(parseMac(String(value))!, row * 6)
  else if (kind === 'address') {
    const address = parseAddress(String(value))!
    const target = builder.rows[column as 'srcIp']
    if (typeof address === 'number') target.v4[row] = address
    else target.set6(row, address, 0)
  } else rows[column]![row] = Number(value)
}
