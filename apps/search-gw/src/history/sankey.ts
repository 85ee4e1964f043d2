// Sums by (source, organisation, service) → nodes and links. What is too small for its own node is one rest in each column.
import type { Top, TopRow } from '@netbehave/history'
import type { FlowSankey } from '@netbehave/schema/api'

type SumName = 'flows' | 'bytes' | 'packets'
type Sums = Record<SumName, number>
type Label = string | number | null

const REST = Symbol('rest')
const COLUMNS = 3

/** `top` has the largest combinations; what lies beyond them flows from rest to rest. */
export function toSankey(top: Top, order: SumName, limit: number): Pick<FlowSankey, 'nodes' | 'links'> {
  const columns = Array.from({ length: COLUMNS }, (_, column) => chooseLabels(top.rows, column, order, limit))
  const nodes = new Map<string, FlowSankey['nodes'][number]>()
  const links = new Map<string, FlowSankey['links'][number]>()

  function put(labels: readonly (Label | typeof REST)[], sums: Sums): void {
    const ids = labels.map((label, column) => idOf(column, label))
    for (const [column, label] of labels.entries()) {
      const node = nodes.get(ids[column]!) ?? {
        id: ids[column]!,
        column,
        label: label === REST || label === null ? null : String(label),
        rest: label === REST,
        flows: 0,
        bytes: 0,
        packets: 0,
      }
      add(node, sums)
      nodes.set(node.id, node)
    }
    for (let column = 0; column < COLUMNS - 1; column++) {
      const [source, target] = [ids[column]!, ids[column + 1]!]
      const link = links.get(`${source} ${target}`) ?? { source, target, flows: 0, bytes: 0, packets: 0 }
      add(link, sums)
      links.set(`${source} ${target}`, link)
    }
  }

  const beyond: Sums = { flows: top.total.flows, bytes: top.total.bytes, packets: top.total.packets }
  for (const row of top.rows) {
    put(
      row.values.map((value, column) => (columns[column]!.has(value) ? value : REST)),
      row,
    )
    for (const name of ['flows', 'bytes', 'packets'] as const) beyond[name] = Math.max(0, beyond[name] - row[name])
  }
  if (beyond.flows > 0) put([REST, REST, REST], beyond)
  const largestFirst = (a: Sums, b: Sums) => b[order] - a[order]
  return {
    nodes: [...nodes.values()].sort(
      (a, b) => a.column - b.column || Number(a.rest) - Number(b.rest) || largestFirst(a, b),
    ),
    links: [...links.values()].sort(largestFirst),
  }
}

const idOf = (column: number, label: Label | typeof REST): string =>
  `${column}:${label === REST ? 'rest' : label === null ? 'none' : `=${label}`}`

function chooseLabels(rows: readonly TopRow[], column: number, order: SumName, limit: number): Set<Label> {
  const sums = new Map<Label, number>()
  for (const row of rows) sums.set(row.values[column]!, (sums.get(row.values[column]!) ?? 0) + row[order])
  const largest = [...sums].sort(([, a], [, b]) => b - a).slice(0, limit)
  return new Set(largest.map(([label]) => label))
}

function add(into: Sums, sums: Sums): void {
  into.flows += sums.flows
  into.bytes += sums.bytes
  into.packets += sums.packets
}
