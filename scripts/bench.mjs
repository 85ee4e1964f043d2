// `npm run bench`: runs every project's benchmarks one after the other and writes docs/performance.md.
//   npm run bench -- --only collector,chain    these projects' or files' benchmarks; the other figures stay as they are
//   npm run bench -- --only chain --seconds 300 --rate 320000    holds the whole chain for so long (performance.md asks for 5 minutes)
//   npm run bench -- --no-write                only prints
// Figures are kept in docs/performance.json between runs, each with its date and machine.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeMachine } from './bench/machine.mjs'
import { renderPerformance } from './bench/render.mjs'
import { runBenchmark } from './bench/run.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const figuresFile = join(root, 'docs', 'performance.json')
const templateFile = join(root, 'scripts', 'bench', 'performance.template.md')

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string' },
    rate: { type: 'string' },
    'no-write': { type: 'boolean', default: false },
    'render-only': { type: 'boolean', default: false },
  },
})

/** Further arguments of single benchmarks. @type {Record<string, string[]>} */
const args = {
  chain: [...(values.seconds ? ['--seconds', values.seconds] : []), ...(values.rate ? ['--rate', values.rate] : [])],
}

const files = values['render-only'] ? [] : chosenBenchmarks()
const machine = await describeMachine()
const figures = readFigures()
let failed = 0
for (const file of files) {
  const name = basename(file, '.bench.ts')
  process.stderr.write(`\n${file}\n`)
  const load = loadavg()[0] ?? 0
  const { lines, code } = await runBenchmark(join(root, file), args[name] ?? [])
  if (code !== 0) failed++
  if (code !== 0) process.stderr.write(`${file} ended with ${code}\n`)
  if (lines.length > 0) figures[name] = { atMs: Date.now(), machine, load, lines }
}
if (!values['no-write']) {
  writeFileSync(figuresFile, `${JSON.stringify(figures, null, 2)}\n`)
  const page = renderPerformance(readFileSync(templateFile, 'utf8'), figures)
  writeFileSync(join(root, 'docs', 'performance.md'), page)
}
process.exitCode = failed > 0 ? 1 : 0

function chosenBenchmarks() {
  const all = globSync('{libs,apps}/*/bench/*.bench.ts', { cwd: root }).sort()
  const only = values.only?.split(',')
  if (!only) return all
  const wanted = all.filter(
    (file) => only.includes(basename(file, '.bench.ts')) || only.includes(file.split('/')[1] ?? ''),
  )
  if (wanted.length > 0) return wanted
  process.stderr.write(`no benchmark is named ${values.only}; there are: ${all.join(', ')}\n`)
  process.exit(64)
}

/** @returns {import('./bench/render.mjs').Figures} */
function readFigures() {
  try {
    return JSON.parse(readFileSync(figuresFile, 'utf8'))
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return {}
    throw error
  }
}
