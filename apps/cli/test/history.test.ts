// search, top and days export over an archive on disk, as they are typed.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { createTestHistory, type TestHistory } from '@netbehave/history/testing'
import type { Flow } from '@netbehave/schema'
import { runProgram } from '../src/program.ts'
import { type Result, runCommand, runInShell } from './command.ts'

const NOON_MS = Date.UTC(2026, 10, 24, 12)
const DAY_MS = 86_400_000

let archive: TestHistory
const run = (...args: string[]): Promise<Result> => runCommand([...args, '--data', archive.dataDir])
/** The shell runs `script` with the command as `$@`. */
const shell = (script: string, ...args: string[]) =>
  runInShell(
    script,
    args.includes('--data') || args.includes('--version') || args[0] === 'filter'
      ? args
      : [...args, '--data', archive.dataDir],
  )
const portsOf = ({ stdout }: Result) =>
  stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as Flow).srcPort)
    .sort((a, b) => a - b)

before(async () => {
  archive = await createTestHistory()
  await archive.add([
    { srcPort: 1, dstPort: 443, dstName: 'www.example.com', dstOrg: 'GOOGLE LLC', bytes: 100, packets: 1 },
    { srcPort: 2, dstPort: 53, protocol: 17, dstName: '=cmd()', bytes: 30, packets: 2, sampling: 10 },
    { srcPort: 3, dstPort: 53, protocol: 17, bytes: 20, packets: 3 },
  ])
  await archive.add([
    { srcPort: 4, dstPort: 443, dstName: 'www.example.com', bytes: 50, packets: 1, firstMs: NOON_MS + DAY_MS },
  ])
})
after(() => archive[Symbol.asyncDispose]())

test('search takes a filter in one word or several, before or after options, and options are and-ed to it', async () => {
  const found = async (...args: string[]) => portsOf(await run('search', '-o', 'json', ...args))
  const [oneWord, words, withSpace, either, both, named, all] = await Promise.all([
    found('dst.name=*.example.com and bytes<100'),
    found('dst.name=*.example.com', 'and', 'bytes<100'),
    found('dst.org="google llc"'),
    found('bytes=100 or bytes=50', '--protocol', 'tcp', '--port', 'https', '--src', '192.168.1.0/24'),
    found('bytes=100 or bytes=30', '--protocol', '17'),
    found('--port', '440..450', '--dst', '203.0.113.*'),
    found(),
  ])
  assert.deepEqual([oneWord, words, withSpace], [[4], [4], [1]])
  assert.deepEqual([either, both, named, all], [[1, 4], [2], [1, 4], [1, 2, 3, 4]])
})

test('counts are as exported, and say so where flows were sampled', async () => {
  const count = async (...args: string[]) => JSON.parse((await run('search', ...args)).stdout) as unknown
  const [plain, raw, scaled] = await Promise.all([
    count('--count', 'protocol=tcp'),
    count('--count'),
    count('--scaled', 'src.port in (2, 3)'),
  ])
  assert.deepEqual(plain, { flows: 2, bytes: 150, packets: 2 })
  assert.deepEqual(raw, { flows: 4, bytes: 200, packets: 7, sampledFlows: 1, scaled: false })
  assert.deepEqual(scaled, { flows: 2, bytes: 320, packets: 23, sampledFlows: 1, scaled: true })
})

test('top prints a table with shares, the sums of all, and what the counters are', async () => {
  const { code, stdout, stderr } = await run('top', 'dst.name', '-n', '2')
  assert.deepEqual([code, stderr], [0, ''])
  assert.deepEqual(stdout.split('\n'), [
    'DST.NAME         FLOWS  BYTES  PACKETS  % BYTES',
    'www.example.com      2  150 B        2     75.0',
    '=cmd()               1   30 B        2     15.0',
    '2 of 3 values; all that match: 4 flows, 200 B, 7 packets',
    'bytes and packets as exported, though 1 flow was sampled: --scaled multiplies',
    '',
  ])
  const scaled = await run('top', 'protocol,dst.port', '--scaled', '--by', 'packets')
  assert.match(scaled.stdout, /\nUDP +53 +2 +320 B +23 +92\.0\n/)
  assert.match(scaled.stdout, /scaled: times the sampling rate/)
})

