import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Top } from '@netbehave/history'
import { toSankey } from './sankey.ts'

const row = (values: (string | null)[], bytes: number) => ({ values, bytes, flows: 1, packets: 1 })
const top = (rows: ReturnType<typeof row>[], total: number): Top => ({
  fields: ['src.ip', 'dst.org', 'service'],
  rows,
  total: {
    flows: rows.length + (total > 0 ? 1 : 0),
    bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) + total,
    packets: 9,
  },
  values: 99,
})

test('what flows into a node flows out of it, and the rest holds what is not shown', () => {
  const rows = [
    row(['a', 'X', 'https'], 100),
    row(['a', 'Y', 'dns'], 20),
    row(['b', 'X', 'https'], 50),
    row(['c', null, 'ntp'], 3),
  ]
  const { nodes, links } = toSankey(top(rows, 7), 'bytes', 2)
  const bytesOf = (column: number) =>
    nodes.filter((node) => node.column === column).reduce((sum, { bytes }) => sum + bytes, 0)
  assert.deepEqual([0, 1, 2].map(bytesOf), [180, 180, 180])
  for (const node of nodes.filter(({ column }) => column === 1)) {
    const sum = (end: 'source' | 'target') =>
      links.filter((link) => link[end] === node.id).reduce((all, { bytes }) => all + bytes, 0)
    assert.deepEqual([sum('target'), sum('source')], [node.bytes, node.bytes])
  }
  assert.deepEqual(
    nodes.map(({ column, label, rest, bytes }) => [column, rest ? '…' : label, bytes]),
    [
      [0, 'a', 120],
      [0, 'b', 50],
      [0, '…', 10],
      [1, 'X', 150],
      [1, 'Y', 20],
      [1, '…', 10],
      [2, 'https', 150],
      [2, 'dns', 20],
      [2, '…', 10],
    ],
  )
})

test('no value is a node of its own, told from a value that is called so and from the rest', () => {
  const rows = [row([null, 'none', 'rest'], 5), row(['rest', null, null], 4)]
  const { nodes } = toSankey(top(rows, 0), 'bytes', 5)
  assert.equal(new Set(nodes.map(({ id }) => id)).size, 6)
  assert.equal(nodes.filter(({ rest }) => rest).length, 0)
})
