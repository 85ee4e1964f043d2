// Which version a binary is, remembered by size and time in `.tools/checked.json`: a second start runs none of them.
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capture } from './command.mjs'
import { parseVersion } from './version.mjs'

/**
 * Runs `binary --version` unless the very same file was asked before.
 * @param {string} toolsDir
 * @param {string} binary absolute path
 * @returns {Promise<number[] | undefined>} undefined: not there, does not run here, or says no version
 */
export async function checkedVersion(toolsDir, binary) {
  const state = statSync(binary, { throwIfNoEntry: false })
  if (!state?.isFile()) return undefined
  const key = `${state.size}@${state.mtimeMs}`
  const remembered = readChecked(toolsDir)[binary]
  if (remembered?.key === key) return remembered.version
  const { code, stdout } = await capture(binary, ['--version'], { timeoutMs: 10_000 })
  const version = code === 0 ? parseVersion(stdout) : undefined
  if (version) writeChecked(toolsDir, { ...readChecked(toolsDir), [binary]: { key, version } })
  return version
}

/** @param {string} toolsDir @returns {Record<string, { key: string, version: number[] }>} */
function readChecked(toolsDir) {
  try {
    return JSON.parse(readFileSync(join(toolsDir, 'checked.json'), 'utf8'))
  } catch {
    return {} // missing or unreadable: everything is asked again
  }
}

/** @param {string} toolsDir @param {object} checked */
function writeChecked(toolsDir, checked) {
  mkdirSync(toolsDir, { recursive: true })
  const partial = join(toolsDir, `checked.json.${process.pid}`)
  const present = Object.entries(checked).filter(([binary]) => existsSync(binary))
  writeFileSync(partial, JSON.stringify(Object.fromEntries(present)))
  renameSync(partial, join(toolsDir, 'checked.json'))
}
