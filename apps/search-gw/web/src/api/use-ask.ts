// A question as the state of a component: asked again when its key changes, cancelled when nobody waits for it any more.
import type { Problem } from '@netbehave/schema/api'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiProblem } from './ask.ts'

export interface Asked<T> {
  /** The newest answer; that of another key stays until the next is there, so that nothing jumps. */
  readonly answer: T | undefined
  /** Why the newest question has no answer. */
  readonly problem: Problem | undefined
  readonly isWaiting: boolean
  again(): void
}

export interface UseAskOptions {
  /** Asks again after so many ms, while the page is visible. */
  readonly everyMs?: number
}

/** `key` null: nothing is asked. */
export function useAsk<T>(
  key: string | null,
  question: (signal: AbortSignal) => Promise<T>,
  { everyMs }: UseAskOptions = {},
): Asked<T> {
  const [state, setState] = useState<{ answer?: T; problem?: Problem; isWaiting: boolean }>({ isWaiting: key !== null })
  const [turn, setTurn] = useState(0)
  const latest = useRef(question)
  latest.current = question

  useEffect(() => {
    if (key === null) return
    const controller = new AbortController()
    setState((before) => ({ ...before, isWaiting: true }))
    latest.current(controller.signal).then(
      (answer) => {
        if (!controller.signal.aborted) setState({ answer, isWaiting: false })
      },
      (error: unknown) => {
        if (controller.signal.aborted) return
        const problem = problemOf(error)
        setState(({ answer }) => ({ ...(answer !== undefined && { answer }), problem, isWaiting: false }))
      },
    )
    return () => controller.abort()
  }, [key, turn])

  useEffect(() => {
    if (key === null || everyMs === undefined) return
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((value) => value + 1)
    }, everyMs)
    return () => clearInterval(timer)
  }, [key, everyMs])

  const again = useCallback(() => setTurn((value) => value + 1), [])
  return { answer: state.answer, problem: state.problem, isWaiting: state.isWaiting, again }
}

/** The reader's own stop is a problem like any other; what is neither is a fault of ours and thrown on. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiProblem) return error.problem
  if (error instanceof DOMException && error.name === 'AbortError') return CANCELLED
  throw error
}

const CANCELLED: Problem = {
  type: 'about:blank',
  status: 499,
  title: 'Stopped',
  detail: 'The question was given up. Ask again, or narrow the filter or the time.',
}
