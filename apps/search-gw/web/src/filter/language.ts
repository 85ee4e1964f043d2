// The filter language as the box uses it: libs/filter, in a chunk of its own that comes after the first page is shown.
import { type Completions, complete, explain, FilterError, hintsOf, parse, print } from '@netbehave/filter'

export type { Completions } from '@netbehave/filter'

export type Verdict =
  | {
      readonly isFilter: true
      readonly meaning: string
      readonly hints: readonly string[]
      readonly canonical: string
      readonly isChoice: boolean
    }
  | {
      readonly isFilter: false
      readonly from: number
      readonly to: number
      readonly message: string
      readonly expected: readonly string[]
    }

export function judge(text: string): Verdict {
  try {
    const ast = parse(text)
    return {
      isFilter: true,
      meaning: explain(ast),
      hints: hintsOf(ast),
      canonical: print(ast),
      isChoice: ast.kind === 'or',
    }
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    const { from, to, message, expected } = error
    return { isFilter: false, from, to, message, expected }
  }
}

export const completionsAt = (text: string, at: number): Completions => complete(text, at)
