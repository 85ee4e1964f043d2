import { count, countOf, shortNumber } from '../format/numbers.ts'
import type { LiveFeed } from './live-feed.ts'

const whole = (value: number): string => (value < 10_000 ? count(Math.round(value)) : shortNumber(value))
const lag = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`)

/** `312 matched/s · showing 40/s · 0 dropped · lag 0.4 s` */
export function StatLine({ feed }: { readonly feed: LiveFeed }) {
  const rates = feed.rates.value
  const state = feed.socketState.value
  if (state.is === 'lost')
    return <p class="stat-line wrong">No connection: {state.why}. It is tried again by itself.</p>
  if (!rates) return <p class="stat-line quiet">{state.is === 'open' ? 'Listening …' : 'Connecting …'}</p>
  return (
    <p class="stat-line">
      <span>
        <b>{whole(rates.matchedPerS)}</b> matched/s
      </span>
      {feed.isPaused.value ? (
        <span class="is-paused">
          paused, <b>{countOf(rates.missed, 'flow')}</b> since
        </span>
      ) : (
        <span>
          showing <b>{whole(rates.shownPerS)}</b>/s
        </span>
      )}
      <span class={rates.dropped > 0 ? 'has-dropped' : undefined}>
        <b>{count(rates.dropped)}</b> dropped
      </span>
      <span>
        lag <b>{lag(rates.lagMs)}</b>
      </span>
    </p>
  )
}
