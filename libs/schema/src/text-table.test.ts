import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DICTIONARY_TEXT_BYTES } from './dictionary.ts'
import { FlowBatchBuilder } from './flow-batch-builder.ts'
import { decodeFlowBatch, encodeFlowBatch } from './flow-batch-cbor.ts'
import { TableTexts, TextTable } from './text-table.ts'

function oneFlow() {
  const builder = new FlowBatchBuilder()
  builder.touch('service')
  builder.rows.service[0] = builder.dictionaries.service.add('https')
  builder.commit(1)
  return builder.seal({ site: 'home', collector: 'home-1', seq: 7, received: 1_700_000_000_500 })
}

test('a text has one number, whatever is added in between', () => {
  const table = new TextTable()
  const numbers = Array.from({ length: 3000 }, (_, i) => table.add(`host-${i}.example`))
  assert.deepEqual(
    numbers,
    Array.from({ length: 3000 }, (_, i) => i + 1),
  )
  for (const [i, number] of numbers.entries()) {
    assert.equal(table.text(number), `host-${i}.example`)
    assert.equal(table.add(`host-${i}.example`), number)
  }
  assert.deepEqual([table.add(''), table.size], [0, 3001])
})

test('a long text is cut between characters, and is the same text as the cut one', () => {
  const table = new TextTable()
  const number = table.add('é'.repeat(200))
  assert.equal(table.text(number), 'é'.repeat(DICTIONARY_TEXT_BYTES >> 1))
  assert.equal(table.add(table.text(number)), number)
  assert.equal(table.add('é'.repeat(300)), number)
})

test('texts that differ have numbers that differ, those that are the same bytes have one', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 90 }), { maxLength: 300 }), (texts) => {
      const table = new TextTable()
      const numbers = new Map<string, number>()
      for (const text of texts) {
        const number = table.add(text)
        // Half of a pair is what UTF-8 has for it.
        const [read, cut] = [table.text(number), Buffer.from(text).toString()]
        assert.ok(read === cut || (read.length >= 63 && cut.startsWith(read)), JSON.stringify([text, read]))
        assert.equal(numbers.get(read) ?? number, number)
        numbers.set(read, number)
      }
      assert.equal(table.size, new Set([...numbers.keys(), '']).size)
    }),
  )
})

test('a batch with such a dictionary reads as one with a list of texts, before and after the wire', () => {
  const unit = fc.constantFrom('a', 'é', '漢', '😀', '.')
  const texts = fc.uniqueArray(fc.string({ unit, minLength: 1, maxLength: 60 }), { maxLength: 400 })
  fc.assert(
    fc.property(texts, texts, (names, orgs) => {
      const [nameTable, orgTable] = [new TextTable(), new TextTable()]
      const inTable = (table: TextTable, some: readonly string[]) =>
        new TableTexts(
          table,
          Uint32Array.from(['', ...some.toReversed()], (text) => table.add(text)),
        )
      for (const name of names) nameTable.add(name)
      const batch = oneFlow().with({}, { name: inTable(nameTable, names), org: inTable(orgTable, orgs) })
      const received = decodeFlowBatch(encodeFlowBatch(batch))
      for (const one of [batch, received]) {
        assert.deepEqual(one.texts('name'), ['', ...names.toReversed()])
        assert.equal(one.text('name', names.length), names[0] ?? '')
        assert.equal(one.text('name', names.length + 1), undefined)
        assert.deepEqual(one.texts('org'), ['', ...orgs.toReversed()])
        assert.deepEqual(one.texts('service'), ['', 'https'])
      }
      assert.deepEqual({ ...received.fields, dict: {} }, { ...batch.fields, dict: {} })
    }),
    { numRuns: 200 },
  )
})
