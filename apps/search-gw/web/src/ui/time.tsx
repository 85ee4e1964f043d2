import { ago, clock, full, moment, utc } from '../format/times.ts'

interface TimeProps {
  readonly ms: number | null
  /** `clock`: 14:02:07; `moment`: with the day unless it is today; `full`; `ago`: 12 s ago. */
  readonly as?: 'clock' | 'moment' | 'full' | 'ago'
}

/** A moment in the browser's zone, with UTC on hover. */
export function Time({ ms, as = 'moment' }: TimeProps) {
  if (ms === null || ms === 0) return <span class="quiet">never</span>
  const nowMs = Date.now()
  const text = as === 'clock' ? clock(ms) : as === 'full' ? full(ms) : as === 'ago' ? ago(ms, nowMs) : moment(ms, nowMs)
  const title = as === 'ago' ? `${full(ms)} here · ${utc(ms)}` : `${utc(ms)} (UTC)`
  return (
    <time dateTime={utc(ms)} title={title}>
      {text}
    </time>
  )
}
