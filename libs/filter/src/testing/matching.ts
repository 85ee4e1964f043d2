// Which of some flows a filter matches, for tests that say what a filter means.
import { compile, parse } from '../index.ts'
import { type PlainFlow, toBatch } from './flows.ts'

/** Positions of the flows that match. */
export function matching(filter: string, flows: readonly PlainFlow[], site = 'home'): number[] {
  const matches = compile(parse(filter)).bind(toBatch(flows, site))
  return flows.flatMap((_, i) => (matches(i) ? [i] : []))
}

/** Does the filter match this one flow? */
export const isMatch = (filter: string, flow: PlainFlow, site = 'home'): boolean =>
  matching(filter, [flow], site).length === 1
