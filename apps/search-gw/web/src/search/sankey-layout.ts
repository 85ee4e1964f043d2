// Where the boxes and bands of a sankey stand. In: nodes in three columns, links, a size. Out: rectangles and paths. Pure.
import type { FlowSankey } from '@netbehave/schema/api'

type Measure = 'bytes' | 'packets' | 'flows'
type Node = FlowSankey['nodes'][number]

export interface Box {
  readonly node: Node
  readonly x: number
  readonly y: number
  readonly height: number
}
export interface Band {
  readonly source: Node
  readonly target: Node
  readonly value: number
  /** SVG path of its outline. */
  readonly path: string
}
export interface SankeyLayout {
  readonly boxes: readonly Box[]
  readonly bands: readonly Band[]
  readonly height: number
}

export interface SankeySize {
  readonly width: number
  /** Of the fullest column, without its gaps. */
  readonly height: number
  readonly boxWidth: number
  /** Between the boxes of a column: room for a label. */
  readonly gap: number
}

/** A box is never thinner, so that it can be seen and clicked. */
const LEAST_PX = 2
const COLUMNS = 3

export function layOutSankey(
  { nodes, links }: Pick<FlowSankey, 'nodes' | 'links'>,
  measure: Measure,
  size: SankeySize,
): SankeyLayout {
  const columns = Array.from({ length: COLUMNS }, (_, column) => nodes.filter((node) => node.column === column))
  const fullest = Math.max(...columns.map((column) => column.reduce((sum, node) => sum + node[measure], 0)), 1)
  const scale = size.height / fullest
  const boxes = new Map<string, Box>()
  let height = 0
  columns.forEach((column, i) => {
    let y = 0
    for (const node of column) {
      const box: Box = {
        node,
        x: (i * (size.width - size.boxWidth)) / (COLUMNS - 1),
        y,
        height: Math.max(node[measure] * scale, LEAST_PX),
      }
      boxes.set(node.id, box)
      y += box.height + size.gap
    }
    height = Math.max(height, y)
  })

  const leftAt = new Map<string, number>()
  const rightAt = new Map<string, number>()
  const take = (used: Map<string, number>, box: Box, thickness: number): number => {
    const y = box.y + (used.get(box.node.id) ?? 0)
    used.set(box.node.id, (used.get(box.node.id) ?? 0) + thickness)
    return y
  }
  const placed = links.flatMap((link) => {
    const from = boxes.get(link.source)
    const to = boxes.get(link.target)
    return from && to ? [{ from, to, value: link[measure] }] : []
  })
  // In the order of the boxes, so that bands of one box do not cross each other.
  placed.sort((a, b) => a.from.x - b.from.x || a.from.y - b.from.y || a.to.y - b.to.y)
  const starts = placed.map(({ from, value }) => take(rightAt, from, value * scale))
  const byTarget = placed
    .map((_, i) => i)
    .sort(
      (a, b) =>
        placed[a]!.to.x - placed[b]!.to.x || placed[a]!.to.y - placed[b]!.to.y || placed[a]!.from.y - placed[b]!.from.y,
    )
  const ends = new Map(byTarget.map((i) => [i, take(leftAt, placed[i]!.to, placed[i]!.value * scale)]))
  const bands = placed.map(({ from, to, value }, i) => ({
    source: from.node,
    target: to.node,
    value,
    path: bandPath(from.x + size.boxWidth, starts[i]!, to.x, ends.get(i)!, Math.max(value * scale, 0.5)),
  }))
  return { boxes: [...boxes.values()], bands, height }
}

const round = (value: number): number => Math.round(value * 10) / 10

function bandPath(x0: number, y0: number, x1: number, y1: number, thickness: number): string {
  const middle = round((x0 + x1) / 2)
  const [a, b, c, d] = [round(y0), round(y1), round(y1 + thickness), round(y0 + thickness)]
  return `M${round(x0)} ${a}C${middle} ${a} ${middle} ${b} ${round(x1)} ${b}V${c}C${middle} ${c} ${middle} ${d} ${round(x0)} ${d}Z`
}
