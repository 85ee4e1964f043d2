// Bad input at each edge, as a user sees it: one clear sentence, the right exit code (sysexits.h), nothing left behind.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type CommandResult, runNetbehave } from '../src/run-netbehave.ts'

const EX_DATAERR = 65
const EX_NOINPUT = 66
const EX_UNAVAILABLE = 69
const EX_CANTCREAT = 73
const EX_CONFIG = 78

let dir = ''
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'netbehave-bad-input-'))
})
after(() => rm(dir, { recursive: true, force: true }))

const run = (...args: string[]) => runNetbehave(args, { cwd: dir })
const ADDRESSES = ['--listen', '127.0.0.1:0', '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0'] as const
const up = (...args: string[]) => run('up', '--data', join(dir, 'data'), ...ADDRESSES, ...args)

/** One line for people: names what is wrong, shows no stack. */
function assertSentence(result: CommandResult, code: number, words: RegExp): void {
  assert.equal(result.code, code, result.stderr)
  assert.ok(
    result.stderr.split('\n').some((line) => words.test(line)),
    result.stderr,
  )
  assert.doesNotMatch(result.stderr, /^\s+at .*:\d+:\d+\)?$/m, 'no stack')
  const said = result.stderr.split('\n').filter((line) => words.test(line))
  assert.equal(said.length, 1, `said once: ${result.stderr}`)
}

test('a capture that is not there is named', async () => {
  assertSentence(await run('decode', 'missing.pcap'), EX_NOINPUT, /missing\.pcap/)
})

test('a capture that breaks off in its header is named', async () => {
  await writeFile(join(dir, 'broken.pcap'), Buffer.from('a1b2c3d400020004', 'hex'))
  assertSentence(await run('decode', 'broken.pcap'), EX_DATAERR, /broken\.pcap/)
})

test('a file that holds no datagram is named', async () => {
  await writeFile(join(dir, 'letter.txt'), 'Dear reader, this is no capture at all.')
  const result = await run('decode', 'letter.txt')
  assertSentence(result, EX_DATAERR, /letter\.txt: no NetFlow or IPFIX datagram in it/)
  const summary = result.stderr.split('\n').find((line) => line.startsWith('{'))
  assert.deepEqual(JSON.parse(summary ?? '').problems, { 'unknown-version': 1 })
})

test('a UDP port in use is named, and nothing is left running', async () => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const address = `127.0.0.1:${socket.address().port}`
  const result = await run(
    ...['up', '--data', join(dir, 'data'), '--listen', address, '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0'],
  )
  socket.close()
  assertSentence(result, EX_UNAVAILABLE, new RegExp(`${address}: another program has this port`))
})

test('a broker port in use is named', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const result = await run(
    ...['up', '--data', join(dir, 'data'), '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0'],
    ...['--nats', `127.0.0.1:${port}`],
  )
  server.close()
  assertSentence(result, EX_UNAVAILABLE, new RegExp(String(port)))
})

test('a configuration key with a typing error is named, with the key that was meant', async () => {
  const file = join(dir, 'wrong.yaml')
  await writeFile(file, 'site: home\ncollector:\n  lisen: ["127.0.0.1:0"]\n')
  const result = await up('--config', file)
  assert.equal(result.code, EX_CONFIG, result.stderr)
  assert.match(result.stderr, /lisen.*listen/)
})

test('a data folder that cannot be made is named', async () => {
  await writeFile(join(dir, 'a-file'), '')
  const result = await run('up', '--data', join(dir, 'a-file', 'data'), ...ADDRESSES)
  assertSentence(result, EX_CANTCREAT, /a-file/)
})

test('an archiver whose folder cannot be made ends with one sentence and 73', async () => {
  const data = await mkdtemp(join(dir, 'archive-'))
  await writeFile(join(data, 'flows'), 'a file where a folder is wanted')
  const result = await run('up', '--data', data, ...ADDRESSES)
  assertSentence(result, EX_CANTCREAT, /the data folder cannot be written: .*--data-dir/)
})

test('a second copy on one data folder is refused with the first one named', async () => {
  const { startSystem } = await import('../src/system.ts')
  await using system = await startSystem()
  const result = await run('up', '--data', system.dataDir, ...ADDRESSES)
  assertSentence(result, EX_UNAVAILABLE, new RegExp(String(system.pid)))
  assert.deepEqual(await system.count(), { flows: 0, bytes: 0, packets: 0 }, 'the first is unharmed')
})

test('tail without a running copy says so', async () => {
  assertSentence(await run('tail', '--data', join(dir, 'nobody')), EX_UNAVAILABLE, /nobody/)
})

test('search in an empty folder finds nothing and makes nothing', async () => {
  const empty = await mkdtemp(join(dir, 'empty-'))
  const result = await run('search', '--count', '--data', empty)
  assert.deepEqual(JSON.parse(result.stdout), { flows: 0, bytes: 0, packets: 0 }, result.stderr)
  assert.deepEqual(await readdir(empty), [])
})
