// Running one target in every workspace that has it, through Nx, and taking its output apart by task.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { capture } from '../bootstrap/command.mjs'

/**
 * @typedef {{ project: string, output: string, cached: boolean }} TaskOutput
 * @typedef {{ tasks: TaskOutput[], failed: Set<string>, ended: boolean, output: string }} NxRun
 *   failed: names of projects; ended: false if Nx itself did not come to its end
 */

/**
 * @param {string} root
 * @param {string} target
 * @param {string[]} selection Nx options that choose projects
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<NxRun>}
 */
export async function runTarget(root, target, selection, env) {
  const args = ['run-many', `--targets=${target}`, '--output-style=static', ...selection]
  args.push(`--parallel=${Math.max(2, availableParallelism())}`)
  // A run that decides about a merge does not trust what an earlier one left behind.
  if (env.CI === 'true') args.push('--skip-nx-cache')
  const { code, output } = await capture(join(root, 'node_modules', '.bin', 'nx'), args, {
    cwd: root,
    env: {
      ...env,
      FORCE_COLOR: '0',
      NX_DAEMON: 'false',
      NX_NO_CLOUD: 'true',
      NX_SKIP_LOG_GROUPING: 'true',
      NX_TUI: 'false',
      npm_config_loglevel: 'error',
    },
  })
  return { ...parseNxOutput(output), ended: code === 0 || /^Failed tasks:$/m.test(output), output }
}

/**
 * @param {string} text of `nx run-many --output-style=static`
 * @returns {{ tasks: TaskOutput[], failed: Set<string> }}
 */
export function parseNxOutput(text) {
  const tasks = []
  const failed = new Set()
  let current
  let inFailedList = false
  for (const line of stripVTControlCharacters(text).split('\n')) {
    const header = /^> nx run (\S+):[\w-]+(?:\s+\[(.+)\])?$/.exec(line)
    if (header) {
      current = { project: header[1] ?? '', cached: header[2] !== undefined, lines: /** @type {string[]} */ ([]) }
      tasks.push(current)
    } else if (/^ NX /.test(line)) {
      current = undefined
    } else if (line === 'Failed tasks:') {
      inFailedList = true
    } else if (inFailedList) {
      const item = /^- (\S+):[\w-]+$/.exec(line)
      if (item) failed.add(item[1] ?? '')
    } else {
      current?.lines.push(line)
    }
  }
  return { tasks: tasks.map(({ project, cached, lines }) => ({ project, cached, output: lines.join('\n') })), failed }
}
