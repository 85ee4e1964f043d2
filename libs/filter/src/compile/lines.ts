// A filter unfolded into lines, of which one must hold: each line is a list of tests that must all hold. What would unfold
// into too many lines (an `and` of many `or`s) stays whole, as a test of its own.
import type { Field } from '../fields.ts'
import type { Logic, Test } from '../logic.ts'

export type LineTest =
  | { readonly kind: 'leaf'; readonly field: Field; readonly test: Test; readonly negated: boolean }
  | { readonly kind: 'whole'; readonly logic: Logic }
export type Line = readonly LineTest[]

/** Lines that one `and` may unfold into. */
const LINES = 16

export function toLines(logic: Logic): Line[] {
  switch (logic.kind) {
    case 'constant':
      return logic.holds ? [[]] : []
    case 'leaf':
      return [[logic]]
    case 'or':
      return logic.terms.flatMap(toLines)
    case 'and': {
      const terms = logic.terms.map(toLines)
      const count = terms.reduce((product, lines) => product * lines.length, 1)
      if (count > LINES) {
        return [
          logic.terms.flatMap(
            (term, i): Line => (terms[i]!.length === 1 ? terms[i]![0]! : [{ kind: 'whole', logic: term }]),
          ),
        ]
      }
      return terms.reduce<Line[]>(
        (left, right) => left.flatMap((line) => right.map((more) => [...line, ...more])),
        [[]],
      )
    }
  }
}
