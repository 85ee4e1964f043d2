import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findRunningCopy, readRunFile, removeRunFile, runFilePath, writeRunFile } from './run-file.ts'

const scratch = mkdtempSync(join(tmpdir(), 'netbehave-run-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const folder = () => mkdtempSync(join(scratch, 'case-'))
const content = { pid: process.pid, nats: 'nats://127.0.0.1:1', natsPid: 1, startedMs: 0, deaths: {} }

test('what up writes is found by the other commands until it is removed', () => {
  const dataDir = folder()
  assert.equal(findRunningCopy(dataDir), undefined)
  writeRunFile(dataDir, content)
  assert.deepEqual(findRunningCopy(dataDir), content)
  removeRunFile(dataDir)
  assert.equal(findRunningCopy(dataDir), undefined)
})

test('a copy that was killed is not running, but what it left can be read', () => {
  const dataDir = folder()
  const gone = { ...content, pid: 2 ** 22 + 1 } // above Linux's largest pid
  writeRunFile(dataDir, gone)
  assert.equal(findRunningCopy(dataDir), undefined)
  assert.deepEqual(readRunFile(dataDir), gone)
})

test('a damaged file is the same as none', () => {
  const dataDir = folder()
  writeRunFile(dataDir, content)
  for (const damaged of ['', '{"pid":', '{"pid":-1,"nats":"x","natsPid":1}', '[]', 'null']) {
    writeFileSync(runFilePath(dataDir), damaged)
    assert.equal(readRunFile(dataDir), undefined, damaged)
  }
})
