import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes, formatDuration, shortNumber } from './numbers.ts'
import { formatTable } from './table.ts'

test('numbers are shortened without losing their size at the edges', () => {
  const shown = [0, 999, 1000, 9_949, 9_950, 999_499, 999_500, 1e15, 2 ** 53].map(shortNumber)
  assert.deepEqual(shown, ['0', '999', '1.0k', '9.9k', '10k', '999k', '1.0M', '1.0P', '9.0P'])
  assert.equal(formatBytes(999), '999 B')
  assert.equal(formatBytes(1_234_567), '1.2 MB')
})

test('durations have the unit that fits, forwards and backwards', () => {
  assert.deepEqual([850, 12_340, 240_000, 7_200_000, 259_200_000, -5_000].map(formatDuration), [
    '850 ms',
    '12.3 s',
    '4 min',
    '2 h',
    '3 d',
    '-5.0 s',
  ])
})

test('a table is aligned by its widest cells', () => {
  const columns = [
    { heading: 'NAME', value: (row: [string, number]) => row[0] },
    { heading: 'N', value: (row: [string, number]) => row[1], align: 'right' as const },
  ]
  assert.deepEqual(
    formatTable(columns, [
      ['router-1', 5],
      ['x', 12_000],
    ]),
    ['NAME          N', 'router-1      5', 'x         12000'],
  )
})
