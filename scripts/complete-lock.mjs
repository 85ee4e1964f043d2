// Adds to package-lock.json the platform binaries that npm left out: `node scripts/complete-lock.mjs`, after `npm install`.
// npm writes no entry for an optional package that the registry at hand does not offer (mirrors often hold only their own
// platform), and `npm ci` then refuses the lock file as out of step (npm/cli issue 9846). Version, system and processor
// are in the parent's entry and in the package's name; npm fetches such a package only on its own platform.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'win32']
const PROCESSORS = ['arm', 'arm64', 'x64']

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, optionalDependencies?: Record<string, string> }} Entry
 * @typedef {{ packages: Record<string, Entry> }} Lock
 */

/**
 * @param {Lock} lock
 * @returns {Record<string, object>} the missing entries by path
 */
export function missingPlatformEntries(lock) {
  /** @type {Record<string, object>} */
  const missing = {}
  for (const [parentPath, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`
      if (lock.packages[path] || lock.packages[`${parentPath}/${path}`]) continue
      const words = name.split(/[-/]/)
      missing[path] = {
        version,
        cpu: PROCESSORS.filter((word) => words.includes(word)),
        ...(parent.dev && { dev: true }),
        ...(words.includes('musl') && { libc: ['musl'] }),
        optional: true,
        os: SYSTEMS.filter((word) => words.includes(word)),
      }
    }
  }
  return missing
}

/** @param {string} file package-lock.json */
function completeLock(file) {
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const all = Object.entries({ ...lock.packages, ...missingPlatformEntries(lock) })
  lock.packages = Object.fromEntries(all.sort(([a], [b]) => a.localeCompare(b, 'en')))
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  completeLock(fileURLToPath(new URL('../package-lock.json', import.meta.url)))
}
