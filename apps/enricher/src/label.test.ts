import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TextTable } from '@netbehave/schema'
import { Labels, NO_LABEL } from './label.ts'

/** What a reader of the batch finds in a column. */
function read(columns: ReturnType<Labels['columns']>): string[] {
  const texts = columns.dictionary().texts()
  return Array.from(columns.data(columns.src) as ArrayLike<number>, (index) => texts[index]!)
}

test('a column reads as the texts that were set, each once in the dictionary, also when the table grows meanwhile', () => {
  const table = new TextTable()
  const labels = new Labels(table)
  const columns = labels.columns(6000)
  const texts = Array.from({ length: 6000 }, (_, i) => `host-${i % 3000}`)
  for (const [row, text] of texts.entries()) if (row > 0) columns.src.set(row, table.add(text))
  assert.deepEqual(read(columns), ['', ...texts.slice(1)])
  assert.equal(columns.dictionary().length, 1 + 3000)
})

test('batches that are worked on at the same time do not take each other for themselves, however many there were', () => {
  const table = new TextTable()
  const labels = new Labels(table)
  const [a, b] = [table.add('a'), table.add('b')]
  assert.equal(NO_LABEL, 0)
  for (let batch = 0; batch < 70_000; batch++) {
    const [one, other] = [labels.columns(3), labels.columns(3)]
    one.src.set(0, a)
    other.src.set(0, b)
    one.src.set(1, b)
    other.src.set(1, a)
    one.src.set(2, a)
    if (batch % 500 > 0 && batch % 32_768 > 2) continue
    assert.deepEqual(read(one), ['a', 'b', 'a'])
    assert.deepEqual(read(other), ['b', 'a', ''])
  }
})

test('a text that was used when a batch had the same number, long ago, is entered again', () => {
  const table = new TextTable()
  const labels = new Labels(table)
  const c = table.add('c')
  const columns = () => {
    const one = labels.columns(1)
    one.src.set(0, c)
    return one
  }
  columns()
  const { batch } = labels
  do labels.columns(1)
  while (labels.batch !== batch - 1 && labels.batch < 65_535)
  assert.deepEqual(read(columns()), ['c'])
  assert.equal(labels.batch, batch)
})
