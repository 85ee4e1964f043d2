// `.tools/`: what bootstrap brought. Each tool is a directory that appears whole or not at all, and a link in `bin/`.
import { lstatSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { checkedVersion } from './checked-binaries.mjs'
import { isAtLeast } from './version.mjs'

/**
 * An empty directory to build a tool in; it is nobody else's.
 * @param {string} toolsDir
 * @param {string} name
 */
export function makePartial(toolsDir, name) {
  const partial = join(toolsDir, `${name}.partial-${process.pid}`)
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  return partial
}

/**
 * Makes a built directory `.tools/<name>` with the link `.tools/bin/<name>` if its binary runs here, and removes it if
 * it does not.
 * @param {string} toolsDir
 * @param {string} name
 * @param {string} partial from makePartial
 * @param {string} inside path of the binary in it
 * @param {number[]} least version
 * @returns {Promise<string | undefined>} the link; undefined: does not run on this machine, or is older than `least`
 */
export async function placeTool(toolsDir, name, partial, inside, least) {
  if (!isAtLeast(await checkedVersion(toolsDir, join(partial, inside)), least)) {
    rmSync(partial, { recursive: true, force: true })
    return undefined
  }
  rmSync(join(toolsDir, name), { recursive: true, force: true })
  renameSync(partial, join(toolsDir, name))
  const link = join(toolsDir, 'bin', name)
  mkdirSync(join(toolsDir, 'bin'), { recursive: true })
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link)
  symlinkSync(join('..', name, inside), link)
  return link
}
