// Random numbers that are the same for the same seed. In: a seed. Out: a source of numbers. mulberry32 (public domain, T. Ettinger).

export interface Random {
  /** 0 up to, but not, 1. */
  next(): number
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number
  /** From `least` to `most`, small ones as likely as large ones: sizes, durations. */
  size(least: number, most: number): number
  pick<T>(items: readonly T[]): T
  /** How often something happens that happens `mean` times on average (Poisson, Knuth's method). */
  times(mean: number): number
}

const PIECE = 500

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    size: (least, most) => Math.round(least * (most / least) ** next()),
    pick: (items) => items[Math.floor(next() * items.length)]!,
    times(mean) {
      let count = 0
      // In pieces, since e to the minus a thousand is 0.
      for (let left = mean; left > 0; left -= PIECE) {
        const limit = Math.exp(-Math.min(left, PIECE))
        for (let product = next(); product > limit; product *= next()) count++
      }
      return count
    },
  }
}

/** One seed out of several numbers. */
export function mixSeeds(...parts: readonly number[]): number {
  let seed = 0x9e3779b9
  for (const part of parts) seed = Math.imul(seed ^ (part >>> 0), 0x85ebca6b) ^ (seed >>> 13)
  return seed >>> 0
}
