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
 * The four sums in SQL: `flows`, `bytes`, `packets`, `sampled`. `sampling` is 1 where nothing was left out; an exporter that
 * tells 0 means the same.
 */
export function sumsSql(scaled: boolean): string {
  const factor = scaled ? '::HUGEINT * greatest(sampling, 1)' : ''
  return `count(*) AS flows, sum(bytes${factor}) AS bytes, sum(packets${factor}) AS packets, count_if(sampling > 1) AS sampled`
}

/** The same of rows that `sumsSql` made. */
export const SUMS_OF_SUMS =
  'sum(flows) AS flows, sum(bytes) AS bytes, sum(packets) AS packets, sum(sampled)::BIGINT AS sampled'

/** DuckDB's sums, null without any flow. */
export function toSums(flows: unknown, bytes: unknown, packets: unknown, sampled: unknown): FlowSums {
  const sums: FlowSums = { flows: Number(flows ?? 0), bytes: saturate(bytes), packets: saturate(packets) }
  if (Number(sampled ?? 0) > 0) sums.sampledFlows = Number(sampled)
  return sums
}

function saturate(sum: unknown): number {
  return Math.min(Number(sum ?? 0), Number.MAX_SAFE_INTEGER)
}
