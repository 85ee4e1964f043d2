// Step 4: the web console, built by vite when a source of it is newer than what is built.
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { capture } from './command.mjs'
import { lastLines, StepError, say } from './say.mjs'

const WEB = join('apps', 'search-gw', 'web')
/** Folders whose files end up in the console. */
const SOURCES = [WEB, ...['filter', 'routers', 'schema'].map((name) => join('libs', name, 'src')), 'docs']
const BUILT = join(WEB, 'dist', 'index.html')

/** @param {string} root */
export function isConsoleBuilt(root) {
  const builtMs = changedMs(join(root, BUILT))
  return builtMs > 0 && SOURCES.every((folder) => newestMs(join(root, folder)) <= builtMs)
}

/**
 * @param {string} root
 * @param {string} node
 */
export async function buildConsole(root, node) {
  say('building the web console')
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` }
  const { code, output } = await capture('npm', ['run', '--silent', '-w', 'apps/search-gw', 'build'], {
    cwd: root,
    env,
  })
  if (code !== 0) {
    const remedy = 'run `npm run -w apps/search-gw build` to see why'
    throw new StepError('the web console could not be built', remedy, { details: lastLines(output) })
  }
}

/** @param {string} folder @returns {number} when a file in it was changed last, epoch ms; what is built and pictures do not count */
function newestMs(folder) {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['dist', 'node_modules', 'images'].includes(entry.name)) continue
    const path = join(folder, entry.name)
    newest = Math.max(newest, entry.isDirectory() ? newestMs(path) : changedMs(path))
  }
  return newest
}

/** @param {string} path @returns {number} 0 when it is not there */
const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
