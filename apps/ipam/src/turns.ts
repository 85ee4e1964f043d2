// Long work in short pieces: each piece waits for a turn, and every turn is another round of the event loop, so that look-ups that came
// meanwhile are answered in between, whatever number of long requests there is.

/** Resolves once for each round, in the order of the calls. */
export type Turn = () => Promise<void>

export function createTurns(): Turn {
  let last: Promise<void> = Promise.resolve()
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)))
    return last
  }
}
