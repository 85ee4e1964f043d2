// How long to wait before something that ended is started again: longer each time, short again after it held.

export interface BackOff {
  /** The wait in ms before the next start, given how long the last one held. */
  next(ranMs: number): number
}

export interface BackOffOptions {
  readonly firstMs: number
  readonly mostMs: number
  /** What ran this long counts as sound again. */
  readonly soundMs: number
}

export const BACK_OFF: BackOffOptions = { firstMs: 200, mostMs: 30_000, soundMs: 60_000 }

export function createBackOff({ firstMs, mostMs, soundMs }: BackOffOptions = BACK_OFF): BackOff {
  let waitMs = firstMs
  return {
    next(ranMs) {
      if (ranMs >= soundMs) waitMs = firstMs
      const wait = waitMs
      waitMs = Math.min(waitMs * 2, mostMs)
      return wait
    },
  }
}
