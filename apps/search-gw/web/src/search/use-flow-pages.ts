// The rows of a search, a page at a time, newest first: more come as the reader nears the end.
import type { FlowPage, Problem } from '@netbehave/schema/api'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { problemOf } from '../api/use-ask.ts'
import type { Entry } from '../flow/entry.ts'
import type { AskHistory } from './search-page.tsx'
import type { SpanMs } from './span.ts'

/** The first rows are waited for; who reads on wants many at a time. */
const FIRST_ROWS = 100
const PAGE_ROWS = 200
/** Rows that a page holds at most; beyond them the filter or the time should be narrower, or the export taken. */
export const MAX_ROWS = 20_000

export interface FlowPages {
  readonly entries: readonly Entry[]
  readonly isWaiting: boolean
  readonly problem: Problem | undefined
  readonly hasMore: boolean
  readonly isFull: boolean
  more(): void
}

interface State {
  readonly entries: readonly Entry[]
  readonly next: string | null
  readonly isWaiting: boolean
  readonly problem?: Problem
}

const BEGIN: State = { entries: [], next: null, isWaiting: true }

export function useFlowPages(filter: string, { fromMs, toMs }: SpanMs, isOn: boolean, ask: AskHistory): FlowPages {
  const [state, setState] = useState<State>(BEGIN)
  const controller = useRef<AbortController>(undefined)
  const isAsking = useRef(false)

  const load = useCallback(
    async (after: string | null, signal: AbortSignal): Promise<void> => {
      isAsking.current = true
      setState((before) => ({ entries: before.entries, next: before.next, isWaiting: true }))
      try {
        const page = await ask<FlowPage>(
          'flows',
          { q: filter, from: fromMs, to: toMs, limit: after === null ? FIRST_ROWS : PAGE_ROWS, after },
          signal,
        )
        if (signal.aborted) return
        setState((before) => {
          const kept = after === null ? [] : before.entries
          const added = page.flows.map((flow, i): Entry => ({ kind: 'flow', id: kept.length + i, flow }))
          return { entries: [...kept, ...added], next: page.next, isWaiting: false }
        })
      } catch (error) {
        if (signal.aborted) return
        const problem = problemOf(error)
        setState((before) => ({ ...before, isWaiting: false, problem }))
      } finally {
        if (!signal.aborted) isAsking.current = false
      }
    },
    [filter, fromMs, toMs, ask],
  )

  useEffect(() => {
    if (!isOn) return
    const next = new AbortController()
    controller.current = next
    void load(null, next.signal)
    return () => next.abort()
  }, [load, isOn])

  const isFull = state.entries.length >= MAX_ROWS
  const { next } = state
  const more = useCallback(() => {
    if (next !== null && !isFull && !isAsking.current && controller.current) void load(next, controller.current.signal)
  }, [next, isFull, load])

  return {
    entries: state.entries,
    isWaiting: state.isWaiting,
    problem: state.problem,
    hasMore: next !== null,
    isFull,
    more,
  }
}
