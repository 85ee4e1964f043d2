import assert from 'node:assert/strict'
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { LogFile, type LogPlace } from './log-file.ts'

function start(saved?: LogPlace) {
  const folder = mkdtempSync(join(tmpdir(), 'netbehave-log-'))
  const path = join(folder, 'dns.log')
  let nowMs = 1000
  const opened: LogFile[] = []
  const open = (place?: LogPlace) => {
    const log = new LogFile(
      path,
      place,
      () => (nowMs += 1000),
      (error) => assert.fail(error),
    )
    opened.push(log)
    return log
  }
  return {
    path,
    log: open(saved),
    open,
    async [Symbol.asyncDispose]() {
      for (const log of opened) await log.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Reads until there is nothing: the text, `|` where a file begins. */
async function readAll(log: LogFile): Promise<string> {
  let text = ''
  for (;;) {
    const piece = await log.read()
    if (piece.kind === 'idle') return text
    text += piece.kind === 'bytes' ? piece.bytes.toString() : '|'
  }
}
const placeOf = (text: string): LogPlace => ({ offset: text.length, before: Buffer.from(text.slice(-64)), inode: '' })

test('it waits for a log that is not there, and reads it as it grows', async () => {
  await using at = await Promise.resolve(start())
  assert.equal(await readAll(at.log), '')
  appendFileSync(at.path, 'one\n')
  assert.equal(await readAll(at.log), 'one\n')
  appendFileSync(at.path, 'two\nhal')
  appendFileSync(at.path, 'f\n')
  assert.equal(await readAll(at.log), 'two\nhalf\n')
})

test('a renamed log is read to its end, also what is written to it before the new one has anything', async () => {
  await using at = await Promise.resolve(start())
  writeFileSync(at.path, 'a1\n')
  assert.equal(await readAll(at.log), 'a1\n')
  renameSync(at.path, `${at.path}.1`)
  appendFileSync(`${at.path}.1`, 'a2\n')
  assert.equal(await readAll(at.log), 'a2\n')
  writeFileSync(at.path, '')
  appendFileSync(`${at.path}.1`, 'a3\n')
  assert.equal(await readAll(at.log), 'a3\n')
  appendFileSync(`${at.path}.1`, 'a4\n')
  appendFileSync(at.path, 'b1\n')
  assert.equal(await readAll(at.log), 'a4\n|b1\n')
  assert.equal(at.log.counters.rotations, 1)
})

test('a log that is cut is read from its beginning, and what was cut off is read from the copy', async () => {
  await using at = await Promise.resolve(start())
  writeFileSync(at.path, 'a1\na2\n')
  assert.equal(await readAll(at.log), 'a1\na2\n')
  truncateSync(at.path)
  assert.equal(await readAll(at.log), '|')
  appendFileSync(at.path, 'b1\nb2\nb3\n')
  assert.equal(await readAll(at.log), 'b1\nb2\nb3\n')
  // logrotate's copytruncate; more is written before we look.
  appendFileSync(at.path, 'b4\n')
  copyFileSync(at.path, `${at.path}.1`)
  truncateSync(at.path)
  appendFileSync(at.path, 'c1\n')
  assert.equal(await readAll(at.log), 'b4\n|c1\n')
  assert.equal(at.log.counters.truncations, 2)
})

test('a log that was cut and has grown past the place is not taken for the same', async () => {
  await using at = await Promise.resolve(start())
  writeFileSync(at.path, 'a1\na2\n')
  assert.equal(await readAll(at.log), 'a1\na2\n')
  writeFileSync(at.path, 'b1\nb2\nb3\nb4\n')
  assert.equal(await readAll(at.log), '|b1\nb2\nb3\nb4\n')
})

test('after a restart it goes on behind the place: in the log, in a renamed one, in several', async () => {
  await using at = await Promise.resolve(start())
  writeFileSync(at.path, 'a1\na2\n')
  assert.equal(await readAll(at.open(placeOf('a1\n'))), 'a2\n')
  renameSync(at.path, `${at.path}.1`)
  assert.equal(await readAll(at.open(placeOf('a1\n'))), 'a2\n', 'no new one yet')
  writeFileSync(at.path, 'b1\n')
  assert.equal(await readAll(at.open(placeOf('a1\n'))), 'a2\n|b1\n')
  renameSync(`${at.path}.1`, `${at.path}.2`)
  renameSync(at.path, `${at.path}.1`)
  writeFileSync(at.path, 'c1\n')
  const seconds = Date.now() / 1000
  utimesSync(`${at.path}.2`, seconds - 20, seconds - 20)
  utimesSync(`${at.path}.1`, seconds - 10, seconds - 10)
  writeFileSync(`${at.path}.bak`, 'not ours\n')
  assert.equal(await readAll(at.open(placeOf('a1\n'))), 'a2\n|b1\n|c1\n')
  assert.equal(await readAll(at.open(placeOf('b1\n'))), '|c1\n')
})

test('a log of which nothing was read yet is known again by its inode', async () => {
  await using at = await Promise.resolve(start())
  writeFileSync(at.path, '')
  assert.equal(await readAll(at.log), '')
  const nothing = { offset: 0, before: Buffer.alloc(0), inode: at.log.inode }
  appendFileSync(at.path, 'a1\n')
  assert.equal(await readAll(at.open(nothing)), 'a1\n')
  renameSync(at.path, `${at.path}.1`)
  writeFileSync(at.path, 'b1\n')
  assert.equal(await readAll(at.open(nothing)), 'a1\n|b1\n')
})

test('a place that is nowhere is counted, and the log is read from its beginning', async () => {
  await using at = await Promise.resolve(start())
  writeFileSync(at.path, 'a1\na2\n')
  const log = at.open(placeOf('xx\n'))
  assert.equal(await readAll(log), '|a1\na2\n')
  assert.equal(log.counters.lost, 1)
})

test('a file that cannot be read is told and tried again', async () => {
  await using at = await Promise.resolve(start())
  const errors: string[] = []
  const log = new LogFile(join(at.path, 'below-a-file'), undefined, Date.now, (error) => errors.push(error.message))
  writeFileSync(at.path, 'x')
  assert.deepEqual([(await log.read()).kind, errors.length, log.counters.errors], ['idle', 1, 1])
})
