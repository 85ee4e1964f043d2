// Starts a worker with room in its heap before V8 first collects all of it.
import { setFlagsFromString } from 'node:v8'
import type { Worker } from 'node:worker_threads'

/** Workers that were told to start with room and do not run yet. */
let starting = 0

/**
 * A worker takes no V8 flag of its own (`execArgv` refuses them, `resourceLimits` has only upper bounds), but a heap reads the
 * flag of the whole process while it is made. So the flag is set from the call that starts the thread until the thread runs.
 */
export function startWithHeapRoom(megabytes: number, start: () => Worker): Worker {
  if (megabytes === 0) return start()
  setFlagsFromString(`--initial-old-space-size=${megabytes}`)
  starting++
  let isStarting = true
  const reset = () => {
    if (isStarting && --starting === 0) setFlagsFromString('--initial-old-space-size=0')
    isStarting = false
  }
  try {
    return start().once('online', reset).once('exit', reset)
  } catch (error) {
    reset()
    throw error
  }
}
