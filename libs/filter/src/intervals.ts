// Sets of whole numbers as sorted, disjoint intervals, both ends included, -Infinity and Infinity allowed as ends.

export type Interval = readonly [from: number, to: number]
export type IntervalSet = readonly Interval[]

export const EVERY_NUMBER: IntervalSet = [[-Infinity, Infinity]]

/** The numbers that are in any of these. */
export function union(intervals: readonly Interval[]): IntervalSet {
  const sorted = intervals.toSorted((a, b) => a[0] - b[0])
  const joined: [number, number][] = []
  for (const [from, to] of sorted) {
    const last = joined.at(-1)
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else joined.push([from, to])
  }
  return joined
}

/** The numbers that are not in it. */
export function complement(set: IntervalSet): IntervalSet {
  const rest: Interval[] = []
  let from = -Infinity
  for (const [first, last] of set) {
    if (first > from) rest.push([from, first - 1])
    from = last + 1
  }
  if (from < Infinity) rest.push([from, Infinity])
  return rest
}

/** The set without one number. */
export function without(set: IntervalSet, number: number): IntervalSet {
  return set.flatMap(([from, to]): Interval[] => {
    if (number < from || number > to) return [[from, to]]
    const parts: Interval[] = []
    if (from < number) parts.push([from, number - 1])
    if (number < to) parts.push([number + 1, to])
    return parts
  })
}

export function contains(set: IntervalSet, number: number): boolean {
  return set.some(([from, to]) => number >= from && number <= to)
}

/** Where membership changes: for v, count the starts that are ≤ v; all numbers of one count are alike for each set. */
export function boundariesOf(sets: readonly IntervalSet[]): number[] {
  const starts = new Set<number>()
  for (const set of sets) {
    for (const [from, to] of set) {
      if (from > -Infinity) starts.add(from)
      if (to < Infinity) starts.add(to + 1)
    }
  }
  return [...starts].sort((a, b) => a - b)
}
