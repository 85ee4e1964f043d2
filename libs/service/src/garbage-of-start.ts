// A start leaves behind as much garbage as a heap lets it, and V8 collects none of it while nothing happens afterwards: a box that
// idles would hold it for ever. Here it is collected once (docs/performance.md).

/** By then what came with the start (restored state, caches, streams) is there. */
const AFTER_START_MS = 5_000

/**
 * Collects this thread's heap once, a few seconds from now, where Node was started with `--expose-gc` as `./netbehave up` is. The flag is not set
 * here: it is of the whole process, and threads that set and reset it took the collector from each other.
 */
export function collectGarbageOfStart(): Disposable {
  const timer = setTimeout(() => globalThis.gc?.(), AFTER_START_MS).unref()
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}
