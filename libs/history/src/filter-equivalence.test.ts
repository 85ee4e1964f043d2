// The filter language's predicate over a batch and its SQL over our columns, in a real DuckDB, on random flows and filters.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { blobValue, type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { compile, compileRules, FilterError, parse, type SqlParameter, toSql, tryParse } from '@netbehave/filter'
import { archiveValue, filterTexts, flows, type PlainFlow, toBatch } from '@netbehave/filter/testing'
import type { ColumnName } from '@netbehave/schema'
import fc from 'fast-check'
import { PARQUET_COLUMNS } from './layout.ts'

let instance: DuckDBInstance
let connection: DuckDBConnection

before(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '200MB' })
  connection = await instance.connect()
})
after(() => {
  connection.closeSync()
  instance.closeSync()
})

const bindable = (value: SqlParameter | null): DuckDBValue => (value instanceof Uint8Array ? blobValue(value) : value)

/** A table with the archive's columns, a row a flow, numbered from 0 in `i`. */
async function fillTable(all: readonly PlainFlow[], site: string): Promise<void> {
  const columns = PARQUET_COLUMNS.map(({ name, type }) => `${name} ${type}`)
  await connection.run(`CREATE OR REPLACE TABLE flow (i INTEGER, ${columns.join(', ')})`)
  const row = `(${['?', ...PARQUET_COLUMNS.map(({ type }) => `?::${type}`)].join(', ')})`
  const params = all.flatMap((flow, i) => [
    i,
    ...PARQUET_COLUMNS.map(({ column, part }) =>
      column === 'site' ? site || null : bindable(archiveValue(flow, column as ColumnName, part)),
    ),
  ])
  if (all.length > 0) await connection.run(`INSERT INTO flow VALUES ${all.map(() => row).join(', ')}`, params)
}

async function matchedBySql(text: string): Promise<number[]> {
  const { sql, params } = toSql(parse(text))
  const reader = await connection.runAndReadAll(`SELECT i FROM flow WHERE ${sql} ORDER BY i`, params.map(bindable))
  return reader.getRows().map(([i]) => i as number)
}

test('the predicate and the SQL of a filter match the same flows', async () => {
  let compared = 0
  let matches = 0
  await fc.assert(
    fc.asyncProperty(
      flows,
      fc.constantFrom('home', ''),
      fc.array(filterTexts, { minLength: 25, maxLength: 40 }),
      async (all, site, texts) => {
        const batch = toBatch(all, site)
        await fillTable(all, site)
        const good = texts.filter((text) => !(tryParse(text) instanceof FilterError))
        const first = compileRules(good.map((text) => parse(text))).bind(batch)
        const expectedFirst = new Uint16Array(all.length)
        for (const [position, text] of good.entries()) {
          const predicate = compile(parse(text)).bind(batch)
          const byPredicate = all.flatMap((_, i) => (predicate(i) ? [i] : []))
          const bySql = await matchedBySql(text)
          assert.deepEqual(byPredicate, bySql, `filter ${text}`)
          for (const i of bySql) expectedFirst[i] ||= position + 1
          compared++
          matches += bySql.length
        }
        assert.deepEqual(first, expectedFirst, 'the first filter of the list that matches each flow')
      },
    ),
    { numRuns: 40 },
  )
  assert.ok(compared > 1000 && matches > 1000, `${compared} filters that are none too strict were compared`)
})
