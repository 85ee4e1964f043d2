// `from` and `to` of a query → epoch ms. In: TimeText of the contracts, which is of the right form. Fails: ApiError 400.
import { ApiError } from '../http/problem.ts'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const MOST_MS = 8.64e15

export function readMoment(text: string, nowMs: number): number {
  const ms = toMs(text, nowMs)
  if (!(Math.abs(ms) <= MOST_MS)) throw new ApiError(400, `"${text}" is no moment`)
  return ms
}

function toMs(text: string, nowMs: number): number {
  if (text === 'now') return nowMs
  if (text.startsWith('-')) return nowMs - Number(text.slice(1, -1)) * UNIT_MS[text.at(-1)!]!
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text)
}

export interface ResolvedSpan {
  readonly fromMs: number
  readonly toMs: number
}

export function readSpan({ from, to }: { from: string; to: string }, nowMs: number): ResolvedSpan {
  const [fromMs, toMs] = [readMoment(from, nowMs), readMoment(to, nowMs)]
  if (fromMs >= toMs)
    throw new ApiError(
      400,
      `from (${new Date(fromMs).toISOString()}) is not before to (${new Date(toMs).toISOString()})`,
    )
  return { fromMs, toMs }
}
