// Asking V8 to collect. DuckDB's ENUM types are freed only when V8 collects the small objects that stand for them; V8 does not
// know that each holds megabytes of text, and at full load let 100 MB of them gather.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** Collects everything that is garbage now; takes some 30 ms. */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
