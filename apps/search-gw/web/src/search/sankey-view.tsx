import type { FlowSankey } from '@netbehave/schema/api'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useAsk } from '../api/use-ask.ts'
import { bytes, countOf, share, shortNumber } from '../format/numbers.ts'
import { changeQuery, place } from '../router/place.ts'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Empty, Failed, Waiting } from '../ui/states.tsx'
import { layOutSankey } from './sankey-layout.ts'
import type { Asking } from './search-page.tsx'

const SOURCES = [
  ['src.ip', 'address'],
  ['src.asset', 'asset'],
  ['src.net', 'network'],
  ['src.name', 'name'],
] as const
const ORDERS = ['bytes', 'packets', 'flows'] as const
type Order = (typeof ORDERS)[number]
type Node = FlowSankey['nodes'][number]

/** Flows without a source of that kind. */
const NONE: Readonly<Record<string, string>> = {
  'src.asset': 'no asset',
  'src.name': 'no name',
  'src.net': 'no network',
}
const HEIGHT_PX = 300
const LEAST_WIDTH_PX = 560

/** Of a node: which field has its value (`1:src.org=Example Org`), and for a holder which way its flows go. */
const fieldOf = ({ id }: Node): string => id.slice(id.indexOf(':') + 1).split('=', 1)[0]!
const WAYS: Readonly<Record<string, string>> = { 'src.org': 'from ', 'dst.org': 'to ' }

/** Sums from source over the holder of the other side to service. */
export function SankeyView({ filter, span, turn, ask, onValue }: Asking) {
  const { query } = place.value
  const source = SOURCES.find(([field]) => field === query.get('source'))?.[0] ?? 'src.ip'
  const order = ORDERS.find((name) => name === query.get('order')) ?? 'bytes'
  const asked = { q: filter, from: span.fromMs, to: span.toMs, source, order, limit: 12 }
  const { answer, problem, again, isWaiting } = useAsk(JSON.stringify([asked, turn]), (signal) =>
    ask<FlowSankey>('flows/sankey', asked, signal),
  )
  return (
    <div class="search-scroll">
      <div class="tool-bar">
        <label>
          Source by{' '}
          <select
            class="form-select form-select-sm"
            value={source}
            onChange={(event) => changeQuery({ source: event.currentTarget.value })}
          >
            {SOURCES.map(([field, label]) => (
              <option key={field} value={field}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          width is{' '}
          <select
            class="form-select form-select-sm"
            value={order}
            onChange={(event) => changeQuery({ order: event.currentTarget.value })}
          >
            {ORDERS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      {answer ? (
        answer.links.length === 0 ? (
          <Empty icon="chart" title="No flow in this span">
            <p>Nothing between these two moments matches. Take a longer time, or fewer conditions.</p>
          </Empty>
        ) : (
          <Sankey sankey={answer} source={source} order={order} onValue={onValue} isOld={isWaiting} />
        )
      ) : problem ? (
        <Failed problem={problem} again={again} />
      ) : (
        <Waiting what="the sankey" />
      )}
    </div>
  )
}

interface SankeyProps {
  readonly sankey: FlowSankey
  readonly source: string
  readonly order: Order
  readonly onValue: Asking['onValue']
  readonly isOld: boolean
}

function Sankey({ sankey, source, order, onValue, isOld }: SankeyProps) {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(900)
  const [near, setNear] = useState<string>()
  useLayoutEffect(() => {
    const element = box.current!
    const observer = new ResizeObserver(() => setWidth(Math.max(element.clientWidth, LEAST_WIDTH_PX)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const amount = (value: number): string =>
    order === 'bytes' ? bytes(value) : order === 'flows' ? countOf(value, 'flow') : `${shortNumber(value)} packets`
  const name = (node: Node): string => {
    if (node.rest) return 'all others'
    if (node.label === null) return [NONE[source] ?? 'none', 'no holder known', 'no service'][node.column]!
    return `${WAYS[fieldOf(node)] ?? ''}${node.label}`
  }
  const { boxes, bands, height } = layOutSankey(sankey, order, { width, height: HEIGHT_PX, boxWidth: 10, gap: 14 })

  return (
    <div class={isOld ? 'card is-old' : 'card'}>
      <div class="sankey-heads" aria-hidden="true">
        <span>Source</span>
        <span>To or from holder</span>
        <span>Service</span>
      </div>
      <ScrollBox label="Sankey" class="sankey-box" box={box}>
        <svg
          class={near ? 'sankey has-near' : 'sankey'}
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label="Sums from source over the holder of the address outside to service; the table below has the same numbers"
        >
          {bands.map(({ source: from, target, value, path }) => (
            <path
              key={`${from.id} ${target.id}`}
              d={path}
              class={
                near === from.id || near === target.id ? `band band-${from.column} is-near` : `band band-${from.column}`
              }
            >
              <title>{`${name(from)} → ${name(target)}: ${amount(value)}`}</title>
            </path>
          ))}
          {boxes.map(({ node, x, y, height: boxHeight }) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the table below has the same as buttons
            <g
              key={node.id}
              class={node.rest ? 'sankey-node' : 'sankey-node is-clickable'}
              onMouseEnter={() => setNear(node.id)}
              onMouseLeave={() => setNear(undefined)}
              onClick={(event) => node.rest || onValue(fieldOf(node), node.label, event.altKey)}
            >
              <title>{`${name(node)}: ${amount(node[order])} (${share(node[order], sankey.total[order])})`}</title>
              <rect x={x} y={y} width={10} height={boxHeight} class={`sankey-rect node-${node.column}`} />
              <text
                x={node.column === 2 ? x - 6 : x + 16}
                y={y + boxHeight / 2}
                dy="0.35em"
                text-anchor={node.column === 2 ? 'end' : 'start'}
              >
                {shorten(name(node))} <tspan class="amount">{amount(node[order])}</tspan>
              </text>
            </g>
          ))}
        </svg>
      </ScrollBox>
      <details class="sankey-table">
        <summary>The same as a table</summary>
        <table class="table">
          <thead>
            <tr>
              <th>From</th>
              <th>To</th>
              <th class="number">{order}</th>
            </tr>
          </thead>
          <tbody>
            {bands.map(({ source: from, target, value }) => (
              <tr key={`${from.id} ${target.id}`}>
                {[from, target].map((node) => (
                  <td key={node.id}>
                    {node.rest ? (
                      name(node)
                    ) : (
                      <button
                        type="button"
                        class="value-button"
                        onClick={(event) => onValue(fieldOf(node), node.label, event.altKey)}
                      >
                        {name(node)}
                      </button>
                    )}
                  </td>
                ))}
                <td class="number">{amount(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  )
}

const shorten = (text: string): string => (text.length > 26 ? `${text.slice(0, 25)}…` : text)
/* band-0 band-1 node-0 node-1 node-2 */
