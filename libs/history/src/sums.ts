// Sums over flows, as numbers that JSON can carry.

/** Exact below 2^53, saturating above. */
export interface FlowSums {
  flows: number
  bytes: number
  packets: number
  /** How many of the flows were sampled (1 in N packets looked at); left out where none was. */
  sampledFlows?: number
}

/**
 * The four sums in SQL: `flows`, `bytes`, `packets`, `sampled`. As floating-point numbers, which are exact below 2^53 as these
 * are, and cost DuckDB a fifth less than its 128-bit sums. `sampling` is 1 where nothing was left out; an exporter that tells 0
 * means the same.
 */
export function sumsSql(scaled: boolean): string {
  const [bytes, packets] = ['bytes', 'packets'].map((column) =>
    scaled ? `${column}::DOUBLE * greatest(sampling, 1)` : `${column}::DOUBLE`,
  )
  return `count(*) AS flows, sum(${bytes}) AS bytes, sum(${packets}) AS packets, count_if(sampling > 1) AS sampled`
}

/** The same of rows that `sumsSql` made. */
export const SUMS_OF_SUMS = 'sum(flows) AS flows, sum(bytes) AS bytes, sum(packets) AS packets, sum(sampled) AS sampled'

/** DuckDB's sums, null without any flow. */
export function toSums(flows: unknown, bytes: unknown, packets: unknown, sampled: unknown): FlowSums {
  const sums: FlowSums = { flows: Number(flows ?? 0), bytes: saturate(bytes), packets: saturate(packets) }
  if (Number(sampled ?? 0) > 0) sums.sampledFlows = Number(sampled)
  return sums
}

function saturate(sum: unknown): number {
  return Math.min(Number(sum ?? 0), Number.MAX_SAFE_INTEGER)
}
