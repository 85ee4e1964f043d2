import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { openTestArchive } from '../src/testing.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

test('an archiver whose folder is taken says whose it is, and ends with 69', async () => {
  await using archive = await openTestArchive()
  const flags = ['--data-dir', archive.dataDir, '--broker-url', 'nats://127.0.0.1:9']
  const { code, stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...flags]).then(
    (output) => ({ code: 0, ...output }),
    (failed: { code: number; stdout: string; stderr: string }) => failed,
  )
  assert.equal(code, 69, stderr)
  assert.match(stdout + stderr, new RegExp(`another archiver \\(process ${process.pid}\\) works in ${archive.dataDir}`))
})
