// A change that the reader asks for: one at a time, with its problem.
import type { Problem } from '@netbehave/schema/api'
import { useState } from 'preact/hooks'
import { ApiProblem } from './ask.ts'

export interface Change {
  readonly isRunning: boolean
  readonly problem: Problem | undefined
  /** Resolves to true when it was done. */
  run(work: () => Promise<unknown>): Promise<boolean>
  forget(): void
}

export function useChange(): Change {
  const [state, setState] = useState<{ isRunning: boolean; problem?: Problem }>({ isRunning: false })
  return {
    isRunning: state.isRunning,
    problem: state.problem,
    forget: () => setState({ isRunning: false }),
    async run(work) {
      setState({ isRunning: true })
      try {
        await work()
        setState({ isRunning: false })
        return true
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error
        setState({ isRunning: false, problem: error.problem })
        return false
      }
    },
  }
}
