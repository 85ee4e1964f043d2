// Rules that can never be the first to match, as far as that can be proved from the texts: each part of the later rule lies
// within one earlier rule, or contradicts itself. What several earlier rules cover only together is not found.
import type { Ast } from './ast.ts'
import { type Line, type LineTest, toLines } from './compile/lines.ts'
import { matchesParts } from './fold.ts'
import { complement, type IntervalSet } from './intervals.ts'
import { type Test, toLogic } from './logic.ts'

/** A rule that no flow will be named by. `by`: position of the earlier rule; undefined: its own conditions exclude each other. */
export interface NeverMatching {
  readonly position: number
  readonly by: number | undefined
}

type Leaf = Extract<LineTest, { kind: 'leaf' }>

/** Filters in their order; positions from 0. */
export function findNeverMatching(filters: readonly Ast[]): NeverMatching[] {
  const all = filters.map((filter) => toLines(toLogic(filter)))
  const found: NeverMatching[] = []
  all.forEach((lines, position) => {
    const possible = lines.filter((line) => !contradictsItself(line))
    if (possible.length === 0) found.push({ position, by: undefined })
    else {
      const by = all
        .slice(0, position)
        .findIndex((earlier) => possible.every((line) => earlier.some((one) => implies(line, one))))
      if (by >= 0) found.push({ position, by })
    }
  })
  return found
}

/** Does every flow that passes `narrow` pass `wide`? False also where it cannot be told. */
export function covers(wide: Ast, narrow: Ast): boolean {
  return findNeverMatching([wide, narrow]).some(({ position }) => position === 1)
}

/** Every test of `wide` follows from some test of `narrow`. */
const implies = (narrow: Line, wide: Line): boolean =>
  wide.every((goal) => narrow.some((given) => testImplies(given, goal)))

function testImplies(given: LineTest, goal: LineTest): boolean {
  if (given.kind === 'whole' || goal.kind === 'whole') return given === goal
  if (given.field.source !== goal.field.source) return false
  if (!given.negated && !goal.negated) return within(given.test, goal.test)
  if (given.negated && goal.negated) return within(goal.test, given.test)
  // A value that is this one is not that one.
  return !given.negated && goal.negated && areApart(given.test, goal.test)
}

function contradictsItself(line: Line): boolean {
  const leaves = line.filter((test): test is Leaf => test.kind === 'leaf')
  return leaves.some((a, i) => isEmpty(a) || leaves.slice(i + 1).some((b) => exclude(a, b)))
}

const isEmpty = ({ test, negated }: Leaf): boolean => test.kind === 'numbers' && test.set.length === 0 && !negated

function exclude(a: Leaf, b: Leaf): boolean {
  if (a.field.source !== b.field.source || (a.negated && b.negated)) return false
  if (a.negated) return within(b.test, a.test)
  return b.negated ? within(a.test, b.test) : areApart(a.test, b.test)
}

/** Is what passes `inner` among what passes `outer`? */
function within(inner: Test, outer: Test): boolean {
  if (outer.kind === 'exists') return true
  if (inner.kind === 'numbers' && outer.kind === 'numbers') return areApartSets(inner.set, complement(outer.set))
  if (inner.kind === 'addresses' && outer.kind === 'addresses') {
    const ipv6Within = inner.ipv6.every(([from, to]) => outer.ipv6.some(([first, last]) => from >= first && to <= last))
    return ipv6Within && areApartSets(inner.ipv4, complement(outer.ipv4))
  }
  if (inner.kind === 'text' && outer.kind === 'text') return textWithin(inner.parts, outer.parts)
  if (inner.kind === 'address-glob' && outer.kind === 'address-glob') return inner.glob === outer.glob
  return inner.kind === 'field' && outer.kind === 'field' && inner.op === outer.op && inner.other === outer.other
}

/** Is there nothing that passes both? */
function areApart(a: Test, b: Test): boolean {
  if (a.kind === 'numbers' && b.kind === 'numbers') return areApartSets(a.set, b.set)
  if (a.kind === 'addresses' && b.kind === 'addresses') {
    const ipv6Apart = a.ipv6.every(([from, to]) => b.ipv6.every(([first, last]) => to < first || from > last))
    return ipv6Apart && areApartSets(a.ipv4, b.ipv4)
  }
  if (a.kind !== 'text' || b.kind !== 'text') return false
  if (a.parts.length === 1) return !matchesParts(b.parts, a.parts[0]!)
  if (b.parts.length === 1) return !matchesParts(a.parts, b.parts[0]!)
  const [start, otherStart] = [a.parts[0]!, b.parts[0]!]
  const [end, otherEnd] = [a.parts.at(-1)!, b.parts.at(-1)!]
  const startsAgree = start.startsWith(otherStart) || otherStart.startsWith(start)
  return !startsAgree || !(end.endsWith(otherEnd) || otherEnd.endsWith(end))
}

/** A text; or the narrower glob has the wider one's start and end, and what it holds between: `*.a.example.com` is in `*.example.com`. */
function textWithin(inner: readonly string[], outer: readonly string[]): boolean {
  if (inner.length === 1) return matchesParts(outer, inner[0]!)
  // No pattern begins or ends with a NUL: it stands for what a star of the narrower glob may be.
  return outer.length > 1 && matchesParts(outer, inner.join('\0'))
}

const areApartSets = (a: IntervalSet, b: IntervalSet): boolean =>
  a.every(([from, to]) => b.every(([first, last]) => to < first || from > last))
