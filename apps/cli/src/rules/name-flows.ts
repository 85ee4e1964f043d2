// Flows → the rule that names each: what the enricher does, without a broker. In: rules, flows. Out: positions.
import { compileRules } from '@netbehave/filter'
import type { Rule } from '@netbehave/filter/rules'
import { type Flow, flowsToBatches } from '@netbehave/schema'

/** For each flow, the position of the first rule that matches; -1: none. */
export type NameFlows = (flows: readonly Flow[]) => number[]

export function createNameFlows(rules: readonly Rule[]): NameFlows {
  const compiled = compileRules(rules.map(({ filter }) => filter))
  // A flow that has a rule already gets it anew; rules do not see it.
  return (flows) =>
    [...flowsToBatches(flows.map(({ rule: _, ...flow }) => flow))].flatMap((batch) =>
      Array.from(compiled.bind(batch), (first) => first - 1),
    )
}
