// Step 2: the npm packages of package-lock.json, installed by `npm ci` under Node 24.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { capture } from './command.mjs'
import { lastLines, StepError, say } from './say.mjs'

/**
 * @typedef {{ packages?: Record<string, { version?: string, integrity?: string, optional?: boolean, link?: boolean }> }} Lock
 */

/**
 * npm writes `node_modules/.package-lock.json` when an installation is complete: comparing the two costs milliseconds
 * and also holds after a `npm install` by hand.
 * @param {string} root
 */
export function arePackagesInstalled(root) {
  const wanted = readLock(join(root, 'package-lock.json'))
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'))
  return wanted !== undefined && installed !== undefined && isInstalled(wanted, installed)
}

/**
 * Whether each entry of the lock file is installed as written. Optional ones may be missing: other platforms' binaries.
 * @param {Lock} wanted @param {Lock} installed
 */
export function isInstalled(wanted, installed) {
  const there = installed.packages ?? {}
  for (const [path, entry] of Object.entries(wanted.packages ?? {})) {
    if (path === '') continue
    const got = there[path]
    if (!got && entry.optional) continue
    if (got?.version !== entry.version || got?.integrity !== entry.integrity || got?.link !== entry.link) return false
  }
  return Object.keys(there).every((path) => wanted.packages?.[path])
}

/**
 * @param {string} root
 * @param {string} node npm and what it runs use this Node
 */
export async function installPackages(root, node) {
  say('installing packages (npm ci)')
  // No package needs its install script: the native ones carry their binaries.
  const { code, output } = await capture(
    'npm',
    ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'],
    {
      cwd: root,
      env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` },
    },
  )
  if (code !== 0) {
    throw new StepError('npm ci failed', "make npm's registry reachable and run this again, or run `npm ci` yourself", {
      details: lastLines(output),
    })
  }
}

/** @param {string} file @returns {Lock | undefined} */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined // not installed yet, or half written
  }
}
