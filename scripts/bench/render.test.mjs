import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderPerformance } from './render.mjs'

const machine = {
  ...{ processor: 'Example CPU', cores: 2, memoryGb: 4, system: 'Linux 6.1' },
  ...{ node: 'v24.0.0', natsServer: '2.10.1', nfdump: 'not installed' },
}
const line = { bench: 'enricher', case: 'enricher, raw', value: 999_999, unit: 'flows/CPU-s', runs: [1, 999_999] }
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
  assert.match(renderPerformance('{{figures}}', both), /\| enricher, raw \| 999,999 flows\/CPU-s \| runs 1, 999,999 \|/)
  assert.equal(renderPerformance('{{machine}}', both).split('Example CPU').length, 2)
})

test('a template that asks for what is not there fails', () => {
  assert.throws(() => renderPerformance('{{colour}}', figures), /colour/)
})
