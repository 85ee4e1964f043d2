// What the alerter keeps at most. What goes beyond is counted (metrics.ts) or told in fewer words, never lost without a trace.

export interface Limits {
  /** Messages that wait for one channel; further ones go into a digest. */
  readonly waiting: number
  /** Messages that were sent or given up and are still listed. */
  readonly done: number
  /** Lines of one digest; further ones are only counted, by kind. */
  readonly digestLines: number
  /** Ids of events that are remembered, so that one that comes again is told once. */
  readonly events: number
  readonly mutes: number
  /** Vendors of devices that are known. */
  readonly vendors: number
  /** Pairs of alert and rule whose messages of the hour are counted. */
  readonly throttles: number
  /** Exporters, sockets and archivers whose snapshots are watched. */
  readonly watched: number
}

export const LIMITS: Limits = {
  waiting: 10_000,
  done: 5_000,
  digestLines: 500,
  events: 200_000,
  mutes: 10_000,
  vendors: 10_000,
  throttles: 10_000,
  watched: 4_096,
}
