// docs/performance.md out of the template and the figures. In: the template with {{bars}}, {{figures}}, {{machine}}.
// Fails: throws when the template names something else.
import { BARS } from './bars.mjs'

/**
 * @typedef {import('./run.mjs').Line} Line
 * @typedef {{ atMs: number, machine: import('./machine.mjs').Machine, load?: number, lines: Line[] }} Figure one run of one benchmark;
 *   load: how many programs wanted a core when it began (os.loadavg, one minute)
 * @typedef {Record<string, Figure>} Figures by the benchmark's name, `collector`
 */

/** @param {string} template @param {Figures} figures */
export function renderPerformance(template, figures) {
  /** @type {Record<string, () => string>} */
  const parts = {
    machine: () => renderMachines(figures),
    bars: () => renderBars(figures),
    figures: () => renderFigures(figures),
  }
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => {
    const part = parts[name]
    if (!part) throw new Error(`the template asks for {{${name}}}; there are ${Object.keys(parts).join(', ')}`)
    return part()
  })
}

/** @param {Figures} figures */
function renderMachines(figures) {
  const machines = new Set(Object.values(figures).map(({ machine }) => describe(machine)))
  return machines.size === 0 ? 'Nothing was measured yet: `npm run bench`.' : [...machines].join('\n')
}

/** @param {import('./machine.mjs').Machine} machine */
function describe({ processor, cores, memoryGb, system, node, natsServer, nfdump }) {
  const programs = `Node ${node}, nats-server ${natsServer}, nfdump ${nfdump}`
  return `${processor}, ${cores} cores, ${memoryGb} GB; ${system}; ${programs}.`
}

/** @param {Figures} figures */
function renderBars(figures) {
  const rows = BARS.map(({ what, bar, unit, better, benchmark, find }) => {
    const figure = figures[benchmark]
    const value = figureOf(figure?.lines.find(find))
    const day = figure ? new Date(figure.atMs).toISOString().slice(0, 10) : ''
    if (value === undefined) return row([what, withUnit(better, bar, unit), 'not measured', '', day])
    const isMet = better === 'more' ? value >= bar : value <= bar
    return row([what, withUnit(better, bar, unit), `${number(value)} ${unit}`, isMet ? 'yes' : '**no**', day])
  })
  return [row(['what', 'bar', 'measured', 'met', 'on']), row(['---', '---', '---', '---', '---']), ...rows].join('\n')
}

/** @param {'more' | 'less'} better @param {number} bar @param {string} unit */
const withUnit = (better, bar, unit) => `${better === 'more' ? '≥' : '≤'} ${number(bar)} ${unit}`

/** Everything that the benchmarks said, a table for each. @param {Figures} figures */
function renderFigures(figures) {
  const tables = Object.entries(figures).map(([name, { atMs, load, lines }]) => {
    const rows = lines.map((line) => row([String(line.case ?? ''), mainFigure(line), details(line)]))
    const under = load === undefined ? '' : `, load ${number(load)} when it began`
    const head = [`### ${name} (${new Date(atMs).toISOString().slice(0, 10)}${under})`, '']
    return [...head, row(['case', 'figure', 'more']), row(['---', '---', '---']), ...rows].join('\n')
  })
  return tables.join('\n\n')
}

/** @param {Line | undefined} line @returns {number | undefined} */
function figureOf(line) {
  const value = line?.value ?? line?.median
  return typeof value === 'number' ? value : undefined
}

/** @param {Line} line */
function mainFigure(line) {
  const value = figureOf(line)
  return value !== undefined ? `${number(value)} ${line.unit ?? ''}`.trim() : ''
}

const SHOWN_ELSEWHERE = new Set(['bench', 'case', 'value', 'median', 'unit', 'bar', 'better'])

/** @param {Line} line */
function details(line) {
  const entries = Object.entries(line).filter(([name]) => !SHOWN_ELSEWHERE.has(name))
  return entries.flatMap(([name, value]) => detail(name, value)).join(' · ')
}

/** @param {string} name @param {unknown} value @returns {string[]} */
function detail(name, value) {
  if (Array.isArray(value)) return [`${name} ${value.map((item) => text(item)).join(', ')}`]
  if (typeof value !== 'object' || value === null) return [`${name} ${text(value)}`]
  const inner = Object.entries(value)
  return inner.map(([key, item]) => `${name === 'notes' ? '' : `${name} `}${key} ${text(item)}`)
}

/** @param {unknown} value */
const text = (value) => (typeof value === 'number' ? number(value) : String(value))

/** @param {number} value */
const number = (value) => value.toLocaleString('en-US', { maximumFractionDigits: 2 })

/** @param {string[]} cells */
const row = (cells) => `| ${cells.join(' | ')} |`
