import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { checkedVersion } from './checked-binaries.mjs'
import { findNatsServer, installNatsServer, sayFound } from './nats-server.mjs'
import { StepError } from './say.mjs'
import { makePartial, placeTool } from './tools-dir.mjs'

const directory = mkdtempSync(join(tmpdir(), 'netbehave-tools-'))
after(() => rmSync(directory, { recursive: true }))

/** A program that prints this version, and leaves a trace of having been run. @param {string} at @param {string} version */
function makeProgram(at, version) {
  writeFileSync(at, `#!/bin/sh\necho run >> ${at}.runs\necho "nats-server: v${version}"\n`)
  chmodSync(at, 0o755)
  return at
}

/** @param {string} name */
function makeDirectory(name) {
  return makePartial(directory, name)
}

test('a nats-server on PATH that is too old is passed over for a newer one', async () => {
  const old = makeDirectory('old')
  const good = makeDirectory('good')
  makeProgram(join(old, 'nats-server'), '2.9.10')
  makeProgram(join(good, 'nats-server'), '2.10.27')
  assert.equal(await findNatsServer(join(directory, 'none'), { PATH: `${old}:${good}` }), join(good, 'nats-server'))
  assert.equal(await findNatsServer(join(directory, 'none'), { PATH: old }), undefined)
})

test('NATS_SERVER_BIN that does not work is an error that names it, not a search for another', async () => {
  const broken = join(directory, 'no-such-file')
  await assert.rejects(findNatsServer(directory, { NATS_SERVER_BIN: broken, PATH: '' }), (error) => {
    assert(error instanceof StepError)
    assert.match(error.message, /NATS_SERVER_BIN=.*no-such-file is not a working nats-server 2\.10 or newer/)
    return true
  })
})

/** What is said on stderr meanwhile. @param {import('node:test').TestContext} t @param {() => Promise<unknown>} work */
async function saidBy(t, work) {
  const write = t.mock.method(process.stderr, 'write', () => true)
  await work().finally(() => write.mock.restore())
  return write.mock.calls.map((call) => String(call.arguments[0]))
}

test('where the nats-server comes from is said, and why another way failed', async (t) => {
  const tools = makeDirectory('ways')
  const binary = makeProgram(join(tools, 'nats-server'), '2.10.27')
  const fails = async () => ({ reason: 'nats-server 9 could not be downloaded (HTTP 404)' })
  const brings = async () => ({ binary, origin: 'the package of a suite' })
  assert.deepEqual(await saidBy(t, () => installNatsServer(tools, [fails, brings])), [
    'netbehave: nats-server 9 could not be downloaded (HTTP 404): trying another way\n',
    'netbehave: using nats-server 2.10.27: the package of a suite, now in .tools\n',
  ])
  assert.deepEqual(await saidBy(t, () => sayFound(tools, binary, {})), [
    `netbehave: using nats-server 2.10.27: ${binary}, found on PATH\n`,
  ])
  assert.deepEqual(await saidBy(t, () => sayFound(tools, binary, { NATS_SERVER_BIN: binary })), [
    `netbehave: using nats-server 2.10.27: ${binary}, named by NATS_SERVER_BIN\n`,
  ])
  await assert.rejects(
    saidBy(t, () => installNatsServer(tools, [fails])),
    /no nats-server could be brought/,
  )
})

test('a binary is run once, and again only when the file has changed', async () => {
  const tools = makeDirectory('cache')
  const program = makeProgram(join(tools, 'program'), '2.10.1')
  const runs = () => readFileSync(`${program}.runs`, 'utf8').length / 'run\n'.length
  assert.deepEqual(await checkedVersion(tools, program), [2, 10, 1])
  assert.deepEqual(await checkedVersion(tools, program), [2, 10, 1])
  assert.equal(runs(), 1)
  makeProgram(program, '2.12.75')
  assert.deepEqual(await checkedVersion(tools, program), [2, 12, 75])
  assert.equal(runs(), 2)
})

test('a tool takes its place whole if it runs, and replaces the one before', async () => {
  const tools = makeDirectory('place')
  for (const version of ['2.10.1', '2.12.7']) {
    const partial = makePartial(tools, 'nats-server')
    makeProgram(join(partial, 'nats-server'), version)
    assert.equal(
      await placeTool(tools, 'nats-server', partial, 'nats-server', [2, 10]),
      join(tools, 'bin', 'nats-server'),
    )
    assert.equal(existsSync(partial), false)
  }
  assert.match(readFileSync(join(tools, 'bin', 'nats-server'), 'utf8'), /2\.12\.7/)
})

test('a tool that does not run here leaves nothing behind', async () => {
  const tools = makeDirectory('refuse')
  const partial = makePartial(tools, 'nats-server')
  writeFileSync(join(partial, 'nats-server'), 'not a program', { mode: 0o755 })
  assert.equal(await placeTool(tools, 'nats-server', partial, 'nats-server', [2, 10]), undefined)
  assert.equal(existsSync(partial), false)
  assert.equal(existsSync(join(tools, 'bin', 'nats-server')), false)
})
