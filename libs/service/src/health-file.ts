// A file whose time says that the app is ready and its event loop turns: what a container's health check looks at, without a port.
// In: the path. Fails: throws when it cannot be made; a touch that fails later is told by the file's age.
import { rmSync, utimesSync, writeFileSync } from 'node:fs'

/** A file older than three of these is that of an app that hangs. */
export const HEALTH_INTERVAL_MS = 5_000

/** Keeps the file young until disposed, then removes it. An empty path: no file. */
export function touchWhileAlive(path: string, intervalMs = HEALTH_INTERVAL_MS): Disposable {
  if (path === '') return { [Symbol.dispose]() {} }
  writeFileSync(path, `${process.pid}\n`)
  const touch = () => {
    const now = new Date()
    try {
      utimesSync(path, now, now)
    } catch {
      // gone or read-only: whoever looks at it sees that
    }
  }
  const timer = setInterval(touch, intervalMs).unref()
  return {
    [Symbol.dispose]() {
      clearInterval(timer)
      rmSync(path, { force: true })
    },
  }
}
