// Sums by (source, holder, service) → nodes and links. What is too small for its own node is one rest in each column.
import type { StagesRow, StageValue } from '@netbehave/history'
import type { FlowSankey, Sums } from '@netbehave/schema/api'

const SUM_NAMES = ['flows', 'bytes', 'packets'] as const
type SumName = (typeof SUM_NAMES)[number]
type Amounts = Record<SumName, number>

export function toSankey(
  rows: readonly StagesRow[],
  fields: readonly string[],
  order: SumName,
): Pick<FlowSankey, 'nodes' | 'links'> & { total: Sums } {
  const nodes = new Map<string, FlowSankey['nodes'][number]>()
  const links = new Map<string, FlowSankey['links'][number]>()
  const total: Amounts = { flows: 0, bytes: 0, packets: 0 }
  for (const row of rows) {
    add(total, row)
    const ids = row.stages.map((stage, column) => idOf(column, fields[column]!, stage))
    for (const [column, stage] of row.stages.entries()) {
      const id = ids[column]!
      const isRest = stage === 'rest'
      const label = isRest || stage.value === null ? null : String(stage.value)
      const node = nodes.get(id) ?? { id, column, label, rest: isRest, flows: 0, bytes: 0, packets: 0 }
      add(node, row)
      nodes.set(id, node)
    }
    for (const [column, target] of ids.slice(1).entries()) {
      const source = ids[column]!
      const link = links.get(`${source} ${target}`) ?? { source, target, flows: 0, bytes: 0, packets: 0 }
      add(link, row)
      links.set(`${source} ${target}`, link)
    }
  }
  const largestFirst = (a: Amounts, b: Amounts) => b[order] - a[order]
  return {
    nodes: [...nodes.values()].sort(
      (a, b) => a.column - b.column || Number(a.rest) - Number(b.rest) || largestFirst(a, b),
    ),
    links: [...links.values()].sort(largestFirst),
    total,
  }
}

/** Says which condition chooses the node: `1:src.org=Example Org`; `1:org` has no value on either side, `1:rest` is all the others. */
function idOf(column: number, field: string, stage: StageValue): string {
  if (stage === 'rest') return `${column}:rest`
  const { value, side } = stage
  const ofSide = side === undefined ? field : `${side}.${field}`
  return value === null ? `${column}:${field}` : `${column}:${ofSide}=${value}`
}

function add(into: Amounts, sums: Amounts): void {
  for (const name of SUM_NAMES) into[name] += sums[name]
}
