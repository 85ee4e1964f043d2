// The checks of `npm test`, in the order in which they run: the fast ones that say most come first.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { capture } from '../bootstrap/command.mjs'
import { failureDetails, impatientFiles, readSeconds, readTotals, skippedTests } from './node-test-output.mjs'
import { runTarget } from './nx.mjs'
import { oneCheck } from './tally.mjs'

/**
 * @typedef {import('./tally.mjs').Tally} Tally
 * @typedef {{ name: string, tally: Tally, details: string, skipped?: string[], seconds?: number, again?: string[] }} Result
 *   details: what to read if it failed; skipped: one line per skipped test; seconds: how long it took, where the runner says so;
 *   again: files that passed only at their second run
 * @typedef {{ root: string, env: NodeJS.ProcessEnv }} Context
 */

const E2E = '@netbehave/e2e'
/** Of one workspace. More failed files than that are no bad luck. */
const MAX_SECOND_RUNS = 3

/** @type {Record<string, (context: Context) => Promise<Result[]>>} */
export const CHECKS = {
  lint: async ({ root, env }) => [await oneProgram('biome', root, env, ['check', '--max-diagnostics=100', '.'])],

  // All workspaces as one program: checked one by one they read each other and the libraries two dozen times over.
  types: ({ root, env }) =>
    Promise.all([
      oneProgram('tsc', root, env, ['--noEmit', '-p', 'scripts'], 'scripts'),
      oneProgram('tsc', root, env, ['--noEmit', '-p', '.'], 'workspaces'),
      oneProgram('tsc', root, env, ['--noEmit', '-p', 'apps/search-gw/web'], 'web console'),
    ]),

  // The image's steps are among our own tests: a minute, most of it waiting.
  unit: async (context) =>
    (await Promise.all([ownTests(context), eachWorkspace(context, 'test', [], readTests)])).flat(),

  integration: async (context) =>
    withSecondRuns(context, await eachWorkspace(context, 'itest', [`--exclude=${E2E}`], readTests)),

  e2e: async (context) =>
    withSecondRuns(context, await eachWorkspace(context, 'itest', [`--projects=${E2E}`], readTests)),
}

/**
 * A program of node_modules that counts as one check.
 * @param {string} program @param {string} root @param {NodeJS.ProcessEnv} env @param {string[]} args
 * @returns {Promise<Result>}
 */
async function oneProgram(program, root, env, args, name = program) {
  const { code, output } = await capture(join(root, 'node_modules', '.bin', program), args, { cwd: root, env })
  return { name, tally: oneCheck(code === 0), details: code === 0 ? '' : output.trim() }
}

/** The tests beside the scripts themselves. @param {Context} context @returns {Promise<Result>} */
async function ownTests({ root, env }) {
  const { code, output } = await capture(process.execPath, ['--test', 'scripts/**/*.test.{mjs,ts}'], { cwd: root, env })
  return { name: 'scripts', ...readTests(output, code === 0) }
}

/**
 * @param {Context} context
 * @param {string} target
 * @param {string[]} selection
 * @param {(output: string, ok: boolean) => Omit<Result, 'name'>} read
 * @returns {Promise<Result[]>} one per workspace
 */
async function eachWorkspace({ root, env }, target, selection, read) {
  const run = await runTarget(root, target, selection, env)
  const results = run.tasks.map(({ project, output, cached }) => ({
    name: `${project}${cached ? ' (unchanged)' : ''}`,
    ...read(output, !run.failed.has(project)),
  }))
  const unseen = [...run.failed].filter((project) => !run.tasks.some((task) => task.project === project))
  for (const project of unseen) results.push({ name: project, tally: oneCheck(false), details: 'it did not run' })
  if (!run.ended) results.push({ name: 'nx', tally: oneCheck(false), details: run.output.trim() })
  return results
}

/**
 * Tests against real neighbours run several at a time on however busy a machine, and one may run out of patience for
 * nobody's fault. So files that failed by waiting in vain run once more, alone and one after the other: a fault fails again. What
 * passed only then is told with what it failed by: it is to be looked at, as it may be a fault that shows now and then. A test
 * that saw something wrong has failed.
 * @param {Context} context @param {Result[]} results @returns {Promise<Result[]>}
 */
export async function withSecondRuns({ root, env }, results) {
  const seen = []
  for (const result of results) {
    const files = impatientFiles(result.details)
    const isWorthIt = result.tally.failed > 0 && files.length > 0 && files.length <= MAX_SECOND_RUNS
    seen.push(isWorthIt ? await secondRun(folderOf(root, result.name), env, result, files) : result)
  }
  return seen
}

/** @param {string} cwd @param {NodeJS.ProcessEnv} env @param {Result} first @param {string[]} files */
async function secondRun(cwd, env, first, files) {
  const { code, output } = await capture(process.execPath, ['--test', '--test-concurrency=1', ...files], { cwd, env })
  const second = readTests(output, code === 0)
  if (second.tally.failed > 0) return { ...first, details: `${first.details}\n\nat the second run:\n${second.details}` }
  const { passed, failed, skipped } = first.tally
  return { ...first, tally: { passed: passed + failed, failed: 0, skipped }, again: files }
}

/** @param {string} root @param {string} project `@netbehave/NAME` */
function folderOf(root, project) {
  const name = project.replace('@netbehave/', '')
  return ['apps', 'libs'].map((group) => join(root, group, name)).find((folder) => existsSync(folder)) ?? root
}

/**
 * @param {string} output of `node --test`
 * @param {boolean} ok whether it exited with 0
 * @returns {Omit<Result, 'name'>}
 */
function readTests(output, ok) {
  const totals = readTotals(output)
  // A runner that failed without a failed test (no totals, or a crash after them) is a failure of its own.
  const tally = totals && (ok || totals.failed > 0) ? totals : { ...(totals ?? oneCheck(false)), failed: 1 }
  return {
    tally,
    details: tally.failed > 0 ? failureDetails(output) : '',
    skipped: skippedTests(output),
    seconds: readSeconds(output),
  }
}
