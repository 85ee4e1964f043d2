import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FlowBatch, TableTexts, TextTable } from '@netbehave/schema'
import { compile, compileRules, parse, RULES } from '../index.ts'
import { type PlainFlow, toBatch } from '../testing/flows.ts'

const T = 1_767_700_000_000
const flow = { first: T, last: T }
const rules = (...texts: string[]) => compileRules(texts.map((text) => parse(text)))

test('the first filter that matches is told as 1 + its position, 0 is none', () => {
  const flows: PlainFlow[] = [443, 80, 53, 1].map((dstPort) => ({ ...flow, dstPort }))
  assert.deepEqual(
    [...rules('dst.port = 80', 'dst.port in (443, 80)', 'dst.port < 100 and bytes > 0').bind(toBatch(flows))],
    [2, 1, 0, 0],
  )
})

test('order holds over many filters, of which each may be several lines', () => {
  const texts = Array.from({ length: 300 }, (_, i) => `port in (${i}, ${i + 300}) or name = *.z${i}.example`)
  const compiled = rules(...texts)
  const flows: PlainFlow[] = [
    { ...flow, srcPort: 299, dstPort: 1000 },
    { ...flow, srcPort: 1000, dstPort: 599 },
    { ...flow, srcPort: 250, dstPort: 340 },
    { ...flow, srcPort: 1000, dstPort: 1000, dstName: 'a.z170.example' },
    { ...flow, srcPort: 1000, dstPort: 1000, dstName: 'z170.example' },
  ]
  assert.deepEqual([...compiled.bind(toBatch(flows))], [300, 300, 41, 171, 0])
})

test('an and of many ors is answered as the single conditions are', () => {
  const text = Array.from({ length: 8 }, (_, i) => `(src.port = ${i} or dst.port = ${i} or bytes = ${i})`).join(' and ')
  const flows: PlainFlow[] = [
    { ...flow, srcPort: 1, dstPort: 2, bytes: 3 },
    { ...flow, srcPort: 0 },
  ]
  assert.deepEqual([...rules(text, `not (${text})`).bind(toBatch(flows))], [2, 2])
  assert.deepEqual(
    [
      ...rules(
        '(src.port = 1 or bytes = 0) and (dst.port = 2 or bytes = 1) and (bytes = 3 or bytes = 4) and (src.port=1 or src.port=2) and (dst.port = 2 or dst.port = 3)',
      ).bind(toBatch(flows)),
    ],
    [1, 0],
  )
})

test('a list is used for batch after batch, with dictionaries and columns of their own', () => {
  const compiled = rules('dst.name = *.example.com', 'dst.name exists')
  const batch = (...names: (string | undefined)[]): FlowBatch =>
    toBatch(names.map((dstName) => (dstName === undefined ? flow : { ...flow, dstName })))
  assert.deepEqual([...compiled.bind(batch('a.example.com', 'b', undefined))], [1, 2, 0])
  assert.deepEqual([...compiled.bind(batch('b', 'c', 'x.example.com', 'a.example.com'))], [2, 2, 1, 1])
  assert.deepEqual([...compiled.bind(batch(undefined, undefined))], [0, 0])
  assert.deepEqual([...compiled.bind(batch('b', 'b'))], [2, 2], 'a column of one value')
  assert.deepEqual([...compiled.bind(toBatch([]))], [])
  const large = compiled.bind(batch(...Array.from({ length: 20_000 }, (_, i) => (i % 2 ? `${i}.example.com` : 'b'))))
  assert.equal(large.filter((first) => first === 1).length, 10_000)
})

test('an answer stays as it was when the next batch is looked at', () => {
  const compiled = compile(parse('dst.port = 1'))
  const first = compiled.bind(toBatch([{ ...flow, dstPort: 1 }, flow]))
  const second = compiled.bind(toBatch([flow, { ...flow, dstPort: 1 }]))
  assert.deepEqual([first(0), first(1), second(0), second(1)], [true, false, false, true])
})

test('a dictionary that grew since the last batch is looked at again', () => {
  const compiled = rules('dst.name = b')
  const batch = toBatch([
    { ...flow, dstName: 'a' },
    { ...flow, dstName: 'a2' },
  ])
  assert.deepEqual([...compiled.bind(batch)], [0, 0])
  const names = batch.fields.dict.name as string[]
  names.push('b')
  assert.deepEqual([...compiled.bind(batch.with({ dstName: 3 }, {}))], [1, 1])
})

test('texts that fall into ever new classes do not fill the memory, and are still told apart', () => {
  const letters = 'abcdefghijklmnop'
  const table = new TextTable()
  const compiled = rules(...[...letters].map((letter) => `dst.name ~ ${letter}`))
  for (let round = 0; round < 12; round++) {
    const names = Array.from(
      { length: 5000 },
      (_, k) => `${[...letters].filter((_, bit) => (((k * 13 + round * 5003) & 0xffff) >> bit) & 1).join('')}#`,
    )
    const batch = toBatch(names.map((dstName) => ({ ...flow, dstName })))
    const texts = Uint32Array.from(batch.texts('name'), (text) => table.add(text))
    for (const one of [batch, batch.with({}, { name: new TableTexts(table, texts) })]) {
      const first = compiled.bind(one)
      for (const [i, name] of names.entries()) assert.equal(first[i], name === '#' ? 0 : letters.indexOf(name[0]!) + 1)
    }
  }
})

test('what is known of a text of a table holds for the next batch, in other places and beside new texts', () => {
  const compiled = rules('dst.name = *.b.example', 'dst.name = a or src.name = a')
  const table = new TextTable()
  const first = (...names: string[]) => {
    const numbers = Uint32Array.from(['', ...names], (name) => table.add(name))
    const batch = toBatch(names.map((_, i) => ({ ...flow, srcPort: i })))
    const dstName = Uint16Array.from(names, (_, i) => i + 1)
    return [...compiled.bind(batch.with({ dstName }, { name: new TableTexts(table, numbers) }))]
  }
  assert.deepEqual(first('a', 'x.b.example', 'c'), [2, 1, 0])
  assert.deepEqual(first('c', 'x.b.example', 'b.example', 'a'), [0, 1, 0, 2])
  const many = Array.from({ length: 3000 }, (_, i) => (i % 2 === 0 ? `h${i}.b.example` : `h${i}`))
  assert.deepEqual(
    first(...many),
    many.map((_, i) => 1 - (i % 2)),
  )
  assert.deepEqual(first('a', ...many.slice(100, 102)), [2, 1, 0])
})

test('columns of unexpected array types are read all the same', () => {
  const batch = toBatch([1, 300, 5].map((dstPort) => ({ ...flow, dstPort, dstName: 'x' })))
  const wide = batch.with({ dstPort: Float64Array.of(1, 300, 70_000), dstName: Float32Array.of(1, 0, 1) }, {})
  assert.deepEqual([...rules('dst.port = 300', 'dst.name = x and dst.port > 1', 'dst.port < 5').bind(wide)], [3, 1, 2])
})

test('more filters than positions have bits are refused', () => {
  assert.throws(() => compileRules(Array.from({ length: RULES + 1 }, () => parse(''))), RangeError)
})
