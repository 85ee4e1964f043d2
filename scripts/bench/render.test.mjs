import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { renderPerformance } from './render.mjs'

const machine = {
  ...{ processor: 'Example CPU', cores: 2, memoryGb: 4, system: 'Linux 6.1' },
  ...{ node: 'v24.0.0', natsServer: '2.10.1', nfdump: 'not installed' },
}
const line = { bench: 'enricher', case: 'enricher, 24 rules', value: 999_999, unit: 'flows/CPU-s', runs: [1, 999_999] }
const figures = { enricher: { atMs: Date.UTC(2026, 0, 6), machine, load: 0.5, lines: [line] } }

test('a bar stands beside its figure, and one that is missed says so', () => {
  const page = renderPerformance('{{bars}}', figures)
  assert.match(
    page,
    /\| enricher .* \| ≥ 1,000,000 flows\/CPU-s \| 999,999 flows\/CPU-s \| \*\*no\*\* \| 2026-01-06 \|/,
  )
  assert.match(page, /\| archiver \| .* \| not measured \|/)
})

test('every figure is listed with its runs, and the machine once', () => {
  const both = { ...figures, box: { ...figures.enricher, lines: [] } }
  assert.match(
    renderPerformance('{{figures}}', both),
    /\| enricher, 24 rules \| 999,999 flows\/CPU-s \| runs 1, 999,999 \|/,
  )
  assert.equal(renderPerformance('{{machine}}', both).split('Example CPU').length, 2)
})

test('a template that asks for what is not there fails', () => {
  assert.throws(() => renderPerformance('{{colour}}', figures), /colour/)
})

test('docs/performance.md is the template with the figures that were measured', () => {
  const read = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
  const page = renderPerformance(
    read('scripts/bench/performance.template.md'),
    JSON.parse(read('docs/performance.json')),
  )
  assert.equal(read('docs/performance.md'), page, 'run "npm run bench -- --render-only" and commit docs/performance.md')
})
