// An either-side condition as two of one side. DuckDB reads other columns only where a condition on one column holds, and skips
// row groups by its statistics; "this or that column" has it read everything. Only for sums: it takes two passes.
import { type Ast, type Condition, findField } from '@netbehave/filter'

/**
 * Filters that exclude each other and together match what the filter matches: two where it needs an address or a text on either
 * side, else itself. Not for ports: few values hold too often for a second pass to pay.
 */
export function splitSides(filter: Ast): Ast[] {
  const terms = filter.kind === 'and' ? filter.terms : [filter]
  const either = terms.find(isSplittable)
  if (!either) return [filter]
  const [src, dst] = findField(either.field)!.sides!
  const others = terms.filter((term) => term !== either)
  const ofSource: Condition = { ...either, field: src.name }
  const ofDestination: Condition = { ...either, field: dst.name }
  return [allOf(ofSource, ...others), allOf(ofDestination, { kind: 'not', term: ofSource }, ...others)]
}

/** A condition that holds when it holds on one side. */
function isSplittable(term: Ast): term is Condition {
  if (term.kind !== 'compare' && term.kind !== 'in') return false
  const { sides, type } = findField(term.field)!
  if (!sides || (type !== 'address' && type !== 'text')) return false
  return term.kind === 'in' ? !term.not : !term.op.startsWith('!')
}

const allOf = (...terms: Ast[]): Ast => (terms.length === 1 ? terms[0]! : { kind: 'and', terms })
