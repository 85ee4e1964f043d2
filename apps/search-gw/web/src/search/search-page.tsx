import type { Flow, FlowHistogram } from '@netbehave/schema/api'
import { useSignal } from '@preact/signals'
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import { apiAddress, get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { condition, withCondition } from '../filter/edit-filter.ts'
import { FilterBox } from '../filter/filter-box.tsx'
import { FlowDrawer } from '../flow/flow-drawer.tsx'
import { FlowGrid } from '../flow/flow-grid.tsx'
import { bytes, count, countOf, shortNumber } from '../format/numbers.ts'
import { changeQuery, place, type QueryChange } from '../router/place.ts'
import { Icon } from '../ui/icon.tsx'
import { Page } from '../ui/page.tsx'
import { Empty, Failed, Fault, Waiting } from '../ui/states.tsx'
import { ChartChoice, Histogram } from './histogram.tsx'
import { SankeyView } from './sankey-view.tsx'
import { DEFAULT_SPAN, type SpanMs, spanOf } from './span.ts'
import { TimeRange } from './time-range.tsx'
import { TopView } from './top-view.tsx'
import { MAX_ROWS, useFlowPages } from './use-flow-pages.ts'
import './search.css'

const VIEWS = [
  ['flows', 'Flows'],
  ['top', 'Top'],
  ['sankey', 'Sankey'],
] as const
type View = (typeof VIEWS)[number][0]

const CHART_PATH = 'flows/histogram'
const CHART_BUCKETS = 120

export type AskHistory = <T>(path: string, query: QueryChange, signal: AbortSignal) => Promise<T>

/** What every view of the page asks about. */
export interface Asking {
  readonly filter: string
  readonly span: SpanMs
  readonly turn: number
  /** Asks history; Stop ends it. */
  readonly ask: AskHistory
  readonly onValue: (field: string, value: string | number | null, isNot: boolean) => void
}

export function SearchPage() {
  const { query } = place.value
  const filter = query.get('q') ?? ''
  const from = query.get('from') ?? DEFAULT_SPAN.from
  const to = query.get('to') ?? DEFAULT_SPAN.to
  const view: View = VIEWS.find(([name]) => name === query.get('view'))?.[0] ?? (query.has('by') ? 'top' : 'flows')
  const [turn, setTurn] = useState(0)
  const [opened, setOpened] = useState<Flow>()
  // One moment for all questions of the page, so that rows, sums, chart and export are of the same flows.
  const span = useMemo(() => spanOf({ from, to }, Date.now()), [from, to, turn])
  const asked = { q: filter, from: span.fromMs, to: span.toMs }
  const key = JSON.stringify([asked, turn])
  const running = useSignal(0)
  /** Whose rows, leaders or sankey are there: the chart is asked for after them, since both at once would make both late. */
  const settled = useSignal('')
  const stopper = useMemo(() => new AbortController(), [filter, span])
  const ask = useCallback<AskHistory>(
    async (path, query, signal) => {
      running.value++
      try {
        return await get(path, query, AbortSignal.any([signal, stopper.signal]))
      } finally {
        running.value--
        if (path !== CHART_PATH) afterPaint(() => (settled.value = key))
      }
    },
    [stopper, key],
  )
  const chart = useAsk(settled.value === key ? key : null, (signal) =>
    ask<FlowHistogram>(CHART_PATH, { ...asked, buckets: CHART_BUCKETS }, signal),
  )
  const sums = { ...chart, isWaiting: chart.isWaiting || settled.value !== key }
  const pages = useFlowPages(filter, span, view === 'flows', ask)

  const onValue = useCallback(
    (field: string, value: string | number | null, isNot: boolean) => {
      setOpened(undefined)
      changeQuery({ q: withCondition(filter, condition(field, value), isNot) })
    },
    [filter],
  )
  const again = (): void => setTurn((value) => value + 1)
  const fault =
    sums.problem?.from === undefined
      ? undefined
      : {
          from: sums.problem.from,
          to: sums.problem.to ?? sums.problem.from,
          message: sums.problem.detail ?? sums.problem.title,
          expected: sums.problem.expected ?? [],
        }
  // The drawer goes with what it was opened from.
  useEffect(() => setOpened(undefined), [query])
  const asking: Asking = { filter, span, turn, ask, onValue }

  return (
    <Page
      title="Search"
      isFixed
      actions={
        <>
          <a
            class="btn btn-outline-secondary btn-sm"
            href={apiAddress('flows/export', { ...asked, format: 'csv' })}
            download
          >
            <Icon name="download" /> CSV
          </a>
          <a
            class="btn btn-outline-secondary btn-sm"
            href={apiAddress('flows/export', { ...asked, format: 'ndjson' })}
            download
          >
            <Icon name="download" /> NDJSON
          </a>
        </>
      }
    >
      <FilterBox
        value={filter}
        fault={fault}
        onApply={(q) => {
          changeQuery({ q })
          again()
        }}
      />
      <div class="tool-bar">
        <TimeRange text={{ from, to }} span={span} />
        <button
          type="button"
          class="btn btn-outline-secondary btn-sm"
          onClick={again}
          title="Ask again; relative times end now"
        >
          Refresh
        </button>
        {running.value > 0 && (
          <button type="button" class="btn btn-link btn-sm stop" onClick={() => stopper.abort()}>
            Stop
          </button>
        )}
      </div>
      {fault ? (
        <Empty icon="warning" title="This is no filter yet">
          <p>What is wrong is underlined above; correct it and press Enter.</p>
        </Empty>
      ) : (
        <>
          <Histogram answer={chart.answer} problem={chart.problem} />
          <div class="tool-bar search-bar">
            <fieldset class="choice" aria-label="View">
              {VIEWS.map(([name, label]) => (
                <button
                  key={name}
                  type="button"
                  class="btn btn-outline-secondary btn-sm"
                  aria-pressed={view === name}
                  onClick={() =>
                    changeQuery({ view: name === 'flows' ? null : name, ...(name === 'flows' && { by: null }) })
                  }
                >
                  {label}
                </button>
              ))}
            </fieldset>
            <SumLine histogram={sums.answer} isWaiting={sums.isWaiting} />
            <ChartChoice />
          </div>
          {sums.problem && view !== 'flows' && <Fault problem={sums.problem} again={again} />}
          {view === 'flows' && (
            <div class="live-list">
              {pages.problem && pages.entries.length === 0 ? (
                <Failed problem={pages.problem} again={again} />
              ) : pages.entries.length === 0 && pages.isWaiting ? (
                <Waiting what="flows" />
              ) : pages.entries.length === 0 ? (
                <Empty icon="search" title="No flow in this span">
                  <p>Nothing between these two moments matches. Take a longer time, or fewer conditions.</p>
                  <button
                    type="button"
                    class="btn btn-outline-secondary btn-sm"
                    onClick={() => changeQuery({ from: '-7d', to: null })}
                  >
                    Look at the last 7 days
                  </button>
                </Empty>
              ) : (
                <FlowGrid
                  label="Flows, the newest first"
                  entries={pages.entries}
                  onEnd={pages.more}
                  onOpen={setOpened}
                  onValue={onValue}
                  footer={<Foot pages={pages} />}
                />
              )}
            </div>
          )}
          {view === 'top' && <TopView {...asking} />}
          {view === 'sankey' && <SankeyView {...asking} />}
        </>
      )}
      {opened && <FlowDrawer flow={opened} onClose={() => setOpened(undefined)} onValue={onValue} />}
    </Page>
  )
}

/** When what was set before is on the screen: what the gateway works on next is not to make it late. */
function afterPaint(then: () => void): void {
  // A page in the background paints nothing, and its frames do not come.
  if (document.hidden) then()
  else requestAnimationFrame(() => setTimeout(then))
}

function Foot({ pages }: { pages: ReturnType<typeof useFlowPages> }) {
  if (pages.problem) return <Fault problem={pages.problem} again={pages.more} />
  if (pages.isFull)
    return <p class="grid-foot">{count(MAX_ROWS)} rows are shown. Narrow the filter or the time, or take the export.</p>
  if (pages.isWaiting) return <p class="grid-foot">Loading more …</p>
  if (!pages.hasMore) return <p class="grid-foot">These are all.</p>
  return (
    <p class="grid-foot">
      <button type="button" class="btn btn-outline-secondary btn-sm" onClick={pages.more}>
        Show more
      </button>
    </p>
  )
}

function SumLine({ histogram, isWaiting }: { histogram: FlowHistogram | undefined; isWaiting: boolean }) {
  if (!histogram) return <p class="stat-line">{isWaiting ? 'Counting …' : ''}</p>
  const { total: sums, tookMs } = histogram
  return (
    <p class={isWaiting ? 'stat-line is-old' : 'stat-line'}>
      <span>
        <b>{countOf(sums.flows, 'flow')}</b>
      </span>
      <span>
        <b>{bytes(sums.bytes)}</b>
      </span>
      <span>
        <b>{shortNumber(sums.packets)}</b> packets
      </span>
      <span>{Math.round(tookMs)} ms</span>
      {sums.sampledFlows ? (
        <span title="Bytes and packets are as the exporter counted them">
          {countOf(sums.sampledFlows, 'flow')} sampled
        </span>
      ) : null}
    </p>
  )
}
