// A start leaves behind as much garbage as a heap lets it, and V8 collects none of it while nothing happens afterwards: a box that
// idles would hold it for ever. Here it is collected once (docs/performance.md).
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** By then what came with the start (restored state, caches, streams) is there. */
const AFTER_START_MS = 5_000

/** Collects this thread's heap once, a few seconds from now. */
export function collectGarbageOfStart(): Disposable {
  const timer = setTimeout(() => {
    // V8 hands out its collector only in a context that is made while the flag is set.
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    setFlagsFromString('--no-expose-gc')
    collect()
  }, AFTER_START_MS).unref()
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}
