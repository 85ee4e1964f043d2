import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import {
  type Migration,
  NewerDatabaseError,
  openDatabase,
  readMigrations,
  type SetAside,
  schemaVersion,
} from './index.ts'

const ONE: Migration[] = [{ version: 1, name: '001-a.sql', sql: 'CREATE TABLE a (x INTEGER) STRICT;' }]
const TWO: Migration[] = [...ONE, { version: 2, name: '002-b.sql', sql: 'ALTER TABLE a ADD COLUMN y TEXT;' }]

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netbehave-sqlite-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('a new database has write-ahead logging, foreign keys, a busy timeout and all migrations', () => {
  const db = openDatabase(join(directory, 'new', 'a.sqlite3'), TWO, { busyTimeoutMs: 1234 })
  assert.equal(db.pragma('journal_mode', { simple: true }), 'wal')
  assert.equal(db.pragma('synchronous', { simple: true }), 1)
  assert.equal(db.pragma('foreign_keys', { simple: true }), 1)
  assert.equal(db.pragma('busy_timeout', { simple: true }), 1234)
  assert.equal(schemaVersion(db), 2)
  db.prepare('INSERT INTO a VALUES (1, ?)').run('kept')
  db.close()
})

test('an older database keeps its rows and gets only the migrations that it lacks', () => {
  const path = join(directory, 'a.sqlite3')
  const old = openDatabase(path, ONE)
  old.exec('INSERT INTO a VALUES (7)')
  old.close()
  const db = openDatabase(path, TWO)
  assert.deepEqual(db.prepare('SELECT * FROM a').all(), [{ x: 7, y: null }])
  db.close()
})

test('a migration that fails leaves the database at the version it had', () => {
  const path = join(directory, 'a.sqlite3')
  openDatabase(path, ONE).close()
  const broken = [...ONE, { version: 2, name: '002-b.sql', sql: 'CREATE TABLE b (x); CREATE TABLE nonsense;' }]
  assert.throws(() => openDatabase(path, broken))
  const db = openDatabase(path, ONE)
  assert.equal(schemaVersion(db), 1)
  assert.deepEqual(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(), ['a'])
  db.close()
})

test('a database of a newer program is refused and not touched', () => {
  const path = join(directory, 'a.sqlite3')
  openDatabase(path, TWO).close()
  assert.throws(() => openDatabase(path, ONE), NewerDatabaseError)
})

test('migrations are read from numbered files; a gap or another name is an error', () => {
  const folder = join(directory, 'migrations')
  mkdirSync(folder)
  writeFileSync(join(folder, '001-first.sql'), 'SELECT 1;')
  assert.deepEqual(readMigrations(folder), [{ version: 1, name: '001-first.sql', sql: 'SELECT 1;' }])
  writeFileSync(join(folder, '003-third.sql'), 'SELECT 3;')
  assert.throws(() => readMigrations(folder), /003-third\.sql should have number 2/)
  writeFileSync(join(folder, 'notes.txt'), '')
  assert.throws(() => readMigrations(folder), /notes\.txt: migrations are named like/)
})

test('a file that is no database is set aside under a name of its own, with the reason, and a new one is begun', () => {
  const path = join(directory, 'a.sqlite3')
  writeFileSync(path, 'this is not a database, and long enough to be read as a header of one'.repeat(3))
  const asides: SetAside[] = []
  const db = openDatabase(path, ONE, { onSetAside: (aside) => asides.push(aside), now: () => 0 })
  assert.equal(schemaVersion(db), 1)
  db.close()
  assert.equal(asides[0]?.path, `${path}.damaged-1970-01-01T000000000Z`)
  assert.match(readFileSync(asides[0].path, 'utf8'), /^this is not a database/)
  assert.match(readFileSync(`${asides[0].path}.reason.txt`, 'utf8'), /not a database/)
})

/** Leaves rows behind in a process that is killed, so that the -wal file stays. */
function stopUncleanly(path: string): void {
  const program = `
    import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
    const db = openDatabase(${JSON.stringify(path)}, [{ version: 1, name: 'a', sql: 'CREATE TABLE a (x INTEGER) STRICT; CREATE INDEX a_x ON a (x);' }])
    const insert = db.prepare('INSERT INTO a VALUES (?)')
    db.transaction(() => { for (let i = 0; i < 20000; i++) insert.run(i) })()
    db.pragma('wal_checkpoint(PASSIVE)')
    insert.run(-1)
    process.kill(process.pid, 'SIGKILL')
  `
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', program])
  assert.equal(signal, 'SIGKILL')
  assert.ok(existsSync(`${path}-wal`))
}

test('committed rows are there after a process was killed', () => {
  const path = join(directory, 'a.sqlite3')
  stopUncleanly(path)
  const db = openDatabase(path, ONE, { onSetAside: () => assert.fail('an intact file was set aside') })
  assert.equal(db.prepare('SELECT count(*) FROM a').pluck().get(), 20_001)
  db.close()
})

test('damage inside the file is found at the start after an unclean stop', () => {
  const path = join(directory, 'a.sqlite3')
  stopUncleanly(path)
  const file = openSync(path, 'r+')
  writeSync(file, new Uint8Array(64 * 1024).fill(0xa5), 0, 64 * 1024, 64 * 1024)
  const asides: SetAside[] = []
  const db = openDatabase(path, ONE, { onSetAside: (aside) => asides.push(aside) })
  assert.equal(asides.length, 1)
  assert.equal(db.prepare('SELECT count(*) FROM a').pluck().get(), 0)
  db.close()
  assert.ok(readdirSync(directory).some((name) => name.includes('.damaged-') && name.endsWith('.reason.txt')))
})

test('a reader opens the file without changing it, and cannot write', () => {
  const path = join(directory, 'a.sqlite3')
  openDatabase(path, ONE).close()
  const reader = openDatabase(path, [], { readonly: true })
  assert.equal(reader.prepare('SELECT count(*) FROM a').pluck().get(), 0)
  assert.throws(() => reader.exec('INSERT INTO a VALUES (1)'), /readonly/)
  reader.close()
  assert.throws(() => openDatabase(join(directory, 'missing.sqlite3'), [], { readonly: true }))
})
