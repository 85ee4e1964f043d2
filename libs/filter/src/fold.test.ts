// Folding of letters as DuckDB has it, which compares texts in the archive.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import { fold } from './fold.ts'

/** Letters of Unicode 16 and 17 that DuckDB does not know yet. */
const NEWER_LETTERS = /[\u1c89\ua7cb-\ua7dc\u{10d50}-\u{10d65}\u{16ea0}-\u{16eb8}]/u

test('letters fold as DuckDB’s lower() folds them', async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '200MB' })
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(
    `SELECT chr(code) AS letter, lower(letter) AS folded FROM (SELECT unnest(range(1, 1114112))::INTEGER AS code)
     WHERE code NOT BETWEEN 55296 AND 57343 AND letter <> folded`,
  )
  const folded = new Map(reader.getRows() as [string, string][])
  assert.ok(folded.size > 1300)
  for (let code = 1; code < 0x110000; code++) {
    const letter = String.fromCodePoint(code)
    if ((code >= 0xd800 && code < 0xe000) || NEWER_LETTERS.test(letter)) continue
    if (fold(letter) !== (folded.get(letter) ?? letter)) assert.fail(`U+${code.toString(16)}`)
  }
  connection.closeSync()
  instance.closeSync()
})
