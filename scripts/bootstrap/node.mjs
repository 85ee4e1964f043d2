// Step 1: Node >= 24.12. The running one, or npm's package of Node's binary in `.tools/node`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkedVersion } from './checked-binaries.mjs'
import { capture } from './command.mjs'
import { lastLines, StepError, say } from './say.mjs'
import { makePartial, placeTool } from './tools-dir.mjs'
import { isAtLeast, parseVersion } from './version.mjs'

/** Native TypeScript without a warning and all that the apps use. */
const LEAST_NODE = [24, 12]
const PINNED_NODE = '24.21.0'

/**
 * @param {string} toolsDir
 * @returns {Promise<string | undefined>} path of a Node that is new enough
 */
export async function findNode(toolsDir) {
  if (isAtLeast(parseVersion(process.version), LEAST_NODE)) return process.execPath
  const own = join(toolsDir, 'bin', 'node')
  return isAtLeast(await checkedVersion(toolsDir, own), LEAST_NODE) ? own : undefined
}

/**
 * npm's package `node` runs an install script that installs `node-<platform>-<cpu>` with a second npm; newer npm
 * versions do not run install scripts that nobody approved. So the platform's package is installed directly.
 * @param {string} toolsDir
 * @returns {Promise<string>} path of the installed Node
 */
export async function installNode(toolsDir) {
  say(`installing Node ${PINNED_NODE} into .tools (this machine has ${process.version})`)
  const name = `node-${process.platform}-${process.arch}`
  const partial = makePartial(toolsDir, 'node')
  writeFileSync(join(partial, 'package.json'), '{ "private": true }\n')
  const flags = [
    '--no-save',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--prefer-offline',
    '--loglevel=error',
  ]
  const { code, output } = await capture('npm', ['install', ...flags, `${name}@${PINNED_NODE}`], { cwd: partial })
  const inside = join('node_modules', name, 'bin', 'node')
  const placed = code === 0 && (await placeTool(toolsDir, 'node', partial, inside, LEAST_NODE))
  if (!placed) {
    throw new StepError(
      `Node ${PINNED_NODE} could not be installed from npm`,
      `install Node ${LEAST_NODE.join('.')} or newer yourself, or make npm's registry reachable, and run this again`,
      { details: lastLines(output) },
    )
  }
  return placed
}
