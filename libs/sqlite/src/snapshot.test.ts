import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkIntegrity, openDatabase, schemaVersion, snapshotDatabase } from './index.ts'

const ONE = [{ version: 1, name: '001-a.sql', sql: 'CREATE TABLE a (x INTEGER) STRICT; PRAGMA application_id = 77;' }]

test('a snapshot holds what was committed, with versions and marks, while a writer is in the middle of more', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netbehave-snapshot-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const writer = openDatabase(join(directory, 'a.sqlite3'), ONE)
  writer.exec('INSERT INTO a VALUES (1); BEGIN IMMEDIATE; INSERT INTO a VALUES (2)')
  const to = join(directory, 'copy.sqlite3')
  snapshotDatabase(join(directory, 'a.sqlite3'), to)
  writer.exec('COMMIT')
  writer.close()
  const copy = openDatabase(to, [], { readonly: true })
  assert.deepEqual(copy.prepare('SELECT x FROM a').pluck().all(), [1])
  assert.equal(schemaVersion(copy), 1)
  assert.equal(copy.pragma('application_id', { simple: true }), 77)
  assert.equal(checkIntegrity(copy), 'ok')
  copy.close()
  assert.throws(() => snapshotDatabase(join(directory, 'none.sqlite3'), join(directory, 'b')), /unable to open/)
  assert.ok(!existsSync(join(directory, 'b')))
})
