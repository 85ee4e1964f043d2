// A list that comes a page at a time. In: a key (another key is another list), what asks for one page.
import type { Problem } from '@netbehave/schema/api'
import { useEffect, useRef, useState } from 'preact/hooks'
import { problemOf } from './use-ask.ts'

export interface PageOf<T, N> {
  readonly items: readonly T[]
  readonly next: N | null
}
export interface Pages<T> {
  readonly items: readonly T[]
  readonly isWaiting: boolean
  readonly problem: Problem | undefined
  readonly hasMore: boolean
  more(): void
  again(): void
}

interface State<T, N> {
  readonly items: readonly T[]
  readonly next: N | null
  readonly isWaiting: boolean
  readonly problem?: Problem
}

export function usePages<T, N>(
  key: string,
  question: (after: N | null, signal: AbortSignal) => Promise<PageOf<T, N>>,
): Pages<T> {
  const [state, setState] = useState<State<T, N>>({ items: [], next: null, isWaiting: true })
  const [turn, setTurn] = useState(0)
  const controller = useRef<AbortController>(undefined)
  const latest = useRef(question)
  latest.current = question

  const load = (after: N | null, signal: AbortSignal): void => {
    setState(({ items, next }) => ({ items, next, isWaiting: true }))
    latest.current(after, signal).then(
      ({ items, next }) => {
        if (signal.aborted) return
        setState((before) => ({ items: after === null ? items : [...before.items, ...items], next, isWaiting: false }))
      },
      (error: unknown) => {
        if (signal.aborted) return
        const problem = problemOf(error)
        setState((before) => ({
          items: after === null ? [] : before.items,
          next: before.next,
          isWaiting: false,
          problem,
        }))
      },
    )
  }

  useEffect(() => {
    const next = new AbortController()
    controller.current = next
    load(null, next.signal)
    return () => next.abort()
  }, [key, turn])

  const { next } = state
  return {
    items: state.items,
    isWaiting: state.isWaiting,
    problem: state.problem,
    hasMore: next !== null,
    more: () => {
      if (next !== null && controller.current) load(next, controller.current.signal)
    },
    again: () => setTurn((value) => value + 1),
  }
}
