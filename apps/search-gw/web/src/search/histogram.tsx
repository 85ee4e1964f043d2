// Flows or bytes over time. The chart's code (uPlot) comes when it is shown; drawing over it selects a span.
import type { FlowHistogram, Problem } from '@netbehave/schema/api'
import { useEffect, useState } from 'preact/hooks'
import { bytes, countOf } from '../format/numbers.ts'
import { duration, full, utc } from '../format/times.ts'
import { changeQuery, place } from '../router/place.ts'
import type { Measure } from './chart.tsx'
import { textOf } from './span.ts'

type Bucket = FlowHistogram['buckets'][number]

interface HistogramProps {
  readonly answer: FlowHistogram | undefined
  readonly problem: Problem | undefined
}

export function Histogram({ answer, problem }: HistogramProps) {
  const [chart, setChart] = useState<typeof import('./chart.tsx')>()
  const [near, setNear] = useState<Bucket>()
  const measure = chosenMeasure()

  useEffect(() => {
    import('./chart.tsx').then(setChart, () => undefined)
  }, [])

  const total = answer?.total[measure] ?? 0
  const label = answer
    ? `${measure === 'flows' ? countOf(total, 'flow') : bytes(total)} over time, by ${duration(answer.bucketMs)}. The rows below say the same.`
    : 'Flows over time'
  return (
    <div class="histogram">
      <div class="chart-box" role="img" aria-label={label} title="Draw over the chart to choose a span">
        {problem ? (
          <p class="quiet">No chart: {problem.detail ?? problem.title}</p>
        ) : (
          chart &&
          answer && (
            <chart.Chart
              histogram={answer}
              measure={measure}
              onSelect={(selected) => changeQuery({ ...textOf(selected) })}
              onPoint={setNear}
            />
          )
        )}
      </div>
      {near && answer && (
        <p class="chart-near" aria-hidden="true" title={`${utc(near.startMs)} (UTC)`}>
          {full(near.startMs)} + {duration(answer.bucketMs)}: <b>{countOf(near.flows, 'flow')}</b>,{' '}
          <b>{bytes(near.bytes)}</b>
        </p>
      )}
    </div>
  )
}

const chosenMeasure = (): Measure => (place.value.query.get('chart') === 'bytes' ? 'bytes' : 'flows')

/** What the chart shows. */
export function ChartChoice() {
  const measure = chosenMeasure()
  return (
    <fieldset class="choice is-last" aria-label="Chart of">
      {(['flows', 'bytes'] as const).map((name) => (
        <button
          key={name}
          type="button"
          class="btn btn-outline-secondary btn-sm"
          aria-pressed={measure === name}
          onClick={() => changeQuery({ chart: name === 'flows' ? null : name }, { replace: true })}
        >
          {name}
        </button>
      ))}
    </fieldset>
  )
}