test('top as JSON and as CSV has every sum, and cells that a spreadsheet would run are made harmless', async () => {
  const [json, csv] = await Promise.all([
    run('top', 'dst.name', '-o', 'json', '--by', 'flows', 'dst.port=53'),
    run('top', 'dst/domain', '-o', 'csv', '--scaled', 'dst.port=53'),
  ])
  assert.deepEqual(JSON.parse(json.stdout), {
    fields: ['dst.name'],
    by: 'flows',
    scaled: false,
    total: { flows: 2, bytes: 50, packets: 5, sampledFlows: 1 },
    values: 2,
    rows: [
      { 'dst.name': '=cmd()', flows: 1, bytes: 30, packets: 2, share: 0.5 },
      { 'dst.name': null, flows: 1, bytes: 20, packets: 3, share: 0.5 },
    ],
  })
  assert.equal(
    csv.stdout,
    "dst.name,flows,bytes_scaled,packets_scaled,share\n'=cmd(),1,300,20,0.937500\n,1,20,3,0.062500\n",
  )
})

test('top looks at the days of its span only', async () => {
  const from = new Date(NOON_MS + DAY_MS / 2).toISOString()
  const { stdout } = await run('top', 'src.port', '-o', 'json', '--from', from)
  const { total, rows } = JSON.parse(stdout) as { total: { flows: number }; rows: { 'src.port': number }[] }
  assert.deepEqual([total.flows, rows[0]!['src.port']], [1, 4])
  const backwards = await run('top', 'ip', '--from', '-1h', '--to', '-2h')
  assert.equal(backwards.code, 64)
})

test('a day is exported as far as a filter matches it', async () => {
  const file = join(archive.dataDir, 'dns.json')
  const { code, stdout } = await run('days', 'export', '2026-11-24', 'dst.port=dns', '--to', file)
  assert.deepEqual([code, stdout.includes(': 2 rows')], [0, true])
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  assert.deepEqual(lines.map((line) => (JSON.parse(line) as Flow).srcPort).sort(), [2, 3])
})

test('Ctrl-C ends search, count and top without a result, with the exit code of an interruption', async () => {
  for (const command of [['top', 'dst.name'], ['search', '--count'], ['search']]) {
    const stdout = new PassThrough()
    const stderr = new PassThrough()
    const environment = { env: {}, stdin: Readable.from([]), stdout, stderr, now: Date.now, stop: AbortSignal.abort() }
    assert.equal(await runProgram([...command, '--data', archive.dataDir], environment), 130, command.join(' '))
    assert.deepEqual([stdout.read(), stderr.read()], [null, null])
  }
})

test('on a terminal, and only there, a filter that may not be meant is hinted at', async () => {
  for (const isTTY of [true, false]) {
    const stdout = new PassThrough()
    const stderr = Object.assign(new PassThrough(), { isTTY })
    const environment = {
      env: {},
      stdin: Readable.from([]),
      stdout,
      stderr,
      now: Date.now,
      stop: new AbortController().signal,
    }
    const args = ['search', '--count', 'dst.name!=x', '--data', archive.dataDir]
    assert.equal(await runProgram(args, environment), 0)
    const told = String(stderr.read() ?? '')
    assert.equal(
      told,
      isTTY ? 'hint: dst.name != x passes over flows without dst.name; not dst.name = x has them too\n' : '',
    )
  }
})

test('a result that cannot be written is one sentence and exit code 74, whichever command it is', async () => {
  for (const command of ['search --count', 'search -o json', 'top dst.ip', 'days ls', 'filter fields', '--version']) {
    const { code, stderr } = await shell(`"$@" > /dev/full`, ...command.split(' '))
    assert.deepEqual([code, stderr], [74, 'netbehave: cannot write the result: the disk is full\n'], command)
  }
})

test('an export that finds no more room within a piece fails, and leaves nothing behind', async () => {
  await using large = await createTestHistory()
  await large.add(Array.from({ length: 600 }, (_, i) => ({ srcPort: i, dstName: 'x'.repeat(100) })))
  const to = join(large.dataDir, 'day.json')
  // Blocks of 512 bytes. Node takes SIGXFSZ for nothing, so that the write fails with EFBIG.
  const { code, stderr } = await shell(
    'ulimit -f 256; "$@"',
    'days',
    'export',
    '2026-11-24',
    '--to',
    to,
    '--data',
    large.dataDir,
  )
  assert.deepEqual([code, stderr], [74, `netbehave: cannot write ${to}: the file would be larger than is allowed\n`])
  assert.deepEqual(
    (await readdir(large.dataDir)).filter((name) => name.startsWith('day.')),
    [],
  )
})
