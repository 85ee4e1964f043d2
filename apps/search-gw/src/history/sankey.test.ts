import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StagesRow, StageValue } from '@netbehave/history'
import { toSankey } from './sankey.ts'

const FIELDS = ['src.ip', 'org', 'service']
const REST = Symbol('rest')
const row = (labels: (string | null | typeof REST)[], bytes: number): StagesRow => ({
  stages: labels.map((label): StageValue => (label === REST ? 'rest' : { value: label as string | null })),
  ...{ bytes, flows: 1, packets: 1 },
})

test('what flows into a node flows out of it, and the rest holds what is not shown', () => {
  const { nodes, links, total } = toSankey(
    [
      row(['a', 'X', 'https'], 100),
      row(['b', 'X', 'https'], 50),
      row(['a', 'Y', 'dns'], 20),
      row([REST, REST, REST], 7),
      row([REST, REST, 'dns'], 3),
    ],
    FIELDS,
    'bytes',
  )
  assert.deepEqual(total, { flows: 5, bytes: 180, packets: 5 })
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
      [2, 'dns', 23],
      [2, '…', 7],
    ],
  )
})

test('no value is a node of its own, told from a value that is called so and from the rest', () => {
  const { nodes } = toSankey([row([null, 'none', 'rest'], 5), row(['rest', null, null], 4)], FIELDS, 'bytes')
  assert.equal(new Set(nodes.map(({ id }) => id)).size, 6)
  assert.equal(nodes.filter(({ rest }) => rest).length, 0)
})

test('an id says which condition chooses the node, so that what goes to a holder and what comes from it are two', () => {
  const stages = (holder: StageValue): StagesRow['stages'] => [{ value: '10.0.0.1' }, holder, { value: 'https' }]
  const sums = { bytes: 1, flows: 1, packets: 1 }
  const holders: StageValue[] = [{ value: 'a=b', side: 'src' }, { value: 'a=b', side: 'dst' }, { value: null }, 'rest']
  const { nodes } = toSankey(
    holders.map((holder) => ({ stages: stages(holder), ...sums })),
    FIELDS,
    'bytes',
  )
  assert.deepEqual(
    nodes.map(({ id }) => id),
    ['0:src.ip=10.0.0.1', '1:src.org=a=b', '1:dst.org=a=b', '1:org', '1:rest', '2:service=https'],
  )
})
