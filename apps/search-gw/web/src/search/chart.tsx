// Bars over time by uPlot, in the colours of the page. In: a histogram. Out: the span that was drawn over it.
import type { FlowHistogram } from '@netbehave/schema/api'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { bytes, shortNumber } from '../format/numbers.ts'
import { shownTheme } from '../theme/theme.ts'
import type { SpanMs } from './span.ts'

export type Measure = 'flows' | 'bytes'

interface ChartProps {
  readonly histogram: FlowHistogram
  readonly measure: Measure
  readonly onSelect: (span: SpanMs) => void
  /** The bucket under the pointer; undefined: none is. */
  readonly onPoint: (bucket: FlowHistogram['buckets'][number] | undefined) => void
}

const HEIGHT_PX = 124
/** A shorter stroke is a click. */
const LEAST_PX = 5

export function Chart({ histogram, measure, onSelect, onPoint }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const hear = useRef({ onSelect, onPoint })
  hear.current = { onSelect, onPoint }
  const theme = shownTheme()

  useEffect(() => {
    const element = box.current!
    const starts = histogram.buckets.map(({ startMs }) => startMs)
    const values = histogram.buckets.map((bucket) => bucket[measure])
    const plot = new uPlot(optionsOf(histogram, measure, element, hear), [starts, values], element)
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [histogram, measure, theme])

  return <div ref={box} class="chart" />
}

function optionsOf(
  { fromMs, toMs, bucketMs, buckets }: FlowHistogram,
  measure: Measure,
  element: HTMLElement,
  hear: { readonly current: Pick<ChartProps, 'onSelect' | 'onPoint'> },
): uPlot.Options {
  const bucketAt = (ms: number) => buckets.find(({ startMs }) => ms >= startMs && ms < startMs + bucketMs)
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(`--nb-${name}`).trim()
  const axis = {
    stroke: colour('quiet'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    ms: 1,
    /** Above the bars there is room for what the pointer is on. */
    padding: [18, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: { x: { time: true, range: [fromMs, toMs] }, y: { range: (_, __, most) => [0, Math.max(most, 1) * 1.05] } },
    axes: [
      // Two lines: a new day stands below the time.
      { ...axis, size: 34, space: 90, values: AXIS_TIMES },
      {
        ...axis,
        size: 56,
        space: 28,
        values: (_, ticks) => ticks.map((tick) => (measure === 'bytes' ? bytes(tick) : shortNumber(tick))),
      },
    ],
    series: [
      {},
      {
        fill: colour('chart'),
        width: 0,
        points: { show: false },
        paths: uPlot.paths.bars!({ size: [0.86, Number.POSITIVE_INFINITY], align: 1 }),
      },
    ],
    hooks: {
      setCursor: [
        ({ cursor: { left = -1 }, posToVal }) =>
          hear.current.onPoint(left < 0 ? undefined : bucketAt(posToVal(left, 'x'))),
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          if (width < LEAST_PX) return
          const selected = { fromMs: plot.posToVal(left, 'x'), toMs: plot.posToVal(left + width, 'x') }
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          hear.current.onSelect(
            selected.toMs - selected.fromMs < bucketMs ? { ...selected, toMs: selected.fromMs + bucketMs } : selected,
          )
        },
      ],
    },
  }
}

/** As the rest of the console writes times; uPlot's own are American. Rows: step from which on, format, format on a new day. */
const AXIS_TIMES: uPlot.Axis.Values = [
  [86_400_000, '{YYYY}-{MM}-{DD}', null, null, null, null, null, null, 1],
  [60_000, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1000, '{HH}:{mm}:{ss}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
]
