// One filter → a predicate over a batch.
import type { FlowBatch } from '@netbehave/schema'
import type { Ast } from '../ast.ts'
import { compileRules } from './compile-rules.ts'

export interface CompiledFilter {
  /** Looks at the whole batch, column by column; the answer tells whether flow `i` matches. */
  bind(batch: FlowBatch): (i: number) => boolean
}

export function compile(filter: Ast): CompiledFilter {
  const rules = compileRules([filter])
  return {
    bind(batch) {
      const first = rules.bind(batch)
      return (i) => first[i] === 1
    },
  }
}
