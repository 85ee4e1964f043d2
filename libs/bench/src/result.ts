// What a benchmark says: one JSON line per case on stdout; scripts/bench.mjs collects them into docs/performance.md.

export interface BenchResult {
  /** Project, `collector`. */
  readonly bench: string
  /** What was measured, in words. */
  readonly case: string
  readonly value: number
  /** `flows/CPU-s`, `ms`, `MB` … */
  readonly unit: string
  /** The bar of the specification in the same unit, and on which side of it is good. */
  readonly bar?: number
  readonly better?: 'more' | 'less'
  /** The single runs of which `value` is the median. */
  readonly runs?: readonly number[]
  /** Whatever else belongs beside the figure: rate, drops, peers. */
  readonly notes?: Readonly<Record<string, number | string>>
}

export function printResult(result: BenchResult): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
