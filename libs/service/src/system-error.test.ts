import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { OperatorError } from './run-service.ts'
import { describeSystemError, fileExitCode } from './system-error.ts'

const fault = (code: string) => Object.assign(new Error(`${code}: as the system says it`), { code })

test('a file that cannot be made is 73, a disk that is full or broken 74, anything else has no code of its own', () => {
  for (const code of ['EACCES', 'EROFS', 'ENOTDIR', 'SQLITE_CANTOPEN', 'SQLITE_CANTOPEN_ISDIR'])
    assert.equal(fileExitCode(fault(code)), 73, code)
  for (const code of ['ENOSPC', 'EIO', 'SQLITE_FULL', 'SQLITE_IOERR_WRITE'])
    assert.equal(fileExitCode(fault(code)), 74, code)
  for (const error of [fault('EADDRINUSE'), new Error('ours'), undefined, 'text'])
    assert.equal(fileExitCode(error), undefined)
})

test('a sentence for the operator has the exit code of its cause, unless it names one', () => {
  assert.equal(new OperatorError('x', { cause: fault('EACCES') }).exitCode, 73)
  assert.equal(new OperatorError('x', { cause: fault('ENOSPC') }).exitCode, 74)
  assert.equal(new OperatorError('x', { cause: fault('EACCES'), exitCode: 78 }).exitCode, 78)
  assert.equal(new OperatorError('x').exitCode, 1)
})

test("the system's own errors are told in words", () => {
  try {
    readFileSync('/nowhere')
  } catch (error) {
    assert.equal(describeSystemError(error), 'there is no such file or folder')
  }
  assert.equal(describeSystemError(fault('EWHATEVER')), 'EWHATEVER: as the system says it')
})
