import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readCsv } from './csv.ts'

const cells = (text: string) => readCsv(text).map((row) => row.cells)

test('cells are trimmed, blank lines and comments passed over, lines counted', () => {
  assert.deepEqual(readCsv('\ufeff# "a comment\n\n a , b=c d ,\r\n  # another\nlast,x'), [
    { line: 3, cells: ['a', 'b=c d', ''] },
    { line: 5, cells: ['last', 'x'] },
  ])
})

test('a quoted cell may hold commas, quotes and line ends', () => {
  assert.deepEqual(cells('a,"b, ""c""\nd",e\nf'), [['a', 'b, "c"\nd', 'e'], ['f']])
  assert.deepEqual(readCsv('a,"b\nc"\nd')[1]?.line, 3)
})

test('a quote that does not end takes the rest', () => {
  assert.deepEqual(cells('a,"b\nc,d'), [['a', 'b\nc,d']])
})

test('what was written as CSV is read back', () => {
  const cell = fc.string().map((text) => text.trim())
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (rows) => {
      const written = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')).join('\r\n')
      assert.deepEqual(cells(written), rows)
    }),
  )
})

test('any text is read', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '#', 'a', ' ') }),
      (text) => void readCsv(text),
    ),
    {
      numRuns: 3000,
    },
  )
})
