#!/usr/bin/env node
// Brings what a fresh clone lacks (Node 24, npm packages, nats-server, the built console), then runs the command; a start with nothing to
// bring says nothing. Plain JavaScript without a dependency, for Node >= 18.
//   bootstrap.mjs ARGS…               the command line program, with ARGS
//   bootstrap.mjs --script NAME ARGS… `npm test`, `npm run bench`, `npm run fuzz`
// Everything it brings is in `.tools/` and `node_modules/`; removing both starts over.
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { handOver } from './bootstrap/command.mjs'
import { buildConsole, isConsoleBuilt } from './bootstrap/console.mjs'
import { withLock } from './bootstrap/lock.mjs'
import { findNatsServer, installNatsServer, sayFound } from './bootstrap/nats-server.mjs'
import { findNode, installNode } from './bootstrap/node.mjs'
import { arePackagesInstalled, installPackages } from './bootstrap/packages.mjs'
import { StepError, say } from './bootstrap/say.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const toolsDir = join(root, '.tools')

/**
 * `netbehave up` (and `demo`, which is one) is one process with a thread and a V8 heap for every app, which idles most of its life. As Node and glibc come, each
 * heap lets 48 MB of garbage pile up and each thread has memory pools of its own: 100 MB more, for no flow a second (docs/performance.md). The collector is
 * exposed for what the start leaves behind (libs/service, garbage-of-start.ts).
 */
const UP_NODE_FLAGS = ['--max-semi-space-size=2', '--expose-gc']
const UP_ENV = { MALLOC_ARENA_MAX: '2' }

/** Exit code of sysexits.h for something that is needed and not there. */
const EX_UNAVAILABLE = 69

try {
  const { node, natsServer } = (await findAll()) ?? (await withLock(join(toolsDir, 'lock'), bringAll, sayWaiting))
  const env = {
    ...process.env,
    PATH: [dirname(node), process.env.PATH].join(delimiter),
    // Compiled code is kept between runs: a third of a start goes into stripping types and compiling.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'netbehave'),
    NATS_SERVER_BIN: natsServer,
  }
  const args = process.argv.slice(2)
  if (args[0] === 'up' || args[0] === 'demo')
    handOver(node, [...UP_NODE_FLAGS, ...commandLine(args)], { ...UP_ENV, ...env })
  else handOver(node, commandLine(args), env)
} catch (error) {
  if (!(error instanceof StepError)) throw error
  say(`${error.message}; ${error.remedy}`)
  if (error.details) process.stderr.write(`${error.details.replaceAll(/^/gm, '  ')}\n`)
  process.exitCode = EX_UNAVAILABLE
}

/** @returns {Promise<{ node: string, natsServer: string } | undefined>} undefined if anything is missing */
async function findAll() {
  const node = await findNode(toolsDir)
  const natsServer = await findNatsServer(toolsDir)
  const isReady = arePackagesInstalled(root) && isConsoleBuilt(root)
  return node && natsServer && isReady ? { node, natsServer } : undefined
}

/** Looks again first: another bootstrap may have brought it while this one waited for the lock. */
async function bringAll() {
  const node = (await findNode(toolsDir)) ?? (await installNode(toolsDir))
  if (!arePackagesInstalled(root)) await installPackages(root, node)
  const found = await findNatsServer(toolsDir)
  if (found) await sayFound(toolsDir, found)
  const natsServer = found ?? (await installNatsServer(toolsDir))
  if (!isConsoleBuilt(root)) await buildConsole(root, node)
  return { node, natsServer }
}

/** @param {string} owner */
function sayWaiting(owner) {
  say(`another start is setting up this clone (${owner || 'just begun'}): waiting for it`)
}

/**
 * @param {string[]} args of this script
 * @returns {string[]} what Node 24 shall run
 */
function commandLine(args) {
  if (args[0] !== '--script') return [join(root, 'apps', 'cli', 'src', 'main.ts'), ...args]
  const [, name = '', ...rest] = args
  return [join(root, 'scripts', `${name}.mjs`), ...rest]
}
