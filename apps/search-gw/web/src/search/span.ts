// The span of time beside a filter, as the address bar has it (`-24h`, `now`, RFC 3339, epoch ms), and as moments.

export interface SpanText {
  readonly from: string
  readonly to: string
}
export interface SpanMs {
  readonly fromMs: number
  readonly toMs: number
}

export const DEFAULT_SPAN: SpanText = { from: '-1h', to: 'now' }

export const PRESETS: readonly { readonly from: string; readonly label: string }[] = [
  { from: '-15m', label: '15 min' },
  { from: '-1h', label: '1 h' },
  { from: '-6h', label: '6 h' },
  { from: '-24h', label: '24 h' },
  { from: '-7d', label: '7 d' },
  { from: '-30d', label: '30 d' },
]

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** undefined for a text that is no moment. */
export function momentOf(text: string, nowMs: number): number | undefined {
  if (text === 'now') return nowMs
  const back = /^-(\d{1,6})([smhdw])$/.exec(text)
  if (back) return nowMs - Number(back[1]) * UNIT_MS[back[2]!]!
  if (/^\d{1,16}$/.test(text)) return Number(text)
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

/** What cannot be read is the default; what ends before it begins is turned round. */
export function spanOf({ from, to }: SpanText, nowMs: number): SpanMs {
  const fromMs = momentOf(from, nowMs) ?? momentOf(DEFAULT_SPAN.from, nowMs)!
  const toMs = momentOf(to, nowMs) ?? nowMs
  return fromMs < toMs ? { fromMs, toMs } : { fromMs: toMs, toMs: Math.max(fromMs, toMs + 1000) }
}

/** For the address bar: whole seconds, outwards. */
export function textOf({ fromMs, toMs }: SpanMs): SpanText {
  const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')
  return { from: iso(Math.floor(fromMs / 1000) * 1000), to: iso(Math.ceil(toMs / 1000) * 1000) }
}

/** By half of its own length; twice as long about its middle. */
export const moved = ({ fromMs, toMs }: SpanMs, direction: -1 | 1): SpanMs => {
  const by = ((toMs - fromMs) / 2) * direction
  return { fromMs: fromMs + by, toMs: toMs + by }
}
export const widened = ({ fromMs, toMs }: SpanMs): SpanMs => {
  const by = (toMs - fromMs) / 2
  return { fromMs: fromMs - by, toMs: toMs + by }
}
